"""A run in lines while it goes on, for logs and screen readers: what was loaded, what is done, how far it is."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from medic_console.audit.events import Generates, ItemScored, ModelLoaded, ModelLoading, RunEvent, RunStarted
from medic_console.audit.progress import Progress
from medic_console.core import paths
from medic_console.core.digest import short
from medic_console.core.naming import called
from medic_console.core.records import Counts
from medic_console.core.units import count
from medic_console.engine.protocol.conditions import layers_in_words, memory_told
from medic_console.engine.protocol.port import Machines
from medic_console.results.task_lines import counted

EVERY = 60.0
"""Seconds between two lines, and over which their tokens a second are counted."""
Clock = Callable[[], float]
"""Seconds on a clock that never goes back."""


class Lines:
    """A line when a model is loaded, when a task is done, and whenever it is asked for; by several threads at once."""

    def __init__(self, progress: Progress, write: Callable[[str], None], now: Clock = time.monotonic) -> None:
        progress.window = EVERY
        self.progress = progress
        self._write, self._now = write, now
        self._totals = totals(progress)
        self._lock = threading.Lock()

    def take(self, event: RunEvent) -> None:
        """Write an event as a line, where it is worth one."""
        with self._lock:
            self.progress.apply(event, self._now())
            for line in self._of(event):
                self._write(line)

    def so_far(self) -> str:
        """Return how far the run is: the time of day, counts, when the end is expected, the pace."""
        with self._lock:
            counts, total = self.progress.counts, self.progress.outline.total
            done = f"{counts.total:,} of {total:,} items: {counted(counts)}"
            return f"{time.strftime('%H:%M')} {done}; {expected(self.progress, self._now())}."

    def each_minute(self, ended: threading.Event) -> None:
        """Write how far the run is once a minute, also while nothing happens, until it has ended."""
        while not ended.wait(EVERY):
            self._write(self.so_far())

    def _of(self, event: RunEvent) -> Iterator[str]:
        if isinstance(event, ItemScored):
            task = event.ref.task
            counts, total = finished(self.progress, task), self._totals[task]
            if counts.total == total:
                yield f"{task}: {counts.total:,} of {total:,}: {counted(counts)}."
        elif line := said(event):
            yield f"{line}."
        if isinstance(event, ModelLoaded):
            yield from (f"  {note}" for note in event.granted.notes)


def finished(progress: Progress, task: str) -> Counts:
    """Return the scores of a task under all candidates and judges."""
    every = [counts for (_, name), counts in progress.by_task.items() if name == task]
    return Counts(sum(c.scored for c in every), sum(c.unscored for c in every), sum(c.failed for c in every))


def totals(progress: Progress) -> dict[str, int]:
    """Return the scores that each task will have."""
    outline = progress.outline
    return {one.task.id: one.scores * len(outline.candidates) for one in outline.tasks}


def expected(progress: Progress, now: float) -> str:
    """Return when the end is expected, or why that is not known, and the pace."""
    told = progress.silence(now) or progress.left().told
    pace = f"; {progress.tokens_per_second(now):,.1f} tokens/s x {progress.parallel}"
    spread = f" ({progress.spread})" if progress.machines else ""
    return told + (pace + spread if progress.parallel else "; no model is loaded yet")


def said(event: RunEvent) -> str:
    """Return what a run says of itself and its models; empty for other events."""
    if isinstance(event, RunStarted):
        return f"Run {event.run} {'goes on' if event.done else 'has begun'}"
    if isinstance(event, ModelLoading):
        return f"{event.role} {called(event.model)}: loading"
    if isinstance(event, ModelLoaded):
        file = f"{called(event.model)} {short(event.model.sha256)}"
        layers = event.granted.gpu_layers
        on_gpu = f", {layers_in_words(layers)}" if layers else ""
        spread = f" on {event.granted.workers} engines" if event.granted.workers > 1 else ""
        together = count(event.granted.parallel, "sequence")
        return f"{event.role} {file}: {together}, {memory_told(event.granted)}{on_gpu}{spread}"
    if isinstance(event, Machines):
        return event.message.rstrip(".")
    if isinstance(event, Generates):
        held = f"the labels hold {100 * event.held:.1f} % of the probability on the first {event.items} items"
        return f"{event.task.task.id}: {held}: answers are generated"
    return ""


def resume_line(run: str, archive: Path) -> str:
    """Return what a person types to go on with a run."""
    where = "" if archive == paths.default_archive().absolute() else f" --archive {shlex.quote(str(archive))}"
    return f"Resume it: medic-console resume {run}{where}"
