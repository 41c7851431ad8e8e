"""Every column of every table: what is changed by hand is named, or it is said why it cannot be."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.ledger import COLUMNS, mac_of
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.merging.export import export_runs
from medic_console.archive.reviews import CardRow as QueueCard
from medic_console.archive.reviews import DecisionRow, ReviewStore
from medic_console.archive.seals import score_digests, started_rows
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


_SCORE = "candidate, 'sha256:j', task, item, outcome, truncated, reason, answer, verdict, detail, traceback, scorer"
ADDED = (
    "INSERT INTO scores (id, run, candidate, judge, task, item, outcome, truncated, reason, answer, verdict, detail, "
    f"traceback, scorer, toolchain, created) SELECT 20, run, {_SCORE}, toolchain, created FROM scores WHERE id = 4"
)
ALONE: dict[str, tuple[str, ...]] = {
    "the file: score_values, row None: names a row of scores": ("INSERT INTO score_values VALUES (9, 'right', 1.0)",),
    "tasks .*: its content is not what its digest names": ("UPDATE tasks SET text = text || '#' WHERE id = 'medqa'",),
    "items .*: its content is not": ("UPDATE items SET gold = '\"B\"' WHERE digest = (SELECT min(digest) FROM items)",),
    "prompts .*: its content is not": (
        "UPDATE prompts SET content = '{}' WHERE digest = (SELECT min(digest) FROM prompts)",
    ),
    "engines .*: its content is not": ("UPDATE engines SET granted = '{}'",),
    "templates .*: its content is not": ("UPDATE templates SET text = 'another'",),
    "toolchains .*: its content is not": ("UPDATE toolchains SET versions = '{\"x\": 1}'",),
    r"ledger, entry 3: it is gone": ("DELETE FROM excerpts", "DELETE FROM ledger WHERE sequence = 3"),
    r"ledger, entry 3 .*: it was changed": ("UPDATE ledger SET created = '2020-01-01' WHERE sequence = 3",),
    r"run .*-002: it was changed": ("UPDATE runs SET created = '2020-01-01' WHERE id LIKE '%-002'",),
    "card 1: it was changed": ("UPDATE qualifications SET card = '{}'",),
    "card 1: it is gone": ("DELETE FROM qualifications",),
    "card 2: no entry": (
        "INSERT INTO qualifications SELECT 2, judge, method, 'other', build, probes, run, created, verdict, card "
        "FROM qualifications",
    ),
    "queue monday: it was changed": ("UPDATE queue_cards SET said = 'IDK'",),
    "queue sunday: no entry": ("INSERT INTO queues (name, created, design) VALUES ('sunday', '2026-01-01', '{}')",),
    "decision 1: it was changed": ("UPDATE decisions SET answer = 'YES' WHERE id = 1",),
    "decision 2: it is gone": ("DELETE FROM decisions WHERE id = 2",),
    "decision 9: no entry": (
        "INSERT INTO decisions SELECT 9, queue, position, reviewer, created, action, undone, answer, reason, severity, "
        "comment, seconds FROM decisions WHERE id = 1",
    ),
    "reviewer 1: it was changed": ("UPDATE reviewers SET name = 'Eve'",),
    "reviewer 2: no entry": (
        "INSERT INTO reviewers (name, salt, pin, created) VALUES ('Eve', 's', 'p', '2026-01-01')",
    ),
    "score 4 .*: it was changed": ("UPDATE score_values SET value = 0.5 WHERE score = 4",),
    r"scores 20 .*: it was added": (ADDED,),
    "(score_digests 20: no entry|scores 20 .*: it was added)": (
        ADDED,
        "INSERT INTO score_digests SELECT 20, run, digest FROM score_digests WHERE score = 4",
    ),
    "score_digests 20: no entry": ("INSERT INTO score_digests SELECT 20, run, digest FROM score_digests LIMIT 1",),
    "row_digests of entry 3: it names none": ("INSERT INTO row_digests VALUES (3, 'models', 'x', 'y')",),
    "excerpts 5: that entry tells of no export": ("UPDATE excerpts SET entry = 5",),
    "models .*: it was changed": ("UPDATE models SET name = 'x' WHERE name = 'epsilon'",),
    "run_models .*: it was changed": ("UPDATE run_models SET file = 'x' WHERE run LIKE '%-005'",),
    "run_tasks .*: it was changed": ("UPDATE run_tasks SET origin = 'official' WHERE run LIKE '%-005'",),
    "run_items .*: it was changed": ("UPDATE run_items SET position = 7 WHERE run LIKE '%-005'",),
    "tasks .*: it was changed": ("UPDATE tasks SET title = 'x' WHERE id = 'ehrsql'",),
    "sittings 5 .*: it was changed": ("UPDATE sittings SET pid = 1 WHERE id = 5",),
    r"sittings\.network 5 .*: it was added": ("UPDATE sittings SET network = '{}' WHERE id = 5",),
    "sittings 6 .*: it was added": (
        "INSERT INTO sittings (id, run, pid, started, status) SELECT 6, run, 1, started, 'died' "
        "FROM sittings WHERE id = 2",
    ),
    "outputs 5 .*: it was changed": ("UPDATE outputs SET seconds = 9 WHERE id = 5",),
    "outputs 105 .*: it was added": (
        "INSERT INTO outputs SELECT 105, model, 'k', prompt, engine, sitting, created, text, thinking, "
        "thinking_closed, finish, prompt_tokens, output_tokens, max_tokens, context, seconds, reused_tokens, "
        "probabilities, outside, thinking_tokens, rendered FROM outputs WHERE id = 5",
    ),
    "calls 4 .*: it was changed": ("UPDATE calls SET output = 5 WHERE output = 6",),
    "withdrawn 9 .*: it was changed": ("UPDATE withdrawn SET why = 'x'",),
    "withdrawn score 12: no entry": (
        "INSERT INTO withdrawn SELECT 12, run, candidate, judge, task, item, outcome, truncated, reason, answer, "
        "verdict, detail, traceback, scorer, toolchain, created, calls, withdrawn, why FROM withdrawn",
    ),
    "runs .*-002: its status is 'stopped'": ("UPDATE runs SET status = 'stopped' WHERE id LIKE '%-002'",),
    "merged_runs 1 .merged.: it was changed": ("UPDATE merged_runs SET status = 'x'",),
}
"""By what one check of its own says: an edit that no other check notices."""


def test_a_call_of_a_model_that_is_none_of_an_open_run_is_named(archive: Path, tmp_path: Path) -> None:
    plan = make_plan([sample_task("medqa", tmp_path, limit=1)], [fake_model("zeta")])
    with closing(Store(archive)) as store:
        run = store.create_run(plan)
        store.begin(run, plan.tasks)
    assert verify(archive).holds
    change = (
        "INSERT INTO calls SELECT run, (SELECT sha256 FROM run_models m WHERE m.run = i.run), "
        "(SELECT model FROM outputs WHERE id = 19), task, item, 'answer', 19 FROM run_items i WHERE run = ?"
    )
    tampered(archive, (change, [run]))
    (told,) = verify(archive).broken
    assert told.startswith(f"calls {run}, task medqa") and "its model is none of its run" in told


@pytest.mark.parametrize("says", ALONE)
def test_each_check_is_the_only_one_to_notice_an_edit(archive: Path, says: str) -> None:
    tampered(archive, *((statement, []) for statement in ALONE[says]))
    broken = verify(archive).broken
    assert broken and all(re.match(says, line) for line in broken), broken


def resigned(connection: sqlite3.Connection, number: int) -> None:
    """Write an entry's `mac` anew, as somebody can who has the key."""
    row = connection.execute(f"SELECT {COLUMNS} FROM ledger WHERE sequence = ?", [number]).fetchone()
    connection.execute("UPDATE ledger SET mac = ? WHERE sequence = ?", [mac_of(bytes.fromhex(KEY), row[:7]), number])


