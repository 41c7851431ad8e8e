from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database, Migrations

from medic_console.archive.database import APPLICATION_ID, applied_migrations, open_readonly, open_writable
from medic_console.archive.schema import MIGRATIONS, RELEASED, SET
from medic_console.archive.store import Store
from medic_console.core.errors import ArchiveError
from tests.conftest import make_plan, sample_task


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "archive.db"
    open_writable(path).close()
    return path


@pytest.fixture
def opened(archive: Path) -> Iterator[Database]:
    with closing(open_writable(archive)) as db:
        yield db


def value(db: Database, sql: str) -> object:
    return db.execute(sql).fetchone()[0]


def test_every_table_of_ours_is_strict(opened: Database) -> None:
    tables = opened.execute("PRAGMA table_list").fetchall()
    ours = {name: strict for _, name, kind, _, _, strict in tables if kind == "table" and name[:1] not in "_s"}
    ours |= {name: strict for _, name, kind, _, _, strict in tables if name in ("scores", "sittings", "score_values")}
    assert len(ours) >= 14
    assert set(ours.values()) == {1}


def test_foreign_keys_are_in_force(opened: Database) -> None:
    assert value(opened, "PRAGMA foreign_keys") == 1
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        opened.execute("INSERT INTO sittings (run, pid, started, status) VALUES ('none', 1, '', 'running')")


def test_a_column_takes_its_own_type_only(opened: Database) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        opened.execute("INSERT INTO engines VALUES (x'00', 'granted')")


def test_a_score_has_one_of_three_outcomes(opened: Database) -> None:
    opened.execute("INSERT INTO runs VALUES ('r', '', 'new', '', '{}', 'audit')")
    names = "run, candidate, judge, task, item, outcome, reason, answer, verdict, detail, traceback, scorer, created"
    insert = f"INSERT INTO scores ({names}) VALUES ('r', '', '', '', ?, ?, '', '', '', '', '', '', '')"
    for number, outcome in enumerate(("scored", "unscored", "failed")):
        opened.execute(insert, [str(number), outcome])
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        opened.execute(insert, ["x", "skipped"])


def test_an_empty_file_becomes_an_archive_with_every_migration(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "folder" / "new.db"
    with closing(open_writable(path)) as db:
        applied = {row[0] for row in db.execute("SELECT name FROM _sqlite_migrations")}
        assert applied == RELEASED
        assert value(db, "PRAGMA application_id") == APPLICATION_ID
        assert value(db, "PRAGMA journal_mode") == "wal"


def test_opening_twice_changes_nothing(archive: Path) -> None:
    def content() -> list[str]:
        with closing(sqlite3.connect(archive)) as connection:
            return list(connection.iterdump())

    before = content()
    open_writable(archive).close()
    open_readonly(archive).close()
    assert content() == before


def test_the_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "archive.db"
    open_writable(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    open_writable(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("opens", [open_writable, open_readonly])
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path: Path, opens: object) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
        connection.commit()
    before = path.read_bytes()
    assert callable(opens)
    with pytest.raises(ArchiveError, match="not an archive of medic-console"):
        opens(path)
    assert path.read_bytes() == before


def test_a_file_of_another_application_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 77")
        connection.commit()
    with pytest.raises(ArchiveError, match="not an archive"):
        open_writable(path)


@pytest.mark.parametrize("opens", [open_writable, open_readonly])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, opens: object) -> None:
    path = tmp_path / "notes.db"
    path.write_text("These are the notes of a doctor, not a database, whatever the name says. " * 20)
    assert callable(opens)
    with pytest.raises(ArchiveError, match="cannot be used") as caught:
        opens(path)
    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("opens", [open_writable, open_readonly])
def test_a_damaged_list_of_migrations_is_told_as_damage(archive: Path, opens: Callable[[Path], Any]) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE _sqlite_migrations SET name = 'm003_indexer' WHERE name = 'm003_indexes'")
    with pytest.raises(ArchiveError, match=r"list of migrations is damaged: m003_indexer") as caught:
        opens(archive)
    assert "archive recover" in caught.value.hint


@pytest.mark.parametrize("opens", [open_writable, open_readonly])
def test_an_archive_of_a_newer_release_is_refused(archive: Path, opens: object) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) "
            "VALUES ('medic_console', 'm999_later', '')"
        )
        connection.commit()
    assert callable(opens)
    with pytest.raises(ArchiveError, match=r"newer release \(m999_later\)") as caught:
        opens(archive)
    assert "Update" in caught.value.hint


def test_a_place_that_cannot_be_written_is_told_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("in the way")
    with pytest.raises(ArchiveError, match="the archive cannot be written") as caught:
        open_writable(tmp_path / "a file" / "archive.db")
    assert "--archive FILE" in caught.value.hint


def test_a_folder_is_no_archive(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="the archive cannot be used") as caught:
        open_writable(tmp_path)
    assert "Check that the file is an archive" in caught.value.hint


