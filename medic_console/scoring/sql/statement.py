"""Execute an untrusted SQL statement on a database that cannot change, in a process that may be ended (`sandbox`)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError, sentence
from medic_console.core.records import SqlResult
from medic_console.scoring.sql.clock import stop_clock
from medic_console.scoring.sql.result_sets import Key, comparison_key

KEPT_ROWS = 100
KEPT_BYTES = 1 << 20
"""Bytes of all rows that are kept; of larger ones fewer are kept, and all are counted and compared."""
MAX_COLUMNS = 256
MAX_ROWS = 1_000_000
"""Rows read, counted and compared; a result with more is marked as capped."""
MAX_SQL = 20_000
"""Characters of one statement."""
MAX_VALUE = 64_000
"""Bytes of one string, blob or row."""
MAX_HEAP = 512 * 2**20
"""Bytes that SQLite may hold, temporary tables included; nothing is written to disk."""

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: MAX_SQL * 4,
    sqlite3.SQLITE_LIMIT_COLUMN: MAX_COLUMNS,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
}
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_DENIED_FUNCTIONS = {"load_extension", "fts3_tokenizer"}
_OPS_BETWEEN_CHECKS = 100
_NUMBER = 8
"""Bytes of a number or NULL."""


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution: what to show and what to compare."""

    result: SqlResult
    """`side` is empty; the caller names it."""
    key: Key | None
    """The comparison key; None when the statement failed."""


def failed(sql: str, error: str, seconds: float = 0.0) -> Execution:
    """Return the execution of a statement that gave nothing."""
    return Execution(SqlResult("", sql, seconds=seconds, error=error), None)


class Connection:
    """A read-only connection that executes one untrusted statement after the other.

    The file is opened `mode=ro&immutable=1` with `PRAGMA query_only`; an authorizer lets through reads, selects and
    functions only; a progress handler stops what runs past the deadline; text that is not UTF-8 loses its bad bytes,
    as in the official scorer; the clock stands at the data set's now. Two things no handler can stop: one long call of
    a function, and a statement that SQLite multiplies while it compiles it.
    """

    def __init__(self, database: Path, deadline: float, keep: int = KEPT_ROWS) -> None:
        """Open the database.

        Args:
            database: A SQLite file; it must not change while the connection is in use.
            deadline: Seconds that one statement may take.
            keep: Rows that a result holds at most.

        Raises:
            ItemsError: There is no such file, or it is not a SQLite database.
        """
        self._deadline = deadline
        self._keep = keep
        self._stop_at = 0.0
        self._refused = ""
        self._connection = open_read_only(database)
        # The limit holds for the whole process, and for good.
        self._connection.execute(f"PRAGMA hard_heap_limit = {MAX_HEAP}")
        self._connection.text_factory = lambda raw: raw.decode("utf-8", errors="ignore")
        stop_clock(self._connection)
        for category, limit in _LIMITS.items():
            self._connection.setlimit(category, limit)
        self._connection.set_authorizer(self._authorize)
        self._connection.set_progress_handler(self._late, _OPS_BETWEEN_CHECKS)

    def execute(self, sql: str) -> Execution:
        """Execute one statement; whatever is wrong with it is in the result's `error`."""
        started = time.monotonic()
        self._stop_at, self._refused = started + self._deadline, ""
        try:
            cursor = self._connection.execute(sql)
            if cursor.description is None:
                raise _Refused("the statement is not a query")
            columns = tuple(column[0] for column in cursor.description)
            rows = _Rows(cursor, self._keep)
            key = comparison_key(rows)
            cursor.close()
        except (sqlite3.Error, sqlite3.Warning, MemoryError, _Refused) as problem:
            return failed(sql, self._explain(problem), time.monotonic() - started)
        seconds = time.monotonic() - started
        return Execution(SqlResult("", sql, columns, tuple(rows.first), rows.count, rows.capped, seconds), key)

    def _late(self) -> bool:
        return time.monotonic() > self._stop_at

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if self._late():
            return sqlite3.SQLITE_DENY
        function = (second or "").lower() if action == sqlite3.SQLITE_FUNCTION else ""
        if action in _ALLOWED and function not in _DENIED_FUNCTIONS:
            return sqlite3.SQLITE_OK
        self._refused = function or "anything but reading"
        return sqlite3.SQLITE_DENY

    def _explain(self, problem: Exception) -> str:
        if self._refused:
            return f"not allowed in the sandbox: {self._refused}"
        if self._late():
            return late(self._deadline)
        if isinstance(problem, MemoryError):
            return "out of memory"
        return str(problem)


class _Rows:
    """The rows of a cursor, up to `MAX_ROWS`: the first are kept, by number and bytes, and all are counted."""

    def __init__(self, cursor: sqlite3.Cursor, keep: int) -> None:
        self._cursor = cursor
        self._keep = keep
        self.first: list[tuple[Any, ...]] = []
        self.count = 0
        self.capped = False
        self._room = KEPT_BYTES

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._cursor:
            if self.count == MAX_ROWS:
                self.capped = True
                return
            self.count += 1
            if self.count <= self._keep and self._room > 0:
                self._room -= sum(len(cell) if isinstance(cell, str | bytes) else _NUMBER for cell in row)
                if self._room > 0:
                    self.first.append(row)
            yield row


class _Refused(Exception):
    """What the sandbox itself objects to."""


def late(deadline: float) -> str:
    """Return what is said of a statement that took longer than it may, in seconds."""
    return f"stopped after {deadline:g} s"


def objection(sql: str) -> str:
    """Return why a statement is not even handed to SQLite; empty when it is."""
    if len(sql) > MAX_SQL:
        return f"the statement has {len(sql):,} characters; the sandbox takes {MAX_SQL:,}"
    if "\0" in sql:
        return "the statement holds a null character"
    if any("\ud800" <= character <= "\udfff" for character in sql):
        return "the statement holds a character that is not Unicode text"
    return ""


def open_read_only(database: Path) -> sqlite3.Connection:
    """Open a SQLite file so that nothing can be written, to it or elsewhere.

    Raises:
        ItemsError: There is no such file, or it is not a SQLite database.
    """
    hint = "Give the data set's own SQLite file, unpacked."
    if not database.is_file():
        raise ItemsError(f"There is no database file {database}.", hint)
    uri = f"{database.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=0)
    try:
        for pragma in ("query_only = 1", "trusted_schema = 0", "temp_store = 2", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        said = sentence(f"{database} cannot be read as a SQLite database: {error}")
        raise ItemsError(said, hint) from error
    return connection