def test_who_has_the_key_still_cannot_change_one_entry_alone(archive: Path) -> None:
    tampered(archive, ("UPDATE ledger SET previous = ? WHERE sequence = 16", ["0" * 64]))
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("DROP TRIGGER ledger_no_update")
        resigned(connection, 16)
    broken = verify(archive).broken
    assert set(broken) == {
        "ledger, entry 16 (scores withdrawn): it does not follow the entry before",
        "the schema: trigger ledger_no_update is gone",
    }


def test_who_mends_the_digest_of_a_row_too_is_found_by_the_digest_of_them_all(archive: Path) -> None:
    tampered(archive, ("UPDATE score_values SET value = 0.5 WHERE score = 4", []))
    tampered(archive, ("UPDATE run_models SET file = 'another' WHERE run LIKE '%-005'", []))
    with closing(sqlite3.connect(archive)) as connection:
        run = connection.execute("SELECT run FROM scores WHERE id = 4").fetchone()[0]
        later = connection.execute("SELECT id FROM runs WHERE id LIKE '%-005'").fetchone()[0]
        scores = dict(score_digests(connection, run, 3, 4))
        rows = dict(started_rows(connection, later, 5))
    mended = rows["run_models", "candidate 0"]
    tampered(
        archive,
        ("UPDATE score_digests SET digest = ? WHERE score = 4", [scores[4]]),
        ("UPDATE row_digests SET digest = ? WHERE entry = 14 AND kind = 'run_models'", [mended]),
    )
    assert verify(archive).broken == (
        "scores: they are not those that ledger, entry 5 (run ended) names",
        "row_digests: they are not those that ledger, entry 14 (run started) names",
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DROP TRIGGER decisions_no_update", "trigger decisions_no_update is gone"),
        ("DROP INDEX qualifications_by_judge", "index qualifications_by_judge is gone"),
    ],
)
def test_what_is_gone_of_the_schema_is_named(archive: Path, change: str, says: str) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute(change)
    assert verify(archive).broken == (f"the schema: {says}",)


def test_an_index_that_says_something_else_is_found_by_sqlite(archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        found = "SELECT rootpage FROM sqlite_master WHERE name = 'qualifications_by_judge'"
        begin = (connection.execute(found).fetchone()[0] - 1) * size
    data = bytearray(archive.read_bytes())
    place = data.index(b"sha256:61", begin, begin + size)
    data[place + 7 : place + 9] = b"62"
    archive.write_bytes(data)
    broken = verify(archive).broken
    assert broken and all(
        re.match("the file: row 1 missing from index qualifications_by_judge", line) for line in broken
    )


def test_a_sitting_that_is_said_to_be_over_and_has_no_end_is_named(archive: Path, tmp_path: Path) -> None:
    plan = make_plan([sample_task("medqa", tmp_path, limit=1)], [fake_model("zeta")])
    with closing(Store(archive)) as store:
        store.begin(store.create_run(plan), plan.tasks)
    tampered(archive, ("UPDATE sittings SET status = 'done' WHERE status = 'running'", []))
    (broken,) = verify(archive).broken
    assert broken.startswith("sittings 6 ") and broken.endswith("no entry tells of its end")


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
