"""Cards taken in the console in lines: the same queue, the same decisions."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say
from tests.linear.test_linear import Person
from tests.review.conftest import PIN
from tests.review.test_story import drawn, typed


def test_cards_are_taken_in_lines_and_what_they_say_is_told(archive: Path, run: str, say: Say) -> None:
    person = Person(archive)
    assert person.says("v", "q") == 0
    assert "No queue is drawn yet: medic-console review new NAME RUN." in person.told
    first, second, third, *_ = drawn(archive, run, say)
    add_reviewer(archive, "Ada", PIN)
    person = Person(archive)
    answers = [typed(first, "YES"), typed(second, "NO")]
    assert person.says("v", "1", "t", "Ada", PIN, *answers, "back", "q") == 0
    said = person.told
    assert "q: 0 of " in said and "A card is answered by letters on a line; back or quit leaves." in said
    for card in (first, second, third):
        assert card.question in said
    assert "cards are left." in said
    with closing(ReviewReader(archive)) as reader:
        decided = {one.position for one in reader.decisions("q")}
    assert decided == {first.position, second.position}
    person = Person(archive)
    person.says("v", "1", "t", "Nobody", "q")
    assert "Nobody" in person.told and "Ada" in person.told


def test_a_wrong_pin_takes_no_card(archive: Path, run: str, say: Say) -> None:
    drawn(archive, run, say)
    add_reviewer(archive, "Ada", PIN)
    person = Person(archive)
    assert person.says("v", "1", "t", "Ada", "0000", "q") == 0
    assert "PIN" in person.told and " of 40 " not in person.told.split("PIN: ")[-1]
    with closing(ReviewReader(archive)) as reader:
        assert not reader.decisions("q")


def test_a_queue_that_nobody_has_read_says_so_and_no_more(archive: Path, run: str, say: Say) -> None:
    drawn(archive, run, say)
    out = say("review", "report", "q", "--archive", archive)[1]
    assert "0 of 40 cards decided" in out and "Nobody has decided a card yet" in out and "0 of 0" not in out
