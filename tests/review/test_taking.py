"""Who is offered which cards: first and second readers, cards left halfway, differences of others."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.reviews import CardRow, DecisionRow, ReviewStore
from medic_console.console.app import MedicConsole
from medic_console.console.review.sitting import sitting_of
from medic_console.review.cards import spoken
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from medic_console.review.standing import standings
from medic_console.review.taking import differences
from tests.conftest import Say, document, refused
from tests.console.conftest import TASKS, press, screen_text, settle
from tests.review.conftest import PIN, Typist
from tests.review.test_console import sign_in
from tests.review.test_story import KEYS, drawn, read


@pytest.fixture
def people(archive: Path) -> dict[str, int]:
    for name in ("Ada", "Ben", "Cleo"):
        add_reviewer(archive, name, PIN)
    with closing(ReviewReader(archive)) as reader:
        return {name: reader.reviewer(name).id for name in ("Ada", "Ben", "Cleo")}


def test_who_came_by_a_packet_is_never_the_first_reader(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int], tmp_path: Path
) -> None:
    drawn(archive, run, say, "--second", "20")
    file = tmp_path / "cards.json"
    assert say("review", "packet", "q", "--for", "Ben", "--out", file, "--archive", archive)[0] == 0
    assert types([PIN, "q"], "review", "take", "--packet", file, "--as", "Ben")[0] == 0
    assert say("review", "merge", file, "--archive", archive)[0] == 0
    assert "7 cards." in read(archive, types, "Ben", []), "the second cards only, without the one in the packet"
    assert "40 cards." in read(archive, types, "Ada", ["q", "z"])
    assert "8 cards." in read(archive, types, "Cleo", ["q"]), "what Ada took back does not hand her role on"
    assert "40 cards." in read(archive, types, "Ada", [])


def test_a_card_left_halfway_is_offered_again_where_it_stopped(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int]
) -> None:
    card = drawn(archive, run, say)[0]
    other = "NO" if card.said != "NO" else "IDK"
    read(archive, types, "Ada", ["c see above", KEYS[other]])
    told = say("review", "report", "q", "--archive", archive)[1]
    assert "1 answer incomplete: 1 without a reason, 1 without a severity." in told
    assert document(say("review", "report", "q", "--archive", archive, "--json"))["lacking"] == 1
    out = read(archive, types, "Ada", ["k2"])
    assert "40 cards." in out and f"You answered {other} before" in out and "Why do you differ?" in out
    assert "39 cards are left." in out and "39 cards." in read(archive, types, "Ada", [])
    with closing(ReviewReader(archive)) as reader:
        (one,) = reader.decisions("q")
    assert (one.answer, one.reason, one.severity, one.comment) == (other, "clinical knowledge", 2, "see above")
    assert document(say("review", "report", "q", "--archive", archive, "--json"))["lacking"] == 0


def test_a_card_of_a_packet_left_halfway_is_offered_again(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int], tmp_path: Path
) -> None:
    drawn(archive, run, say)
    file = tmp_path / "cards.json"
    assert say("review", "packet", "q", "--for", "Ben", "--out", file, "--archive", archive)[0] == 0
    words = ("review", "take", "--packet", file, "--as", "Ben")
    types([PIN, "n"], *words)
    code, out, err = types([PIN, "1"], *words)
    assert code == 0 and "You answered NO before" in out and "39 cards are left." in out, err


def test_only_ones_own_differences_are_left_out(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int]
) -> None:
    first, second, *_ = [card.position for card in drawn(archive, run, say)]
    with closing(ReviewStore(archive)) as store:
        for position, pair in ((first, ("Ada", "Ben")), (second, ("Ada", "Cleo"))):
            for name, answer in zip(pair, ("unsure", "bad question"), strict=True):
                store.decide(DecisionRow("q", position, people[name], answer))
    with closing(ReviewReader(archive)) as reader:
        cleo = reader.reviewer("Cleo")
    sitting = sitting_of(_Context(archive), "q", cleo, settle=True)  # type: ignore[arg-type]
    assert [card.position for card in sitting.cards] == [first] == list(sitting.said)
    assert sitting.left_out.startswith("1 difference left out: Cleo is one of the readers.")
    refused(types([PIN], "review", "adjudicate", "q", "--as", "Ada", "--archive", archive), "Ada is one of the readers")
    code, out, err = types([PIN, "q"], "review", "adjudicate", "q", "--as", "Cleo", "--archive", archive)
    assert code == 0 and "1 difference left out: Cleo" in out and "1 difference." in out, err
    with closing(ReviewReader(archive)) as reader:
        assert [one.position for one in reader.decisions("q") if one.adjudicates] == [first]


def differ(archive: Path, card: CardRow, people: dict[str, int]) -> None:
    """Ada finds something that could kill, Ben nothing."""
    with closing(ReviewStore(archive)) as store:
        store.decide(
            DecisionRow("q", card.position, people["Ada"], "NO", "negation", 3),
            DecisionRow("q", card.position, people["Ben"], "YES", "paraphrase"),
        )


def told_of(archive: Path, say: Say) -> tuple[int, int, int]:
    """Return the settled and open cards of a queue, and how many differ in the list of queues."""
    said = document(say("review", "report", "q", "--archive", archive, "--json"))
    with closing(ReviewReader(archive)) as reader:
        (standing,) = standings(reader)
        assert len(differences(reader.queue("q"), reader.decisions("q"))) == standing.differing
    return said["settled"], said["open"], standing.differing


def test_a_difference_is_settled_when_each_part_of_it_is(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int]
) -> None:
    card = next(one for one in drawn(archive, run, say) if one.said == "IDK")
    differ(archive, card, people)

    def settles(lines: list[str], name: str = "Cleo") -> str:
        code, out, err = types([PIN, *lines], "review", "adjudicate", "q", "--as", name, "--archive", archive)
        assert code == 0, err
        return out

    assert told_of(archive, say) == (0, 1, 1)
    settles(["n"])
    assert told_of(archive, say) == (0, 1, 1), "the answer, without reason and severity"
    out = settles(["k"])
    assert "1 difference." in out and "You answered NO before" in out and "Why do you differ?" in out
    assert told_of(archive, say) == (0, 1, 1), "nor is it settled without its severity"
    assert "Why do you differ?" in settles([]), "a reason counts together with the severity"
    settles(["k1"])
    assert told_of(archive, say) == (1, 0, 0) and "0 differences." in settles([])
    said = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert said["severities"] == {"none": 0, "minor": 1, "could harm": 0, "could kill": 0}, "what settled it counts"


@pytest.mark.parametrize("key", ["?", "x"])
def test_who_is_unsure_settles_no_difference(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int], key: str
) -> None:
    add_reviewer(archive, "Dora", PIN)
    card = next(one for one in drawn(archive, run, say) if one.said == "YES")
    differ(archive, card, people)
    for name, line, expected in (("Cleo", key, (0, 1, 1)), ("Dora", "y", (1, 0, 0))):
        code, out, _ = types([PIN, line], "review", "adjudicate", "q", "--as", name, "--archive", archive)
        assert code == 0 and "1 difference." in out, "it is still open, for anybody"
        assert told_of(archive, say) == expected


def test_what_one_reader_escalated_is_for_somebody_else(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int]
) -> None:
    first, second = drawn(archive, run, say)[:2]
    with closing(ReviewStore(archive)) as store:
        said = DecisionRow("q", first.position, people["Ada"], "escalated", comment="not my field")
        store.decide(said, DecisionRow("q", second.position, people["Ada"], "unsure"))
    assert told_of(archive, say) == (0, 2, 1), "who is unsure asks nobody"
    refused(types([PIN], "review", "adjudicate", "q", "--as", "Ada", "--archive", archive), "one of the readers")
    code, out, _ = types(
        [PIN, KEYS[first.said] + "1"], "review", "adjudicate", "q", "--as", "Cleo", "--archive", archive
    )
    assert code == 0 and "reader A: escalated, remark: not my field" in out
    assert told_of(archive, say) == (1, 1, 0)


class _Context:
    """All that a sitting asks of the console."""

    def __init__(self, archive: Path) -> None:
        self.archive = archive


async def test_the_console_asks_only_what_is_missing_of_a_card_left_halfway(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int]
) -> None:
    card = drawn(archive, run, say)[0]
    other = "NO" if card.said != "NO" else "IDK"
    read(archive, types, "Ada", [KEYS[other]])
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "t", "Ada")
        text = screen_text(app)
        assert "Card 1 of 40" in text and f"you: {spoken(other)}" in text and "Why do you differ?" in text
        await press(pilot, "k", "2")
        assert "Card 2 of 40" in screen_text(app)
    with closing(ReviewReader(archive)) as reader:
        assert [(one.reason, one.severity) for one in reader.decisions("q")] == [("clinical knowledge", 2)]


async def test_the_console_asks_only_what_is_missing_of_a_difference_settled_halfway(
    archive: Path, run: str, say: Say, types: Typist, people: dict[str, int]
) -> None:
    card = next(one for one in drawn(archive, run, say) if one.said == "NO")
    differ(archive, card, people)
    types([PIN, "n"], "review", "adjudicate", "q", "--as", "Cleo", "--archive", archive)
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        await sign_in(pilot, "d", "Cleo")
        assert "you: NO" in screen_text(app) and "How bad is it for the patient?" in screen_text(app)
        await press(pilot, "2")
        assert "No card is left" in screen_text(app)
    assert told_of(archive, say) == (1, 0, 0)
