"""One transaction of a writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.core.errors import ArchiveError
from medic_console.core.notices import tell

if TYPE_CHECKING:
    from sqlite_utils import Database

OUTSIDE_CAUSES = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
)
"""Result codes of SQLite that a person can do something about; any other is a defect of ours."""


FIRST_SECONDS, BUSY_SECONDS = 1.0, 30.0
"""How long a writer waits for another one before it is told, and then."""


@contextmanager
def transaction(db: Database, path: Path) -> Iterator[None]:
    """One transaction; what SQLite refuses becomes an error that says what to do.

    It takes the write lock at its beginning, where SQLite waits for another writer: a transaction that has read
    before it writes is refused at once.

    Raises:
        ArchiveError: The archive cannot be written.
    """
    try:
        _begin(db.conn, path)
        with db.conn:
            yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in OUTSIDE_CAUSES:
            raise
        raise ArchiveError(
            f"{path}: the archive cannot be written ({error}).",
            "What is stored is kept. Make room on the disk, or wait until no other program holds the file; "
            "then do it again; a run is resumed.",
        ) from error


def _begin(connection: sqlite3.Connection, path: Path) -> None:
    """Take the write lock; who waits for another writer is told so.

    Raises:
        sqlite3.OperationalError: It was not free in time, or SQLite refuses for another reason.
    """
    connection.execute(f"PRAGMA busy_timeout = {FIRST_SECONDS * 1000:.0f}")
    try:
        connection.execute("BEGIN IMMEDIATE")
        return
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
            raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000:.0f}")
    tell(f"{path}: another program is writing; waiting up to {BUSY_SECONDS:.0f} seconds for it.")
    connection.execute("BEGIN IMMEDIATE")
