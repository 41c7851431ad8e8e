"""Untrusted SQL in a process of its own, which is ended when a statement runs on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
import weakref
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import SqlResult
from medic_console.scoring.sql.statement import KEPT_ROWS, Execution, failed, late, objection, open_read_only
from medic_console.scoring.sql.wire import read_execution, to_line

MAX_CACHED = 4_096
START_SECONDS = 60.0
"""Longest time for the process to start, on a busy machine."""
GRACE_SECONDS = 1.0
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
        self._children: list[subprocess.Popen[bytes]] = []
        """The process, or none."""
        open_read_only(database).close()
        weakref.finalize(self, _end, self._children)

    @property
    def pid(self) -> int | None:
        """Process id of the process; None while there is none."""
        return self._children[0].pid if self._children else None

    def close(self) -> None:
        """End the process; safe to call twice."""
        with self._lock:
            _end(self._children)

    def execute(self, sql: str) -> Execution:
        """Execute one statement; whatever is wrong with it is in the result's `error`.

        Raises:
            ItemsError: The process cannot be started.
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
        if not self._children:
            self._start()
        started = time.monotonic()
        if line := self._ask(sql, self.deadline + GRACE_SECONDS):
            return read_execution(line)
        code = self._children[0].wait()
        _end(self._children)
        seconds = time.monotonic() - started
        ended = seconds > self.deadline + GRACE_SECONDS
        return failed(sql, late(self.deadline) if ended else f"SQLite's process ended with code {code}", seconds)

    def _start(self) -> None:
        root = str(Path(__file__).resolve().parents[3])
        path = os.environ.get("PYTHONPATH")
        self._children.append(
            subprocess.Popen(
                [sys.executable, "-m", "medic_console.scoring.sql.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # 'localtime' must not depend on where the machine stands.
                env={**os.environ, "TZ": "UTC", "PYTHONPATH": os.pathsep.join([root, path] if path else [root])},
                start_new_session=True,
            )
        )
        if not self._ask(
            {"database": str(self._database), "deadline": self.deadline, "keep": self._keep}, START_SECONDS
        ):
            _end(self._children)
            raise ItemsError(f"{self._database}: the process that executes SQL did not start.")

    def _ask(self, request: Any, seconds: float) -> bytes:
        """Return the answer to a request; empty when the process ended, or was ended because none came in time."""
        child = self._children[0]
        assert child.stdin is not None and child.stdout is not None
        watch = threading.Timer(seconds, child.kill)
        watch.start()
        try:
            child.stdin.write(to_line(request))
            child.stdin.flush()
            return child.stdout.readline()
        except OSError:
            return b""
        finally:
            watch.cancel()


def _end(children: list[subprocess.Popen[bytes]]) -> None:
    """End the process in the list, if there is one, and take it out."""
    while children:
        child = children.pop()
        assert child.stdin is not None and child.stdout is not None
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


def on_side(execution: Execution, side: str) -> SqlResult:
    """Return the execution's result, named `predicted` or `gold`."""
    return replace(execution.result, side=side)