def test_reading_what_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="there is no archive yet") as caught:
        open_readonly(tmp_path / "none.db")
    assert "demo" in caught.value.hint
    assert not (tmp_path / "none.db").exists()


def test_a_reader_cannot_write(archive: Path) -> None:
    with closing(open_readonly(archive)) as db, pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM runs")


def test_a_name_with_signs_of_a_uri_is_a_plain_name(tmp_path: Path) -> None:
    path = tmp_path / "ward #1? 50%.db"
    open_writable(path).close()
    open_readonly(path).close()
    assert {file.name.removesuffix("-wal").removesuffix("-shm") for file in tmp_path.iterdir()} == {path.name}


def test_two_writers_at_the_same_time_both_succeed(archive: Path, tmp_path: Path) -> None:
    plan = make_plan([sample_task("medqa", tmp_path)])
    runs: list[str] = []
    ready = threading.Barrier(2)

    def write() -> None:
        with closing(Store(archive)) as store:
            ready.wait()
            runs.extend(store.create_run(plan) for _ in range(10))

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(runs)) == 20


def older(path: Path, before: str) -> Path:
    """Write an archive as the release before a migration left it, with a run in it and a row in every other table."""
    with closing(sqlite3.connect(path)) as connection, connection:
        db = Database(connection)
        migrations = Migrations(SET)
        for name, statements in MIGRATIONS.items():
            if name >= before:
                break

            @migrations(name=name)
            def apply(db: Database, statements: Sequence[str] = statements) -> None:
                for statement in statements:
                    db.execute(statement)

        migrations.apply(db)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("INSERT INTO runs (id, created, status, key, settings) VALUES ('r', '', 'done', 'k', '{}')")
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            if table != "runs" and not table.startswith(("sqlite_", "_")):
                columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
                values = [
                    ALLOWED.get(f"{table}.{name}", ALLOWED.get(name, 1 if kind in ("INTEGER", "REAL") else "r"))
                    for _, name, kind, *_ in columns
                ]
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(values))})", values)
    return path


ALLOWED = {
    "metadata": "{}",
    "settings": "{}",
    "subject": '{"run": "r"}',
    "kind": "run started",
    "merged_ids.kind": "output",
    "role": "judge",
    "outcome": "scored",
    "direction": "source",
    "result": "won",
    "verdict": "qualified",
    "action": "answer",
}
"""Values that columns need; the others take any of their type."""


def all_rows(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of ours, by its columns' names."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
            for table in tables
            if not table.startswith(("sqlite_", "_"))
        }


@pytest.mark.parametrize("before", list(MIGRATIONS)[1:])
def test_every_row_of_every_table_of_an_older_release_is_there_after_the_migration(tmp_path: Path, before: str) -> None:
    path = older(tmp_path / "a.db", before)
    kept = all_rows(path)
    assert all(kept.values()) and len(kept) >= 14
    open_readonly(path).close()
    now = all_rows(path)
    for table, rows in kept.items():
        assert [{name: row[name] for name in rows[0]} for row in now[table]] == rows, table
    assert all_rows(tmp_path / f"a.db.before-{before}") == kept


@pytest.mark.parametrize("opens", [open_readonly, open_writable])
@pytest.mark.parametrize("before", list(MIGRATIONS)[1:])
def test_an_archive_of_any_older_release_is_brought_up_to_date_and_a_copy_of_it_kept(
    tmp_path: Path, before: str, opens: Callable[[Path], Any]
) -> None:
    path = older(tmp_path / "a.db", before)
    opened = opens(path)
    assert [tuple(row) for row in opened.execute("SELECT id, kind FROM runs")] == [("r", "audit")]
    opened.close()
    with closing(sqlite3.connect(path)) as connection:
        assert set(applied_migrations(connection)) == RELEASED
    kept = tmp_path / f"a.db.before-{before}"
    with closing(sqlite3.connect(kept)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert max(applied_migrations(connection)) < before
        assert connection.execute("SELECT id FROM runs").fetchall() == [("r",)]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert {file.name for file in tmp_path.iterdir()} <= {"a.db", "a.db-wal", "a.db-shm", kept.name}


def test_an_archive_that_is_new_or_up_to_date_leaves_no_copy(archive: Path) -> None:
    open_writable(archive).close()
    open_readonly(archive).close()
    assert not list(archive.parent.glob("*.before-*"))


def test_an_older_archive_that_cannot_be_written_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = older(tmp_path / "a.db", list(MIGRATIONS)[-1])
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ArchiveError, match="older release and cannot be written here") as caught:
        open_readonly(path)
    assert "Copy it" in caught.value.hint


def test_several_readers_of_an_older_archive_at_once_all_succeed(tmp_path: Path) -> None:
    path, ready, found = older(tmp_path / "a.db", list(MIGRATIONS)[-1]), threading.Barrier(4), []

    def read() -> None:
        ready.wait()
        with closing(open_readonly(path)) as connection:
            found.append(connection.execute("SELECT count(*) FROM ledger").fetchone()[0])

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [1] * 4
