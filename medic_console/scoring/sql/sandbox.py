"""Execute one untrusted SQL statement on a database that cannot change."""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medic_console.errors import ItemsError
from medic_console.records import SqlResult
from medic_console.scoring.sql.compare import Key, comparison_key

KEPT_ROWS = 100
MAX_ROWS = 10_000
"""Rows read, counted and compared; a result with more is marked as capped."""
MAX_SQL = 20_000
"""Characters of one statement."""
MAX_VALUE = 64_000
"""Bytes of one string, blob or row. No deadline acts inside one function call, so its operands stay small."""
MAX_RESULT = 16_000_000
"""Characters and bytes of text in all rows that are read."""
MAX_EXPANSIONS = 20_000
"""Copies that nested common table expressions may multiply to; SQLite makes them before any deadline can
act."""
MAX_CACHED = 4_096

_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: MAX_SQL * 4,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
}
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_DENIED_FUNCTIONS = {"load_extension", "fts3_tokenizer"}
_SEARCHES = {"instr", "replace"}
_MAX_SEARCHES = 20
"""Calls of `_SEARCHES` in one statement: each may take 20 ms, and no deadline acts between them."""
_OPS_BETWEEN_CHECKS = 100
_DEFINED = r"\s*(?:\([^()]*\)\s*)?AS\s*(?:(?:NOT\s+)?MATERIALIZED\s*)?\("
_CTE = re.compile(rf"(?:\bWITH\s+(?:RECURSIVE\s+)?|,\s*)(\w+){_DEFINED}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution: what to show and what to compare."""

    result: SqlResult
    """`side` is empty; the caller names it."""
    key: Key | None
    """The comparison key; None when the statement failed."""


class Sandbox:
    """A read-only connection that executes untrusted statements, one at a time.

    The file is opened `mode=ro&immutable=1` with `PRAGMA query_only`; an authorizer lets through reads,
    selects and functions only; a progress handler stops what runs past the deadline; text that is not UTF-8
    loses its bad bytes, as in the official scorer. Results are kept by statement, so the same query is
    executed once. May be used from several threads.
    """

    def __init__(self, database: Path, deadline: float = 10.0) -> None:
        """Open the database.

        Args:
            database: A SQLite file; it must not change while the sandbox is in use.
            deadline: Seconds that one statement may take.

        Raises:
            ItemsError: There is no such file, or it is not a SQLite database.
        """
        self.deadline = deadline
        self._lock = threading.Lock()
        self._stop_at = 0.0
        self._refused = ""
        self._searches = 0
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._connection = _open(database)
        self._connection.set_authorizer(self._authorize)
        self._connection.set_progress_handler(self._late, _OPS_BETWEEN_CHECKS)

    def close(self) -> None:
        """Close the database; the sandbox cannot be used afterwards."""
        with self._lock:
            self._connection.close()

    def execute(self, sql: str) -> Execution:
        """Execute one statement; whatever is wrong with it is in the result's `error`."""
        with self._lock:
            known = self._executions.get(sql)
            if known is None:
                known = self._run(sql)
                if len(sql) <= MAX_SQL:
                    self._executions[sql] = known
                if len(self._executions) > MAX_CACHED:
                    self._executions.popitem(last=False)
            return known

    def _run(self, sql: str) -> Execution:
        started = time.monotonic()
        self._stop_at, self._refused, self._searches = started + self.deadline, "", 0
        columns: tuple[str, ...] = ()
        rows: list[tuple[Any, ...]] = []
        error = _objection(sql)
        if not error:
            try:
                cursor = self._connection.execute(sql)
                if cursor.description is None:
                    raise _Refused("the statement is not a query")
                columns = tuple(column[0] for column in cursor.description)
                rows.extend(self._fetch(cursor))
                cursor.close()
            except (sqlite3.Error, sqlite3.Warning, MemoryError, _Refused) as problem:
                error = self._explain(problem)
        seconds = time.monotonic() - started
        if error:
            return Execution(SqlResult("", sql, columns, seconds=seconds, error=error), None)
        counted = rows[:MAX_ROWS]
        result = SqlResult("", sql, columns, tuple(rows[:KEPT_ROWS]), len(counted), len(rows) > MAX_ROWS, seconds)
        return Execution(result, comparison_key(counted))

    def _fetch(self, cursor: sqlite3.Cursor) -> Iterator[tuple[Any, ...]]:
        """Yield at most one row more than `MAX_ROWS`."""
        size = 0
        for count, row in enumerate(cursor):
            size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
            if size > MAX_RESULT:
                raise _Refused(f"the result holds more than {MAX_RESULT:,} characters")
            yield row
            if count >= MAX_ROWS:
                return

    def _late(self) -> bool:
        return time.monotonic() > self._stop_at

    def _authorize(self, action: int, first: str | None, second: str | None, *_: str | None) -> int:
        if self._late():
            return sqlite3.SQLITE_DENY
        function = (second or "").lower() if action == sqlite3.SQLITE_FUNCTION else ""
        self._searches += function in _SEARCHES
        if self._searches > _MAX_SEARCHES:
            self._refused = f"more than {_MAX_SEARCHES} calls of instr or replace"
        elif action in _ALLOWED and function not in _DENIED_FUNCTIONS:
            return sqlite3.SQLITE_OK
        else:
            self._refused = function or "anything but reading"
        return sqlite3.SQLITE_DENY

    def _explain(self, problem: Exception) -> str:
        if self._refused:
            return f"not allowed in the sandbox: {self._refused}"
        if self._late():
            return f"stopped after {self.deadline:g} s"
        if isinstance(problem, MemoryError):
            return "out of memory"
        return str(problem)


class _Refused(Exception):
    """What the sandbox itself objects to."""


def _open(database: Path) -> sqlite3.Connection:
    hint = "Give the data set's own SQLite file, unpacked."
    if not database.is_file():
        raise ItemsError(f"There is no database file {database}.", hint)
    uri = f"{database.resolve().as_uri()}?mode=ro&immutable=1"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=0)
    try:
        for pragma in ("query_only = 1", "trusted_schema = 0", "temp_store = 1", "cache_size = -16000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError as error:
        connection.close()
        raise ItemsError(f"{database} cannot be read as a SQLite database: {error}.", hint) from error
    connection.text_factory = lambda raw: raw.decode("utf-8", errors="ignore")
    for category, limit in _LIMITS.items():
        connection.setlimit(category, limit)
    return connection


def _objection(sql: str) -> str:
    """Return why the statement is not even handed to SQLite; empty when it is."""
    if len(sql) > MAX_SQL:
        return f"the statement has {len(sql):,} characters; the sandbox takes {MAX_SQL:,}"
    if "\0" in sql:
        return "the statement holds a null character"
    if any("\ud800" <= character <= "\udfff" for character in sql):
        return "the statement holds a character that is not Unicode text"
    if _expansions(sql) > MAX_EXPANSIONS:
        return "the statement's common table expressions multiply one another too often"
    return ""


def _expansions(sql: str) -> int:
    """Return an upper bound of how often nested common table expressions are copied into one another."""
    plain = re.sub(r"[\"`\[\]]", " ", sql)
    product = 1
    for name in set(_CTE.findall(plain)):
        uses = len(re.findall(rf"(?:\bFROM|\bJOIN|,)[\s(]+{name}\b(?!\s*\.|{_DEFINED})", plain, re.IGNORECASE))
        product *= max(1, uses)
        if product > MAX_EXPANSIONS:
            break
    return product


def on_side(execution: Execution, side: str) -> SqlResult:
    """Return the execution's result, named `predicted` or `gold`."""
    return replace(execution.result, side=side)
