"""Who waits for another program that writes the archive is told so at once, and goes on when it is free."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.archive import transaction as waiting
from medic_console.archive.database import open_writable
from medic_console.archive.transaction import transaction
from medic_console.core.errors import ArchiveError
from medic_console.core.notices import on_notice


@pytest.fixture
def told() -> Iterator[list[str]]:
    heard: list[str] = []
    on_notice(heard.append)
    yield heard
    on_notice(lambda text: None)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, sqlite3.Connection]]:
    """An archive that another connection is writing."""
    path = tmp_path / "a.db"
    open_writable(path).close()
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield path, other


def test_the_wait_is_told_and_ends_with_the_other_writer(
    held: tuple[Path, sqlite3.Connection], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = held
    monkeypatch.setattr(waiting, "FIRST_SECONDS", 0.01)
    freed = threading.Event()

    def hear(text: str) -> None:
        told.append(text)
        other.execute("ROLLBACK")
        freed.set()

    on_notice(hear)
    with closing(open_writable(path)) as db:
        with transaction(db, path):
            assert freed.is_set()
        with transaction(db, path):
            pass
    assert told == [f"{path}: another program is writing; waiting up to 30 seconds for it."]


def test_a_wait_that_is_too_long_says_what_to_do(
    held: tuple[Path, sqlite3.Connection], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = held
    monkeypatch.setattr(waiting, "FIRST_SECONDS", 0.01)
    monkeypatch.setattr(waiting, "BUSY_SECONDS", 0.05)
    with (
        closing(open_writable(path)) as db,
        pytest.raises(ArchiveError, match=r"cannot be written \(database is locked\)"),
        transaction(db, path),
    ):
        pass
    assert len(told) == 1
