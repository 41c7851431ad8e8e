"""What can go wrong around a queue: its run is gone, the clock goes back, the judge answers anew, the power fails."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from medic_console.archive import reviews
from medic_console.archive.reviews import UNDO, DecisionRow, PacketEntry, RatedRow, ReviewStore
from medic_console.archive.verify import verify
from medic_console.console.app import MedicConsole
from medic_console.core.errors import ArchiveError
from medic_console.review.beside import beside
from medic_console.review.findings import CONFIRMED, NONE, findings
from medic_console.review.reader import ReviewReader
from medic_console.review.reviewers import add_reviewer
from tests.conftest import Say, document, refused
from tests.console.conftest import TASKS, press, screen_text, settle
from tests.review.conftest import PIN, Typist
from tests.review.test_console import sign_in
from tests.review.test_pictures import decided
from tests.review.test_story import drawn, read


def changed(archive: Path, *statements: str) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for one in statements:
            connection.execute(one)


async def test_a_queue_whose_run_was_deleted_leaves_its_cards_out_and_keeps_its_figures(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    add_reviewer(archive, "Ada", PIN)
    decided(archive, drawn(archive, run, say)[:20], 1, 12.0, 7)
    before = document(say("review", "report", "q", "--archive", archive, "--json"))
    tables = ("scores", "calls", "run_items", "run_tasks", "run_models", "sittings")
    changed(archive, *(f"DELETE FROM {table} WHERE run = '{run}'" for table in tables if table != "sittings"))
    changed(archive, f"DELETE FROM sittings WHERE run = '{run}'", f"DELETE FROM runs WHERE id = '{run}'")
    out = read(archive, types, "Ada", ["y"])
    assert out.count("is left out") == 20 and "No card is left." in out
    after = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert {k: v for k, v in after.items() if k != "head"} == {k: v for k, v in before.items() if k != "head"}
    assert not verify(archive).holds
    app = MedicConsole(archive, tasks=TASKS)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "R")
        assert "20 of 40" in screen_text(app)
        await sign_in(pilot, "t", "Ada")
        assert "No card is left" in screen_text(app)


def test_a_clock_that_was_set_back_changes_no_order(
    archive: Path, run: str, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_reviewer(archive, "Ada", PIN)
    drawn(archive, run, say)
    for time, answer in (("2026-03-02T10:00:00+00:00", "NO"), ("2001-01-01T00:00:00+00:00", "YES")):
        monkeypatch.setattr(reviews, "now", lambda time=time: time)
        with closing(ReviewStore(archive)) as store:
            store.decide(DecisionRow("q", 0, 1, answer))
    with closing(ReviewReader(archive)) as reader:
        assert [one.answer for one in reader.decisions("q")] == ["YES"], "the later entry counts"
    assert verify(archive).holds


def test_what_a_judge_says_anew_is_no_card_that_was_drawn(archive: Path, run: str, say: Say, types: Typist) -> None:
    add_reviewer(archive, "Ada", PIN)
    cards = drawn(archive, run, say)
    decided(archive, cards, 1, 12.0, 1_000)
    card = next(one for one in cards if one.said == "NO")
    with closing(ReviewReader(archive)) as reader:
        settled = sum(one.cards for one in beside(reader, run))
        assert [one.state for one in findings(reader, [run]) if one.question.part == card.part].count(CONFIRMED)
    side, _, number = card.part.partition("-")
    changed(
        archive,
        f"UPDATE cef_questions SET predicted = 'IDK' WHERE direction = '{side}' AND position = {int(number)} AND "
        "score = "
        f"(SELECT id FROM scores WHERE run = '{run}' AND item = '{card.item}' AND candidate = '{card.candidate}')",
    )
    with closing(ReviewReader(archive)) as reader:
        (found,) = [
            one
            for one in findings(reader, [run])
            if (one.question.item, one.question.candidate, one.question.part) == (card.item, card.candidate, card.part)
        ]
        assert (found.question.said, found.state) == ("IDK", NONE), "nobody reviewed what the judge says now"
        assert sum(one.cards for one in beside(reader, run)) == settled - 1
        assert reader.queue("q").cards[card.position] == card, "the queue stays as it was drawn"


class Failing:
    """A connection whose power fails after some statements."""

    def __init__(self, real: Any, left: int) -> None:
        self._real, self._left = real, left

    def execute(self, *given: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR
            raise error
        return self._real.execute(*given)

    def __enter__(self) -> Any:
        return self._real.__enter__()

    def __exit__(self, *given: Any) -> Any:
        return self._real.__exit__(*given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_power_that_fails_after_any_statement_leaves_decision_and_entry_or_neither(
    archive: Path, run: str, say: Say
) -> None:
    add_reviewer(archive, "Ada", PIN)
    drawn(archive, run, say)
    stored, failed = 0, 0
    for statements in range(14):
        with closing(ReviewStore(archive)) as store:
            store._db.conn = Failing(store._db.conn, statements)  # type: ignore[assignment]
            try:
                store.decide(DecisionRow("q", statements, 1, "YES"))
                stored += 1
            except (ArchiveError, sqlite3.Error):
                failed += 1
        found = verify(archive)
        assert found.holds and found.checked["decision"] == stored
    assert stored and failed


@pytest.mark.parametrize("work", ["queue", "merge", "import", "reviewer"])
def test_power_that_fails_after_any_statement_leaves_all_of_a_piece_of_work_or_nothing(
    archive: Path, run: str, say: Say, work: str
) -> None:
    add_reviewer(archive, "Ada", PIN)
    card = drawn(archive, run, say)[0]

    def do(store: ReviewStore) -> None:
        if work == "queue":
            store.add_queue("other", {"runs": [run], "order": "random"}, [card])
        elif work == "merge":
            said, undo = DecisionRow("q", 0, 1, "YES"), DecisionRow("q", 0, 1, "", action=UNDO)
            store.merge("digest", "q", [PacketEntry(said, "a"), PacketEntry(undo, "b", "a")])
        elif work == "import":
            store.add_rated("other", {"runs": [run], "order": "imported"}, [card], [RatedRow(0, "x", "NO", 2, "")], "d")
        else:
            store.add_reviewer("Ben", "aa", "bb")

    before, failed, statements = counted(archive), 0, 0
    while counted(archive) == before:
        with closing(ReviewStore(archive)) as store:
            store._db.conn = Failing(store._db.conn, statements)  # type: ignore[assignment]
            try:
                do(store)
            except (ArchiveError, sqlite3.Error):
                failed += 1
                assert counted(archive) == before, f"nothing is left after {statements} statements"
        statements += 1
        assert statements < 60
    assert failed > 3 and verify(archive).holds


def counted(archive: Path) -> list[int]:
    with closing(sqlite3.connect(archive)) as connection:
        tables = ("queues", "queue_cards", "decisions", "reviewers", "ledger")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


def test_a_queue_whose_texts_were_forgotten_shows_no_card_and_keeps_its_figures(
    archive: Path, run: str, say: Say, types: Typist
) -> None:
    add_reviewer(archive, "Ada", PIN)
    decided(archive, drawn(archive, run, say)[:20], 1, 12.0, 7)
    before = document(say("review", "report", "q", "--archive", archive, "--json"))
    code, _, err = say("archive", "forget", run, "--texts", "--by", "Ada", "--archive", archive)
    assert code == 0, err
    out = read(archive, types, "Ada", ["y"])
    assert out.count("is left out") == 20 and "No card is left." in out
    after = document(say("review", "report", "q", "--archive", archive, "--json"))
    assert {k: v for k, v in after.items() if k != "head"} == {k: v for k, v in before.items() if k != "head"}
    found = verify(archive)
    assert found.holds and found.checked["decision"] == 20


def test_texts_that_were_forgotten_go_into_no_packet_or_queue_and_a_packet_that_is_out_still_comes_home(
    archive: Path, run: str, say: Say, types: Typist, tmp_path: Path
) -> None:
    add_reviewer(archive, "Ben", PIN)
    drawn(archive, run, say, "--second", "10")
    file, other, at = tmp_path / "cards.json", tmp_path / "other.json", ("--archive", archive)
    assert say("review", "packet", "q", "--for", "Ben", "--out", file, *at)[0] == 0
    assert say("archive", "forget", run, "--texts", "--by", "Ada", *at)[0] == 0
    refused(say("review", "packet", "q", "--for", "Ben", "--out", other, *at), "No packet is made: card ")
    code, _, err = say("review", "new", "again", run, *at)
    assert code == 2 and "were forgotten by Ada" in err and not other.exists()
    with closing(ReviewReader(archive)) as reader:
        assert [one.name for one in reader.queues()] == ["q"]
    types([PIN, "q", "q"], "review", "take", "--packet", file, "--as", "Ben")
    code, out, err = say("review", "merge", file, *at)
    assert code == 0 and "2 decisions of Ben merged" in out, err
    assert verify(archive).holds


def test_two_reviewers_who_decide_at_once_lose_nothing(archive: Path, run: str, say: Say) -> None:
    for name in ("Ada", "Ben"):
        add_reviewer(archive, name, PIN)
    cards = drawn(archive, run, say)
    together = Barrier(2)

    def decide(person: int) -> None:
        with closing(ReviewStore(archive)) as store:
            together.wait(10)
            for card in cards:
                store.decide(DecisionRow("q", card.position, person, "YES"))

    people = [Thread(target=decide, args=(person,)) for person in (1, 2)]
    for one in people:
        one.start()
    for one in people:
        one.join()
    found = verify(archive)
    assert found.holds and found.checked["decision"] == 2 * len(cards)
