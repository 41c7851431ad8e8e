"""Untrusted SQL in a process of its own, which is ended when a statement runs on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import to_line
from medic_console.core.errors import SandboxError
from medic_console.core.records import SqlResult
from medic_console.scoring.sql.statement import KEPT_ROWS, Execution, failed, late, objection, open_read_only
from medic_console.scoring.sql.wire import read_execution

MAX_CACHED = 4_096
START_SECONDS = 60.0
"""Longest time for the process to start, on a busy machine."""
GRACE_SECONDS = 0.4
"""Time past the deadline for a statement to stop by itself before its process is ended."""


class Sandbox:
    """One database and the process that executes statements on it, one at a time.

    The process is started at the first statement and again after one that it did not survive. Results are kept by
    statement, so the same query is executed once. May be used from several threads. See `statement` for what is
    allowed.
    """

    def __init__(self, database: Path, deadline: float = 10.0, keep: int = KEPT_ROWS) -> None:
        """Check that the database can be opened.

        Args:
            database: A SQLite file; it must not change while the sandbox is in use.
            deadline: Seconds that one statement may take.
            keep: Rows that a result holds at most.

        Raises:
            ItemsError: There is no such file, or it is not a SQLite database.
        """
        self.deadline = deadline
        self._keep = keep
        self._database = database.resolve()
        self._lock = threading.Lock()
        self._executions: OrderedDict[str, Execution] = OrderedDict()
        self._child: Child | None = None
        open_read_only(database).close()

    @property
    def pid(self) -> int | None:
        """Process id of the process; None while there is none."""
        return self._child.pid if self._child else None

    def close(self) -> None:
        """End the process; safe to call twice."""
        with self._lock:
            self._end()

    def execute(self, sql: str) -> Execution:
        """Execute one statement; whatever is wrong with it is in the result's `error`.

        Raises:
            SandboxError: The process cannot be started.
        """
        if refusal := objection(sql):
            return failed(sql, refusal)
        with self._lock:
            known = self._executions.get(sql)
            if known is None:
                known = self._executions[sql] = self._run(sql)
                if len(self._executions) > MAX_CACHED:
                    self._executions.popitem(last=False)
            return known

    def _run(self, sql: str) -> Execution:
        """A process that ends in the middle may have been ended from outside: the statement is tried once more."""
        started = time.monotonic()
        for _ in range(2):
            child = self._child or self._start()
            try:
                return read_execution(child.ask(to_line(sql), self.deadline + GRACE_SECONDS))
            except Silent:
                self._end()
                return failed(sql, late(self.deadline), time.monotonic() - started)
            except Ended as ended:
                self._end()
                why = f"SQLite's process ended with code {ended.code}, twice"
        return failed(sql, why, time.monotonic() - started)

    def _start(self) -> Child:
        # 'localtime' must not depend on where the machine stands.
        child = self._child = Child("medic_console.scoring.sql.serve", environment={"TZ": "UTC"})
        opened = {"database": str(self._database), "deadline": self.deadline, "keep": self._keep}
        try:
            child.ask(to_line(opened), START_SECONDS)
        except (Silent, Ended) as error:
            self._end()
            raise SandboxError(
                f"{self._database}: the process that executes SQL did not start.",
                "Free memory, or allow more processes (ulimit -u).",
            ) from error
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.end()


def on_side(execution: Execution, side: str) -> SqlResult:
    """Return the execution's result, named `predicted` or `gold`."""
    return replace(execution.result, side=side)
