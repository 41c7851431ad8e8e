"""Copies of an archive: whole while others write, and what can be read of a damaged one."""

from __future__ import annotations

import random
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from medic_console.archive import copies
from medic_console.archive.copies import back_up, recover
from medic_console.archive.database import open_writable
from medic_console.archive.health import damage
from medic_console.archive.ledger_key import VARIABLE
from medic_console.archive.store import Store
from medic_console.archive.verify import verify
from medic_console.core.errors import ArchiveError
from tests.archive.test_ledger import KEY, audited
from tests.conftest import Say, document, fake_model, make_plan, refused, sample_task

PAGE = 4096


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("copies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        audited(folder / "archive.db", folder)
    return folder / "archive.db"


@pytest.fixture
def archive(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, KEY)
    back_up(made, tmp_path / "archive.db")
    return tmp_path / "archive.db"


def content(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(connection.iterdump())


def pages_of(path: Path, table: str) -> list[int]:
    """Return the pages that hold a table's rows, found by a text of them."""
    with closing(sqlite3.connect(path)) as connection:
        (text,) = connection.execute(f"SELECT text FROM {table} ORDER BY length(text) DESC LIMIT 1").fetchone()
    data = path.read_bytes()
    return [page for page in range(len(data) // PAGE) if text[:20].encode() in data[page * PAGE : (page + 1) * PAGE]]


def test_a_copy_is_whole_and_its_owners_alone_while_a_run_writes(archive: Path, tmp_path: Path, say: Say) -> None:
    plan = make_plan([sample_task("medqa", tmp_path, limit=1)], [fake_model("alpha")])
    with closing(Store(archive)) as store:
        run = store.create_run(plan)
        store.begin(run, plan.tasks)
        said = document(say("archive", "backup", tmp_path / "copy.db", "--archive", archive, "--json"))
        store.end("done")
    copy = tmp_path / "copy.db"
    assert said["bytes"] == copy.stat().st_size and stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert verify(copy).holds
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT status FROM runs WHERE id = ?", [run]).fetchone() == ("running",)
    assert not list(tmp_path.glob("*.part-*"))
    refused(say("archive", "backup", copy, "--archive", archive), "there is such a file already")


def test_a_copy_of_a_damaged_archive_is_refused(archive: Path, tmp_path: Path) -> None:
    spoilt(archive, pages_of(archive, "tasks")[:1])
    with pytest.raises(ArchiveError) as caught:
        back_up(archive, tmp_path / "copy.db")
    assert "archive recover" in caught.value.hint and not (tmp_path / "copy.db").exists()


def spoilt(path: Path, pages: list[int], seed: int = 0) -> None:
    data = bytearray(path.read_bytes())
    for page in pages:
        data[page * PAGE : (page + 1) * PAGE] = random.Random(seed + page).randbytes(PAGE)
    path.write_bytes(data)


def test_a_copy_that_finds_no_room_says_so_and_blames_no_archive(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    monkeypatch.setattr(copies, "disk_usage", lambda folder: SimpleNamespace(free=0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, usual[1]))
    try:
        with pytest.raises(ArchiveError, match=r"copy\.db: there is no room for a copy of") as caught:
            back_up(archive, tmp_path / "copy.db")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert "recover" not in caught.value.hint


@pytest.mark.parametrize("content", [b"", b"[" * 100_000], ids=["empty", "no database"])
def test_what_is_no_archive_is_told_at_once(content: bytes, archive: Path, tmp_path: Path, say: Say) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(content)
    told = "the file is empty" if not content else "file is not a database"
    for words in (("verify", "--archive", other), ("merge", other, "--archive", archive)):
        refused(say("archive", *words), told)
    asked: list[str] = []
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ArchiveError, match="no row of it can be read"):
        patch.setattr(copies, "_damaged", lambda path: _traced(path, asked))
        recover(other, tmp_path / "new.db")
    assert len(asked) < 200 and other.read_bytes() == content


def _traced(path: Path, asked: list[str]) -> sqlite3.Connection:
    class Counting(sqlite3.Connection):
        def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
            asked.append(sql)
            return super().execute(sql, values)

    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, factory=Counting)


def test_an_archive_that_is_whole_is_recovered_row_by_row(archive: Path, tmp_path: Path) -> None:
    found = recover(archive, tmp_path / "new.db")
    assert not found.damaged and found.rows["scores"] == 5
    kept, new = (
        [line for line in content(path) if "_sqlite_migrations" not in line] for path in (archive, tmp_path / "new.db")
    )
    assert kept == new
    assert verify(tmp_path / "new.db").holds


@pytest.mark.parametrize("seed", range(8))
def test_around_damaged_pages_all_else_is_recovered(archive: Path, tmp_path: Path, seed: int, say: Say) -> None:
    chance, pages = random.Random(seed), archive.stat().st_size // PAGE
    before = archive_rows(archive)
    spoilt(archive, chance.sample(range(1, pages), 2), seed)
    damaged = archive.read_bytes()
    told = damage(archive)
    code, out, err = say("archive", "recover", tmp_path / "new.db", "--archive", archive)
    assert "Traceback" not in out + err and archive.read_bytes() == damaged
    if code == 2:
        assert "no row of it can be read" in err and not (tmp_path / "new.db").exists()
        return
    after = archive_rows(tmp_path / "new.db")
    assert sum(after.values()) > sum(before.values()) / 3
    assert all(after[table] <= before[table] for table in before)
    if after != before:
        assert code == 1 and "✗" in out
    assert told is None or "archive recover" in told.hint
    with closing(sqlite3.connect(tmp_path / "new.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def archive_rows(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names if name[0] != "_"
        }


def test_damaged_pages_are_told_at_opening_with_what_to_do(archive: Path, tmp_path: Path) -> None:
    assert damage(archive) is None and damage(tmp_path / "none.db") is None
    assert damage(archive, lambda: True) is None
    spoilt(archive, pages_of(archive, "tasks")[:1])
    told = damage(archive)
    assert told is not None and "archive recover archive.db.recovered --archive" in told.hint


def test_a_question_of_ones_own_reads_and_never_writes(archive: Path, say: Say) -> None:
    before = archive.read_bytes()
    said = document(
        say("archive", "sql", "SELECT outcome, count(*) AS n FROM scores GROUP BY 1", "--archive", archive, "--json")
    )
    assert (said["columns"], said["rows"], said["row_count"]) == (["outcome", "n"], [["scored", 5]], 1)
    code, out, err = say("archive", "sql", "SELECT NULL AS none, char(27) || '[31m' AS sign", "--archive", archive)
    assert code == 0 and "NULL" in out and "␛[31m" in out and "\x1b" not in out, err
    for statement in ("DELETE FROM scores", "ATTACH 'x' AS y", "PRAGMA journal_mode = DELETE", "SELECT 1; SELECT 2"):
        refused(say("archive", "sql", statement, "--archive", archive), "was not executed")
    assert archive.read_bytes() == before


def test_rows_that_are_in_the_log_alone_are_asked_and_copied_too(tmp_path: Path, say: Say) -> None:
    path = tmp_path / "a.db"
    with closing(open_writable(path)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("INSERT INTO runs VALUES ('r', '', 'done', 'k', '{}', 'audit')")
        db.conn.commit()
        assert document(say("archive", "sql", "SELECT id FROM runs", "--archive", path, "--json"))["rows"] == [["r"]]
