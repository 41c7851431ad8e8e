"""Versions of the libraries that made a score: stored with it, shown with it, told where they differ."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive.database import open_writable
from medic_console.archive.schema import MIGRATIONS
from medic_console.results.comparison.compare import begin
from medic_console.results.measures import Measures
from medic_console.results.reader import Reader
from medic_console.scoring.scorers.toolchain import versions_of
from tests.conftest import Say, document
from tests.results.compared import HOSPITAL, WARD

NEW = "m004_what_decides"


def change(archive: Path, sql: str) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.executescript(sql)


@pytest.fixture
def archive(compared_archive: Path, tmp_path: Path) -> Path:
    """A copy that may be changed."""
    return Path(shutil.copy(compared_archive, tmp_path / "a.db"))


def test_a_score_is_stored_with_the_versions_that_made_it(archive: Path) -> None:
    with closing(Measures(archive)) as reader:
        found = {one.task.scorer: reader.libraries(one) for one in reader.measures()}
        medec = next(one for one in reader.measures() if one.task.id == "medec")
        (row, *_) = reader.items(medec.run, "medec", medec.candidate, "")
        trace = reader.trace(medec.run, "medec", row.item, medec.candidate, "")
    assert found["choice"] == [{}]
    assert found["medec"] == [versions_of("medec")]
    assert row.libraries == trace.libraries == versions_of("medec")


def test_items_are_listed_with_the_versions(archive: Path, say: Say) -> None:
    rows = document(say("archive", "items", "medec", "--archive", archive, "--json"))["items"]
    assert {tuple(row["libraries"].items()) for row in rows} == {tuple(versions_of("medec").items())}
    code, out, _ = say("archive", "items", "medec", "--archive", archive, "--plain")
    assert code == 0 and f"sacrebleu {versions_of('medec')['sacrebleu']}" in out


def test_scores_of_an_older_archive_have_no_versions_and_say_so(archive: Path) -> None:
    change(archive, "UPDATE scores SET toolchain = NULL")
    with closing(Measures(archive)) as reader:
        medec = next(one for one in reader.measures() if one.task.id == "medec")
        (row, *_) = reader.items(medec.run, "medec", medec.candidate, "")
        assert row.libraries is None
        assert reader.libraries(medec) == []
        assert reader.trace(medec.run, "medec", row.item, medec.candidate, "").libraries is None


def test_an_archive_of_the_release_before_is_brought_up_to_date_and_read(tmp_path: Path, archive: Path) -> None:
    """Its tables are made by the migrations of that release, and its rows are copied without what is new."""
    old = tmp_path / "old.db"
    before = {name: statements for name, statements in MIGRATIONS.items() if name < NEW}
    with closing(sqlite3.connect(old)) as connection, connection:
        for statements in before.values():
            for statement in statements:
                connection.execute(statement)
        connection.execute("ATTACH ? AS newer", [str(archive)])
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM newer.{table}")
        connection.execute("UPDATE engines SET granted = json_remove(granted, '$.rendering', '$.rope', '$.devices')")
        made = connection.execute("SELECT sql FROM newer.sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
        connection.execute(made[0])
        marks = ", ".join("?" * len(before))
        connection.execute(
            f"INSERT INTO main._sqlite_migrations SELECT * FROM newer._sqlite_migrations WHERE name IN ({marks})",
            list(before),
        )
        (number,) = connection.execute("PRAGMA newer.application_id").fetchone()
        connection.execute(f"PRAGMA main.application_id = {number}")
    open_writable(old).close()
    with closing(Reader(old)) as reader:
        run = reader.runs()[0]
        (candidate, *_) = run.candidates
        item = reader.run_items(run.id, "medec")[0]["id"]
        trace = reader.trace(run.id, "medec", item, candidate.sha256, "")
    assert trace.calls[0].output.rendered == trace.calls[0].template == ""
    assert trace.libraries is None
    with closing(sqlite3.connect(old)) as connection:
        done = {name for (name,) in connection.execute("SELECT name FROM _sqlite_migrations")}
    assert done == set(MIGRATIONS)


def test_measures_of_different_versions_are_compared_with_a_note(archive: Path) -> None:
    with closing(Measures(archive)) as reader:
        both = [model for model in reader.models() if model.sha256 in (WARD.sha256, HOSPITAL.sha256)]
        usual = begin(reader, both)
        assert not [note for note in usual.notes if "different versions" in note]
        run = next(one.run for one in reader.measures([HOSPITAL.sha256]) if one.task.id == "medec")
    change(
        archive,
        'INSERT INTO toolchains VALUES (\'sha256:old\', \'{"rouge-score":"0.1.0","sacrebleu":"2.0.0"}\');'
        f"UPDATE scores SET toolchain = 'sha256:old' WHERE run = '{run}' AND task = 'medec'",
    )
    with closing(Measures(archive)) as reader:
        found = begin(reader, both)
    (note,) = [note for note in found.notes if "different versions" in note]
    assert f"rouge-score 0.1.0, sacrebleu 2.0.0 in {run}" in note
    assert [task.task.id for task in found.tasks] == [task.task.id for task in usual.tasks]
