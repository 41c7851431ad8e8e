"""What a headless run tells on stderr while it goes on: bars on a terminal, else and with `--plain` a line a minute."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from medic_console.archive.follow import ByTask
from medic_console.audit.events import Generates, ItemScored, ModelLoaded, ModelLoading, RunEvent, RunStarted
from medic_console.audit.outline import outline_of
from medic_console.audit.plan import Plan
from medic_console.audit.progress import Progress
from medic_console.commands.output import plain
from medic_console.core.digest import short
from medic_console.core.naming import called
from medic_console.core.records import Counts
from medic_console.engine.protocol.conditions import layers_in_words
from medic_console.results.task_lines import counted

EVERY = 60.0
"""Seconds between two lines, and over which their tokens a second are counted."""
Clock = Callable[[], float]


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
        lines, ended = Lines(progress, console, now), threading.Event()
        teller = threading.Thread(target=_each_minute, args=(lines, ended), daemon=True)
        teller.start()
        try:
            yield lines
        finally:
            ended.set()
            teller.join()
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeElapsedColumn(),
    )
    with Bars(*columns, console=console) as bars:
        yield _Drawn(progress, bars, now)


def _each_minute(lines: Lines, ended: threading.Event) -> None:
    while not ended.wait(EVERY):
        lines.minute()


def _finished(progress: Progress, task: str) -> Counts:
    """Return the scores of a task under all candidates and judges."""
    every = [counts for (_, name), counts in progress.by_task.items() if name == task]
    return Counts(sum(c.scored for c in every), sum(c.unscored for c in every), sum(c.failed for c in every))


def _totals(progress: Progress) -> dict[str, int]:
    outline = progress.outline
    return {one.task.id: one.scores * len(outline.candidates) for one in outline.tasks}


class _Drawn:
    """One bar a task, and one line for the model with pace and ETA."""

    def __init__(self, progress: Progress, bars: Bars, now: Clock) -> None:
        self._progress, self._bars, self._now = progress, bars, now
        self._model = bars.add_task("", total=None, counts="")
        self._tasks: dict[str, TaskID] = {
            task: bars.add_task(task, total=total, completed=_finished(progress, task).total, counts="")
            for task, total in _totals(progress).items()
        }

    def take(self, event: RunEvent) -> None:
        """Show an event."""
        now = self._now()
        self._progress.apply(event, now)
        if isinstance(event, ItemScored):
            counts = _finished(self._progress, event.ref.task)
            bar = self._tasks[event.ref.task]
            self._bars.update(bar, completed=counts.total, counts="  ".join(counted(counts).split(", ")))
            self._bars.update(self._model, counts=_expected(self._progress, now))
        elif line := _said(event):
            self._bars.update(self._model, description=line)


class Lines:
    """A line when a model is loaded, when a task is done, and each minute, also while nothing happens."""

    def __init__(self, progress: Progress, console: Console, now: Clock) -> None:
        progress.window = EVERY
        self._progress, self._console, self._now = progress, console, now
        self._totals = _totals(progress)
        self._lock = threading.Lock()

    def take(self, event: RunEvent) -> None:
        """Write an event as a line, where it is worth one."""
        with self._lock:
            self._progress.apply(event, self._now())
            for line in self._of(event):
                self._print(line)

    def minute(self) -> None:
        """Write how far the run is."""
        with self._lock:
            counts, total = self._progress.counts, self._progress.outline.total
            done = f"{counts.total:,} of {total:,} items: {counted(counts)}"
            self._print(f"{time.strftime('%H:%M')} {done}; {_expected(self._progress, self._now())}.")

    def _of(self, event: RunEvent) -> Iterator[str]:
        if isinstance(event, ItemScored):
            task = event.ref.task
            counts, total = _finished(self._progress, task), self._totals[task]
            if counts.total == total:
                yield f"{task}: {counts.total:,} of {total:,}: {counted(counts)}."
        elif line := _said(event):
            yield f"{line}."
        if isinstance(event, ModelLoaded):
            yield from (f"  {note}" for note in event.granted.notes)

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _expected(progress: Progress, now: float) -> str:
    """Return when the end is expected, or why that is not known, and the pace."""
    expected = progress.silence(now) or progress.left().told
    return f"{expected}; {progress.tokens_per_second(now):,.1f} tokens/s x {progress.parallel}"


def _said(event: RunEvent) -> str:
    """Return what a run says of itself and its models; empty for other events."""
    if isinstance(event, RunStarted):
        return f"run {event.run}"
    if isinstance(event, ModelLoading):
        return f"{event.role} {called(event.model)}: loading"
    if isinstance(event, ModelLoaded):
        file = f"{called(event.model)} {short(event.model.sha256)}"
        layers = event.granted.gpu_layers
        on_gpu = f" {layers_in_words(layers)}" if layers else ""
        return f"{event.role} {file} x{event.granted.parallel} {event.granted.cache}{on_gpu}"
    if isinstance(event, Generates):
        held = f"the labels hold {100 * event.held:.1f} % of the probability on the first {event.items} items"
        return f"{event.task.task.id}: {held}: answers are generated"
    return ""
