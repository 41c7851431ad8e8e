"""Every column of every table: what is changed by hand is named, or it is said why it cannot be."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.merging.export import export_runs
from medic_console.archive.reviews import CardRow as QueueCard
from medic_console.archive.reviews import DecisionRow, ReviewStore
from medic_console.archive.store import CardRow, Store
from medic_console.archive.verify import verify
from medic_console.archive.withdrawing import withdraw_failed
from medic_console.audit.events import ItemRef, ItemScored
from medic_console.core.errors import EngineError
from medic_console.core.records import CefTrace, CrossAnswer, Label, Outcome, Score, SqlResult
from medic_console.core.traces import CriterionVerdict, JudgedMatch, MatchResult, QuestionList
from medic_console.session.audit import Audit
from medic_console.session.merging import merge
from tests.archive.test_ledger import KEY, audited, tampered
from tests.conftest import Say, Scripts, fake_model, make_plan, sample_task

NOT_COVERED = {
    "_sqlite_migrations": "when a table was made; the tables themselves are held against their statements",
    "pin_attempts": "a wrong PIN is tried before anybody is known, and nothing that is counted rests on it",
}
"""Tables of which a change is not named, and why."""


def with_all_tables(path: Path, folder: Path) -> None:
    """Write an archive that has a row in each table."""
    run = audited(path, folder)
    plan = make_plan([sample_task("ehrsql", folder, limit=1)], [fake_model("alpha"), fake_model("beta")])
    with closing(Store(path)) as store:
        second = store.create_run(plan)
        store.begin(second, plan.tasks)
        question = CrossAnswer("Is it?", Label.YES, Label.NO, {"YES": 0.7, "NO": 0.3}, "YES")
        listed = QuestionList("source", 3, 2, (("why", "no"),), False)
        score = Score(
            Outcome.FAILED,
            {"right": 1.0},
            detail="made by hand",
            sql=(SqlResult("gold", "SELECT 1", ("a",), ((1,),), 1, False, 0.5, ""),),
            cef=CefTrace("id", "a note", "a text", (question,), (question,), (listed,)),
            matches=(JudgedMatch(plan.candidates[1].sha256, MatchResult.WON, 0.7, 0.6, False),),
            criteria=(CriterionVerdict("It says so.", 2.0, True, 0.9, ("axis",)),),
        )
        item = plan.tasks[0].items[0].id
        store.add_score(ItemScored(ItemRef(plan.candidates[0].sha256, "ehrsql", item), score))
        store.add_cards(
            [CardRow(plan.candidates[0].sha256, "cef", "w", "b", "p", run, "2026-01-01", "qualified", {"figures": 1})]
        )
        store.end("done")
    with closing(ReviewStore(path)) as reviews:
        reviews.add_reviewer("Ada", "salt", "pin")
        reviews.add_attempt(1, True)
        card = QueueCard(
            *(0, "omission", run, "aci_bench", "item", "alpha", "judge", "source-00", "g", "Is it?", "NO", "YES"),
            *(0.5, "texts", 1),
        )
        reviews.add_queue("monday", {"seed": 1, "runs": []}, [card])
        reviews.decide(DecisionRow("monday", 0, 1, "NO", "why", 2, "a comment", 3.0))
        reviews.decide(DecisionRow("monday", 0, 1, "", action="undo", undone=1))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        first, other = folder / "first.db", folder / "other.db"
        for path, name in ((first, "gamma"), (other, "delta")):
            plan = make_plan([sample_task("medqa", folder, limit=1)], [fake_model(name)])
            list(Audit(path, plan, start=Scripts(**{name: lambda p: dict.fromkeys(p.labels, 0.2)}).start).events())
        with closing(sqlite3.connect(first)) as connection:
            run = connection.execute("SELECT id FROM runs").fetchone()[0]
        export_runs(first, [run], folder / "archive.db")
        with_all_tables(folder / "archive.db", folder)
        merge(folder / "archive.db", [other])
        plan = make_plan([sample_task("medqa", folder, limit=1)], [fake_model("epsilon")])
        audit = Audit(folder / "archive.db", plan, start=Scripts(epsilon=lambda p: EngineError("it broke")).start)
        list(audit.events())
        withdraw_failed(folder / "archive.db", audit.run, "to try again")
    with closing(sqlite3.connect(folder / "archive.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")
    return folder / "archive.db"


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    path = tmp_path / "archive.db"
    path.write_bytes(made.read_bytes())
    return path


def columns(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield table, column and type of all that an archive has."""
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        for (table,) in tables:
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                yield table, name, kind


