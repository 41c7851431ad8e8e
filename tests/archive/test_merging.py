"""Runs that go from one archive to another: nothing twice, nothing half, nothing edited, and still provable there."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.copies import back_up
from medic_console.archive.database import open_writable
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.verify import verify
from medic_console.audit.events import ItemScored
from medic_console.core.errors import ArchiveError
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.session.merging import merge
from tests.archive.test_ledger import KEY, tampered
from tests.archive.test_verify import with_all_tables
from tests.conftest import ROOT, Say, Script, Scripts, document, fake_model, make_plan, sample_task

OTHER = "cd" * 32


def weighing(mass: float) -> Script:
    """Return a script that gives the second label more than the others."""
    return lambda prompt: {label: mass if label == prompt.labels[1] else 0.1 for label in prompt.labels}


def begun(path: Path, folder: Path, name: str, items: int, script: Script | None = None) -> str:
    """Make a run of four items of two tasks, stopped after some of their scores."""
    tasks = [sample_task("medqa", folder, limit=2), sample_task("pubmedqa", folder, limit=2)]
    audit = Audit(path, make_plan(tasks, [fake_model(name)]), start=Scripts(**{name: script or weighing(0.6)}).start)
    _watch(audit, items)
    return audit.run


def _watch(audit: Audit, items: int = 99) -> None:
    scored = 0
    for event in audit.events():
        scored += isinstance(event, ItemScored)
        if scored >= items:
            audit.control.stop()


def resumed(path: Path, folder: Path, run: str, name: str, script: Script | None = None) -> None:
    tasks = [sample_task("medqa", folder, limit=2), sample_task("pubmedqa", folder, limit=2)]
    plan = make_plan(tasks, [fake_model(name)])
    _watch(Audit(path, replace(plan, id=run), start=Scripts(**{name: script or weighing(0.6)}).start))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Archives of two machines with keys of their own; in the second there is a row in every table."""
    folder = tmp_path_factory.mktemp("merging")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        begun(folder / "here.db", folder, "gamma", 99)
        begun(folder / "half.db", folder, "delta", 2)
        patch.setenv(VARIABLE, OTHER)
        with_all_tables(folder / "there.db", folder)
    return {name: folder / f"{name}.db" for name in ("here", "there", "half")}


