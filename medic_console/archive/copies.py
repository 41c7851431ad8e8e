"""Whole copies of an archive: of one that is in use, and of what can still be read of a damaged one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import disk_usage
from typing import Any

from medic_console.archive.database import clear_parts, open_readonly, open_writable, recovery
from medic_console.core.errors import ArchiveError

_ROWID_AT_MOST = 2**63 - 1
_ROWID_AT_LEAST = -(2**63)
_MOST_FAULTS = 20_000
"""Ranges of a table that cannot be read; with more the table is given up: its root is damaged."""
_NOT_THERE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB)
"""What SQLite says where there is no such table, or no database: no smaller range has one."""
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came out of a damaged archive.

    Attributes:
        rows: Number of rows that were read, by table.
        damaged: Tables of which something could not be read, each with what SQLite said.
    """

    rows: dict[str, int]
    damaged: dict[str, str]


def back_up(path: Path, target: Path) -> None:
    """Write a whole copy of an archive as it is at one moment, while others may write to it.

    Raises:
        ArchiveError: There is no archive, it is damaged, or the copy cannot be made or is there already.
    """
    with closing(open_readonly(path)) as connection, new_file(target) as part:
        try:
            with closing(sqlite3.connect(part)) as copy:
                connection.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")
                (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.Error as error:
            said = str(error)
            if disk_usage(part.parent).free < path.stat().st_size:  # SQLite calls it an error of input and output too
                raise ArchiveError(
                    f"{target}: there is no room for a copy of {path}, which has {path.stat().st_size:,} bytes.",
                    "Name a file on a disk that has.",
                ) from error
        if said != "ok":
            raise ArchiveError(f"{path}: no copy was made ({said}).", f"Save what can be read: {recovery(path)}")


def recover(path: Path, target: Path) -> Recovered:
    """Write a new archive with every row of a damaged one that can be read; the damaged one is left as it is.

    Tables are read in their order, and around what cannot be read by ever smaller ranges of row ids; those without row
    ids from both ends.

    Raises:
        ArchiveError: There is no such file, nothing of it can be read, or the new archive cannot be written.
    """
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive.", "Name the damaged file with --archive FILE.")
    rows: dict[str, int] = {}
    damaged: dict[str, str] = {}
    with new_file(target) as part:
        with closing(open_writable(part)) as new, closing(_damaged(path)) as old:
            connection = new.conn
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA journal_mode = DELETE")
            for table, columns, ordered in _tables(connection):
                source = _Table(old, table, columns, ordered)
                rows[table] = _insert(connection, table, source)
                if source.fault:
                    damaged[table] = source.fault
            connection.commit()
        if not sum(rows.values()):
            raise ArchiveError(f"{path}: no row of it can be read.", "Restore it from a backup.")
    return Recovered(rows, damaged)


def _damaged(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    return connection


def _tables(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    """Yield the name of each table of ours, its columns, and its key where it has no row ids."""
    listed = connection.execute("PRAGMA table_list").fetchall()
    without = {row[1] for row in listed if row[4]}
    names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
    for name in names:
        if not name.startswith(("sqlite_", "_")):
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            key = ", ".join(column[1] for column in sorted(columns, key=lambda one: one[5]) if column[5])
            yield name, ", ".join(column[1] for column in columns), key if name in without else ""


class _Table:
    """The rows of a damaged table that can be read.

    Attributes:
        fault: What SQLite said of what cannot be read; empty when all can.
    """

    def __init__(self, connection: sqlite3.Connection, name: str, columns: str, key: str) -> None:
        self._db, self._name, self._columns, self._key = connection, name, columns, key
        self.fault = ""
        self._faults = 0

    def rows(self) -> Iterator[_Row]:
        """Yield rows; some of them twice, where a table without row ids is read from both ends."""
        if not self._key:
            yield from self._between(_ROWID_AT_LEAST, _ROWID_AT_MOST)
            return
        yield from self._read(f"SELECT {self._columns} FROM {self._name}")
        if self.fault:
            order = ", ".join(f"{name} DESC" for name in self._key.split(", "))
            yield from self._read(f"SELECT {self._columns} FROM {self._name} ORDER BY {order}")

    def _between(self, first: int, last: int) -> Iterator[_Row]:
        """Yield the rows of a range of row ids; where one cannot be read, those of its halves."""
        sql = f"SELECT rowid, {self._columns} FROM {self._name} WHERE rowid >= ? AND rowid <= ? ORDER BY rowid"
        at = first
        try:
            for row in self._db.execute(sql, [first, last]):
                yield row[1:]
                at = row[0] + 1
            return
        except (sqlite3.Error, OverflowError) as error:
            self.fault = str(error)
            self._faults += 1
            if isinstance(error, sqlite3.Error) and error.sqlite_errorcode in _NOT_THERE:
                return
        if last <= at or self._faults > _MOST_FAULTS:
            return
        middle = (at + last) // 2
        if self._reachable(at, middle):
            yield from self._between(at, middle)
        yield from self._between(middle + 1, last)

    def _reachable(self, first: int, last: int) -> bool:
        """Tell whether looking for a row in a range finds one or a damaged page: an empty range is not halved on."""
        try:
            sql = f"SELECT 1 FROM {self._name} WHERE rowid >= ? AND rowid <= ? LIMIT 1"
            return self._db.execute(sql, [first, last]).fetchone() is not None
        except sqlite3.Error:
            return True

    def _read(self, sql: str) -> Iterator[_Row]:
        try:
            yield from self._db.execute(sql)
        except sqlite3.Error as error:
            self.fault = str(error)


def _insert(connection: sqlite3.Connection, table: str, source: _Table) -> int:
    """Return the number of rows that were taken over; one that breaks a rule of its table is left out."""
    before = connection.total_changes
    for row in source.rows():
        marks = ", ".join("?" * len(row))
        try:
            connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", row)
        except (sqlite3.Error, UnicodeError, OverflowError) as error:
            source.fault = str(error)
    return connection.total_changes - before


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """Give a file to be written, that becomes the target when all went well; only its owner may read it.

    Raises:
        ArchiveError: The target is there already, or cannot be written.
    """
    target = target.expanduser().absolute()
    if target.exists():
        raise ArchiveError(f"{target}: there is such a file already.", "Name one that is not there.")
    part = target.with_name(f"{target.name}.part-{os.getpid()}")
    try:
        clear_parts(target)
        part.touch(mode=0o600, exist_ok=False)
        try:
            yield part
            part.rename(target)
        finally:
            for leftover in (part, *(Path(f"{part}{end}") for end in ("-wal", "-shm", "-journal"))):
                leftover.unlink(missing_ok=True)
    except OSError as error:
        raise ArchiveError(
            f"{target}: it cannot be written ({error.strerror}).", "Name a file in a folder that can be written."
        ) from error
