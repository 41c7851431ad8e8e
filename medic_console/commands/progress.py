"""What a headless run tells on stderr while it goes on: bars, or with `--plain` a line now and then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from medic_console.audit.events import Generates, ItemScored, ModelLoaded, ModelLoading, RunEvent, RunStarted
from medic_console.audit.plan import Plan
from medic_console.commands.output import plain
from medic_console.core.digest import short
from medic_console.core.naming import called
from medic_console.core.records import Outcome
from medic_console.engine.protocol.conditions import layers_in_words

LINES = 4
"""Plain lines a task: at each quarter of its scores."""


class Watching(Protocol):
    """Shows the events of a run."""

    def take(self, event: RunEvent) -> None:
        """Show an event."""


@contextmanager
def watching(plan: Plan, console: Console) -> Iterator[Watching]:
    """Show a run's progress on a console while the block lasts."""
    if plain.get():
        yield _Lines(plan, console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield _Bars(plan, progress)


class _Tally:
    """Scores of each task so far, over all candidates and judges."""

    def __init__(self, plan: Plan) -> None:
        self.totals: dict[str, int] = {}
        self._counts: dict[str, dict[Outcome, int]] = {}
        for loaded in plan.tasks:
            times = len(plan.candidates) * (max(1, len(plan.judges)) if loaded.task.judge else 1)
            self.totals[loaded.task.id] = len(loaded.items) * times
            self._counts[loaded.task.id] = dict.fromkeys(Outcome, 0)

    def add(self, event: ItemScored) -> int:
        """Count a score and return how many its task has."""
        counts = self._counts[event.ref.task]
        counts[event.score.outcome] += 1
        return sum(counts.values())

    def words(self, task: str) -> Sequence[str]:
        """Return the three counts in words."""
        return [f"{count} {outcome}" for outcome, count in self._counts[task].items()]


class _Bars:
    """One bar a task, and one line for the model."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._progress = progress
        self._tally = _Tally(plan)
        self._model = progress.add_task("", total=None, counts="")
        self._tasks: dict[str, TaskID] = {
            task: progress.add_task(task, total=total, counts="") for task, total in self._tally.totals.items()
        }

    def take(self, event: RunEvent) -> None:
        """Show an event."""
        if isinstance(event, ItemScored):
            self._tally.add(event)
            counts = "  ".join(self._tally.words(event.ref.task))
            self._progress.update(self._tasks[event.ref.task], advance=1, counts=counts)
        elif line := _said(event):
            self._progress.update(self._model, description=line)


class _Lines:
    """A line when a model is loaded and at each quarter of a task."""

    def __init__(self, plan: Plan, console: Console) -> None:
        self._console = console
        self._tally = _Tally(plan)

    def take(self, event: RunEvent) -> None:
        """Write an event as a line, where it is worth one."""
        if isinstance(event, ItemScored):
            task, count = event.ref.task, self._tally.add(event)
            total = self._tally.totals[task]
            if count * LINES // total > (count - 1) * LINES // total:
                self._console.print(f"{task}: {count} of {total}: {', '.join(self._tally.words(task))}.", markup=False)
        elif line := _said(event):
            self._console.print(f"{line}.", markup=False)
        if isinstance(event, ModelLoaded):
            for note in event.granted.notes:
                self._console.print(f"  {note}", markup=False)


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