@pytest.fixture
def folder(made: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    for name, path in made.items():
        back_up(path, tmp_path / f"{name}.db")
    return tmp_path


def content(path: Path) -> list[str]:
    """Return every row of an archive."""
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


def figures(path: Path, run: str) -> dict[tuple[str, str, str], Any]:
    with closing(Reader(path)) as reader:
        views = [view for result in reader.results(run) for view in result.tasks]
    return {(v.task.id, v.candidate, v.judge): (v.metrics, v.counts, v.reasons, v.provisional) for v in views}


def runs_of(path: Path) -> list[str]:
    with closing(Reader(path)) as reader:
        return [view.id for view in reader.runs()]


def test_merging_takes_every_run_and_twice_changes_nothing(folder: Path, say: Say) -> None:
    here, there = folder / "here.db", folder / "there.db"
    said = document(say("archive", "merge", there, "--archive", here, "--json"))
    runs = said["files"][0]["runs"]
    assert len(runs) == len(set(runs.values())) == 2 and runs != {run: run for run in runs}
    for theirs, ours in runs.items():
        assert figures(there, theirs) == figures(here, ours) != {}
    before = content(here)
    again = document(say("archive", "merge", there, "--archive", here, "--json"))
    assert not again["files"][0]["changed"] and again["files"][0]["runs"] == runs
    assert content(here) == before
    assert [one.scores for one in merge(here, [there, there]).taken.merged] == [0, 0] and content(here) == before
    assert verify(there).broken == () and not list(folder.glob("*.before-*"))


def test_what_was_merged_is_held_against_both_ledgers(folder: Path) -> None:
    here = folder / "here.db"
    merge(here, [folder / "there.db"])
    found = verify(here)
    assert found.holds and found.checked["merged archive"] == 1
    assert any("who wrote them is not proved" in one for one in found.unproved)
    whole = here.read_bytes()
    for change, named in {
        "UPDATE score_values SET value = value + 0.25 WHERE score = (SELECT max(id) - 3 FROM scores)": "score ",
        "UPDATE outputs SET text = text || '.' WHERE id = (SELECT max(id) FROM outputs)": "outputs ",
    }.items():
        tampered(here, (change, []))
        broken = verify(here).broken
        assert any(one.startswith(named) and "by the ledger of there.db" in one for one in broken), broken
        assert any(one.startswith(named) and "by the ledger of" not in one for one in broken), broken
        here.write_bytes(whole)


def test_what_a_third_archive_takes_is_proved_by_the_first_ones_ledger(folder: Path) -> None:
    merge(folder / "here.db", [folder / "there.db"])
    third = folder / "third.db"
    merge(third, [folder / "here.db"])
    found = verify(third)
    assert found.holds and found.checked["merged archive"] == 2
    whole = third.read_bytes()
    tampered(third, ("UPDATE outputs SET text = text || '.' WHERE id = (SELECT max(id) FROM outputs)", []))
    assert any("by the ledger of there.db" in one for one in verify(third).broken)
    third.write_bytes(whole)
    merge(folder / "there.db", [third])  # brings its own runs back, and those of the second
    assert len(runs_of(folder / "there.db")) == len(runs_of(third)) == 3 and verify(folder / "there.db").broken == ()


def test_two_halves_of_a_run_become_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getpid", lambda: 77)  # another machine's process
    half, other = folder / "half.db", folder / "other.db"
    (run,) = runs_of(half)
    back_up(half, other)
    resumed(other, folder, run, "delta")
    assert merge(half, [other]).taken.merged[0].runs == {run: run}
    assert figures(half, run) == figures(other, run)
    with closing(Reader(half)) as reader:
        assert reader.run(run).status == "done"
    assert verify(half).holds
    before = content(half)
    assert not merge(half, [other]).taken.merged[0].changed and content(half) == before


def test_halves_that_contradict_each_other_are_refused_and_nothing_is_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    half, other = folder / "half.db", folder / "other.db"
    (run,) = runs_of(half)
    back_up(half, other)
    with monkeypatch.context() as patch:
        patch.setattr("os.getpid", lambda: 77)  # another machine's process
        resumed(other, folder, run, "delta", weighing(0.05))
    resumed(half, folder, run, "delta")
    before = content(half)
    with pytest.raises(
        ArchiveError, match=r"score \d+ \(run .*, task .*, item .*\): it is not what score \d+ here says"
    ):
        merge(half, [folder / "there.db", other])
    assert content(half) == before


@pytest.mark.parametrize("at", ["INSERT INTO main.outputs", "INSERT INTO ledger", "COMMIT"])
def test_a_merge_that_is_killed_leaves_the_archive_as_it_was(folder: Path, at: str) -> None:
    here = folder / "here.db"
    before = content(here)
    code = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom medic_console.archive.merging import merge\n"
        "from medic_console.session import merging\nopened = merge.open_writable\n"
        "def told(sql):\n    sys.argv[3] in sql and os.kill(os.getpid(), signal.SIGKILL)\n"
        "def watched(path):\n    db = opened(path)\n"
        "    path.name == 'here.db' and db.conn.set_trace_callback(told)\n    return db\n"
        "merge.open_writable = watched\nmerging.merge(Path(sys.argv[1]), [Path(sys.argv[2])])\n"
    )
    words = [sys.executable, "-c", code, str(here), str(folder / "there.db"), at]
    assert subprocess.run(words, check=False, cwd=ROOT).returncode == -signal.SIGKILL
    assert content(here) == before and verify(here).holds


