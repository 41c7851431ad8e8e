"""What a headless run tells on stderr while it goes on: bars on a terminal, else and with `--plain` a line a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.text import Text

from medic_console.archive.follow import ByTask
from medic_console.audit.events import ItemScored, RunEvent
from medic_console.audit.outline import outline_of
from medic_console.audit.plan import Plan
from medic_console.audit.progress import Progress
from medic_console.commands.output import plain
from medic_console.results.task_lines import counted
from medic_console.session.progress_lines import Clock, Lines, expected, finished, said, totals


class Watching(Protocol):
    """Shows the events of a run."""

    def take(self, event: RunEvent) -> None:
        """Show an event."""


@contextmanager
def watching(
    plan: Plan, console: Console, before: ByTask | None = None, now: Clock = time.monotonic
) -> Iterator[Watching]:
    """Show a run's progress on a console while the block lasts.

    Args:
        before: Scores of earlier sittings.
        now: Seconds on a clock that never goes back.
    """
    progress = Progress(outline_of(plan), dict(before or {}))
    if plain.get() or not console.is_terminal:

        def write(line: str) -> None:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

        lines, ended = Lines(progress, write, now), threading.Event()
        teller = threading.Thread(target=lines.each_minute, args=(ended,), daemon=True)
        teller.start()
        try:
            yield lines
        finally:
            ended.set()
            teller.join()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeElapsedColumn(),
    )
    with _Bars(*columns, console=console) as bars:
        yield _Drawn(progress, bars, now)


class _Bars(Bars):
    """Bars with two lines below them.

    Attributes:
        model: What is at work.
        pace: When the end is expected, and the pace.
    """

    model, pace = "", ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Yield the bars, then the lines."""
        yield from super().get_renderables()
        for line in (self.model, self.pace):
            yield Text(line, no_wrap=True, overflow="ellipsis")


class _Drawn:
    """One bar a task, a line for the model, one for pace and ETA."""

    def __init__(self, progress: Progress, bars: _Bars, now: Clock) -> None:
        self._progress, self._bars, self._now = progress, bars, now
        self._tasks: dict[str, TaskID] = {
            task: bars.add_task(task, total=total, completed=finished(progress, task).total, counts="")
            for task, total in totals(progress).items()
        }

    def take(self, event: RunEvent) -> None:
        """Show an event."""
        now = self._now()
        self._progress.apply(event, now)
        if isinstance(event, ItemScored):
            counts = finished(self._progress, event.ref.task)
            bar = self._tasks[event.ref.task]
            self._bars.update(bar, completed=counts.total, counts="  ".join(counted(counts).split(", ")))
            self._bars.pace = expected(self._progress, now)
        elif line := said(event):
            self._bars.model = line