def changed(value: Any, kind: str) -> Any:
    """Return another value of a column's type."""
    if kind == "INTEGER":
        return (value or 0) + 1_000_003
    if kind == "REAL":
        return 0.125 if value is None else value + 1e-6
    return f"{value or ''}x" if not str(value or "").startswith("{") else str(value).replace("{", '{"x":1,', 1)


def test_an_archive_with_a_row_in_every_table_holds(archive: Path) -> None:
    assert verify(archive).broken == ()
    with closing(sqlite3.connect(archive)) as connection:
        for table in {table for table, _, _ in columns(archive)}:
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] or table.startswith("_"), table


@pytest.mark.parametrize("part", range(4))
def test_every_column_of_every_table_is_covered_or_listed(archive: Path, made: Path, part: int) -> None:
    unnoticed, tried = [], 0
    covered = [one for one in columns(made) if one[0] not in NOT_COVERED]
    for table, column, kind in covered[part::4]:
        archive.write_bytes(made.read_bytes())
        with closing(sqlite3.connect(archive)) as connection:
            key = ", ".join(row[1] for row in connection.execute(f"PRAGMA table_info({table})").fetchall() if row[5])
            rows = connection.execute(f"SELECT {key}, {column} FROM {table} ORDER BY {column} IS NULL").fetchall()
        row = rows[len(rows) // 2] if rows[len(rows) // 2][-1] is not None else rows[0]
        where = " AND ".join(f"{name} = ?" for name in key.split(", "))
        change = (f"UPDATE {table} SET {column} = ? WHERE {where}", [changed(row[-1], kind), *row[:-1]])
        tampered(archive, ("PRAGMA ignore_check_constraints = ON", []), change)
        tried += 1
        if not verify(archive).broken:
            unnoticed.append(f"{table}.{column}")
    assert not unnoticed and tried > 40


EDITS = {
    "a score": "UPDATE score_values SET value = 1 - value WHERE score = 4",
    "all scores": "UPDATE score_values SET value = 1",
    "an outcome": "UPDATE scores SET outcome = 'unscored' WHERE id = 4",
    "an output": "UPDATE outputs SET text = 'Another text.' WHERE id = (SELECT min(id) FROM outputs WHERE text <> '')",
    "what labels hold": "UPDATE outputs SET probabilities = replace(probabilities, '0.2', '0.9')",
    "a score that is taken away": "DELETE FROM score_values WHERE score = 4",
    "an item that is taken away": "DELETE FROM run_items WHERE task = 'medqa' AND position = 2",
    "gold": "UPDATE items SET gold = '\"B\"' WHERE id LIKE 'medqa%'",
    "a group": "UPDATE items SET grouping = 'another' WHERE id = (SELECT min(id) FROM items)",
    "a prompt": "UPDATE prompts SET content = replace(content, 'Question', 'Query')",
    "a date": "UPDATE runs SET created = '2020-01-01T00:00:00+00:00'",
    "a status": "UPDATE runs SET status = 'stopped'",
    "a model's name": "UPDATE models SET name = 'Another model'",
    "where items are from": "UPDATE run_tasks SET origin = 'official' WHERE task = 'medqa'",
    "a task file": "UPDATE tasks SET text = replace(text, 'temperature', 'temperatur') || '#'",
    "a call": "UPDATE calls SET output = (SELECT max(id) FROM outputs) WHERE step = 'answer'",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_by_hand_is_named_and_ends_with_exit_code_1(archive: Path, say: Say, edit: str) -> None:
    tampered(archive, (EDITS[edit], []))
    code, out, err = say("archive", "verify", "--archive", archive)
    assert code == 1 and "is BROKEN" in out and "\n✗ " in out and not err


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("seed", range(24))
def test_flipped_bytes_are_named_or_changed_nothing(archive: Path, made: Path, say: Say, seed: int) -> None:
    chance, data = random.Random(seed), bytearray(made.read_bytes())
    for _ in range(12 if seed % 2 else 400):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    archive.write_bytes(data)
    code, out, err = say("archive", "verify", "--archive", archive)
    assert "Traceback" not in out + err
    if code == 0:
        assert content(archive) == content(made)
    elif code == 2:
        assert "cannot be used" in err and "archive recover" in err
    else:
        assert "\n✗ " in out
    for command in (("archive", "results"), ("archive", "stats"), ("compare", "alpha", "judge")):
        code, out, err = say(*command, "--archive", archive)
        assert "Traceback" not in out + err
