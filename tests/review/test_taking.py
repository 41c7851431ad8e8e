"""Who is offered which cards: first and second readers, cards left halfway, differences of others."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.reviews import DecisionRow, ReviewStore
from medic_console.console.app import MedicConsole
from medic_console.console.review.card import sitting_of
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
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
    assert "1 finding without a severity or a reason." in told
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
    assert code == 0 and "1 difference left out: Cleo" in out and "1 differences." in out, err
    with closing(ReviewReader(archive)) as reader:
        assert [one.position for one in reader.decisions("q") if one.adjudicates] == [first]


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
        assert "Card 1 of 40" in text and f"you: {other}" in text and "Why do you differ?" in text
        await press(pilot, "k", "2")
        assert "Card 2 of 40" in screen_text(app)
    with closing(ReviewReader(archive)) as reader:
        assert [(one.reason, one.severity) for one in reader.decisions("q")] == [("clinical knowledge", 2)]
