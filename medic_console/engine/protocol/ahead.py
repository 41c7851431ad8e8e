"""The process of an engine, started before it is needed: its imports take a third of a second beside other work."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import MappingProxyType

from medic_console.childproc.child import Child

WAITS_SECONDS = 60.0
"""Time after which a process that nobody asks for anything ends by itself."""
_TAKEN_SECONDS = 40.0
"""Age above which one is not taken any more, so that none ends while it is."""
_SERVE = "medic_console.engine.child.serve"
QUIET: Mapping[str, str] = MappingProxyType({"GOMP_SPINCOUNT": "10000", "GGML_NO_BACKTRACE": "1"})
"""Surroundings of a process that loads llama.cpp.

GNU OpenMP's threads spin for long before they sleep; where other programs want the same cores, each decode then waits
for a time slice. A short spin costs nothing on free cores and keeps the speed on busy ones. At an assert ggml would
start a debugger and write the process's stack into the log.
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A process that has been given no model.

    Attributes:
        since: When it was started, by the monotonic clock.
    """

    child: Child
    since: float

    @property
    def serves(self) -> bool:
        """Whether it is still there, and will be when it is asked."""
        return self.child.runs and time.monotonic() - self.since < _TAKEN_SECONDS


_WAITING: SimpleQueue[Waiting] = SimpleQueue()


def start_ahead() -> None:
    """Start a process, if none waits."""
    keep(taken() or Waiting(Child(_SERVE, environment=quiet()), time.monotonic()))


def taken() -> Waiting | None:
    """Return a process that was started ahead, which is the caller's then; None without one."""
    while True:
        try:
            found = _WAITING.get_nowait()
        except Empty:
            return None
        if found.serves:
            return found
        found.child.end()


def keep(waiting: Waiting) -> None:
    """Let a process wait for whoever takes it next."""
    _WAITING.put(waiting)


def engine_process(log: Path | None = None) -> Child:
    """Return a process for one model, one that waits or a new one.

    Args:
        log: File that takes what it writes to stderr.
    """
    waiting = taken()
    if waiting is None:
        return Child(_SERVE, log, quiet())
    if log is not None:
        waiting.child.log_to(log)
    return waiting.child


def quiet() -> dict[str, str]:
    """Return the surroundings of a process that loads llama.cpp, where a person has not set them otherwise."""
    return {name: os.environ.get(name, value) for name, value in QUIET.items()}