def test_an_edited_or_damaged_file_is_refused_with_its_row(folder: Path, say: Say) -> None:
    here, there = folder / "here.db", folder / "there.db"
    before = content(here)
    tampered(there, ("UPDATE scores SET verdict = 'right' WHERE id = 2", []))
    code, _, errors = say("archive", "import", there, "--archive", here)
    assert code == 2 and "score 2 (run" in errors and "Nothing was taken" in errors
    there.write_bytes(b"SQLite format 3\0" + b"\x01" * 5000)
    code, _, errors = say("archive", "merge", there, "--archive", here)
    assert code == 2 and str(there) in errors
    assert say("archive", "merge", here, "--archive", here)[0] == 2
    assert say("archive", "merge", folder / "none.db", "--archive", here)[0] == 2
    assert content(here) == before


def test_a_score_that_was_forged_with_its_seals_is_refused_by_its_output(folder: Path) -> None:
    here = folder / "here.db"
    seals = ("row_digests", "score_digests", "ledger")
    forget: list[tuple[str, list[object]]] = [(f"DELETE FROM {table}", []) for table in seals]
    tampered(here, *forget, ("UPDATE scores SET verdict = 'forged' WHERE id = 4", []))
    with pytest.raises(ArchiveError, match=r"score 4 .*its verdict is 'forged'"):
        merge(folder / "half.db", [here])


def test_an_older_file_is_migrated_on_a_copy_and_a_newer_one_refused(folder: Path, say: Say) -> None:
    here, there = folder / "here.db", folder / "there.db"
    newest = ("excerpts", "merged_seals", "merged_ledger", "merged_ids", "merged_sittings", "merged_runs")
    with closing(sqlite3.connect(there)) as connection, connection:
        for table in (*newest, "merged_sources"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm008%'")
    before = there.read_bytes()
    assert merge(here, [there]).taken.merged[0].scores and there.read_bytes() == before
    with closing(sqlite3.connect(there)) as connection, connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('medic_console', 'm008_merged', ''), ('medic_console', 'm999_later', '')"
        )
    code, _, errors = say("archive", "merge", there, "--archive", here)
    assert code == 2 and "newer release" in errors and "there.db" in errors


def test_an_export_holds_by_itself_and_has_nothing_of_other_runs(folder: Path, say: Say) -> None:
    here, file = folder / "here.db", folder / "part.db"
    merge(here, [folder / "there.db", folder / "half.db"])
    with closing(Reader(here)) as reader:
        run = next(view.id for view in reader.runs() if view.candidates[0].name == "gamma")
    said = document(say("archive", "export", run, file, "--archive", here, "--json"))
    assert said["runs"] == [run] and said["along"] == []
    found = verify(file)
    assert found.holds and any("part of an archive" in one for one in found.unproved)
    assert figures(file, run) == figures(here, run)
    assert b"The note says so." not in file.read_bytes() and b"The note says so." in here.read_bytes()
    assert verify(here).holds
    third = folder / "third.db"
    assert merge(third, [file]).taken.merged[0].runs == {run: run} and verify(third).holds
    assert not merge(here, [file]).taken.merged[0].changed
    whole = file.read_bytes()
    for change in (
        "DELETE FROM score_values WHERE score = 2",
        "DELETE FROM run_items",
        "UPDATE excerpts SET entry = 1",
    ):
        tampered(file, (change, []))
        assert verify(file).broken, change
        file.write_bytes(whole)


def test_an_export_takes_along_what_its_figures_rest_on(folder: Path, say: Say) -> None:
    there = folder / "there.db"
    with closing(sqlite3.connect(there)) as connection:
        (run, judged) = [row[0] for row in connection.execute("SELECT id FROM runs ORDER BY id DESC")]
    with closing(open_writable(there)) as db, db.conn:
        db.execute(
            "INSERT INTO calls SELECT ?, candidate, model, task, 'x', step, output FROM calls WHERE run = ? LIMIT 1",
            [run, judged],
        )
    said = document(say("archive", "export", run, folder / "part.db", "--archive", there, "--json"))
    assert said["along"] == [judged]
    assert say("archive", "export", "2020-01-01-001", folder / "none.db", "--archive", there)[0] == 2
    assert not (folder / "none.db").exists()
