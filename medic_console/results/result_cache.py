"""Results that were computed before: a task's are used again until it has new scores or a judge has a new card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medic_console.archive.views import TaskView

Stamp = tuple[object, ...]
"""What a task's results rest on: the number of its scores and of the judges' cards, the last of each, and the number
of runs that are done."""
_RUNS = 2


class ResultCache:
    """Views by run and task; only those of the runs that were asked for last, since they hold every score."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[str, tuple[Stamp, Mapping[str, TaskView]]]] = {}

    def views(
        self, run: str, task: str, stamp: Stamp, make: Callable[[], Mapping[str, TaskView]]
    ) -> Mapping[str, TaskView]:
        """Return a task's views by candidate, from before where nothing has changed."""
        tasks = self._runs.pop(run, {})
        self._runs[run] = tasks
        for old in list(self._runs)[:-_RUNS]:
            self._runs.pop(old, None)
        known = tasks.get(task)
        if known is None or known[0] != stamp:
            known = tasks[task] = (stamp, make())
        return known[1]
