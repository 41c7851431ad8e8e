"""Run an audit without a screen: progress on stderr, results on stdout."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from medic_console.archive.queries import Reader
from medic_console.audit import Audit, restore_plan
from medic_console.digest import short
from medic_console.errors import ArchiveError
from medic_console.events import ItemScored, ModelLoaded, ModelLoading, RunEnded, RunEvent, RunStarted
from medic_console.headless.results import run_json
from medic_console.headless.results_tables import print_results
from medic_console.headless.summary import summary
from medic_console.plan import Plan
from medic_console.prepare import Choice, build_plan, known_tasks, warnings_of
from medic_console.records import Outcome

DONE, FINISHED_WITH_FAILURES, INTERRUPTED = 0, 1, 130


def start_run(choice: Choice, archive: Path, as_json: bool, hints: Sequence[str] = ()) -> int:
    """Build a plan, run it and print its results; return the exit code.

    Args:
        hints: Printed at the end: what may be done next.

    Raises:
        UsageError: Something cannot be used; nothing was started.
    """
    errors = Console(stderr=True)
    found = known_tasks()
    for fault in found.faults:
        errors.print(f"Left out: {fault.message}", style="yellow", markup=False, highlight=False)
    plan = build_plan(choice, found.tasks, hashing(errors))
    for warning in warnings_of(plan):
        errors.print(f"! {warning}", style="yellow", markup=False, highlight=False)
    return execute(Audit(archive, plan), archive, as_json, hints)


def resume_run(run: str | None, archive: Path, as_json: bool) -> int:
    """Finish an interrupted run, the newest one when none is named; return the exit code.

    Raises:
        ArchiveError: There is nothing to resume.
    """
    reader = Reader(archive)
    try:
        views = reader.runs()
    finally:
        reader.close()
    open_runs = [view.id for view in views if view.status not in ("done", "running")]
    if run is None and not open_runs:
        raise ArchiveError(
            f"{archive}: no run is waiting to be resumed.", "Start one: medic-console run TASK --model FILE"
        )
    if any(view.id == run and view.status == "done" for view in views):
        raise ArchiveError(
            f"Run {run} is finished: nothing is left to do.", f"See it: medic-console --archive {archive}"
        )
    return execute(Audit(archive, restore_plan(archive, run or open_runs[0])), archive, as_json)


def execute(audit: Audit, archive: Path, as_json: bool, hints: Sequence[str] = ()) -> int:
    """Iterate an audit to its end, then print what the archive holds of it."""
    errors = Console(stderr=True)
    ended = follow(audit, errors)
    reader = Reader(archive)
    try:
        run, results = reader.run(audit.run), reader.results(audit.run)
    finally:
        reader.close()
    if as_json:
        record = {**run_json(run, results), "summary": list(summary(results))}
        sys.stdout.write(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
    else:
        console = Console()
        console.print(
            f"Run {run.id}: {run.status}, {run.counts.total} of {run.total} items",
            style="bold",
            highlight=False,
        )
        print_results(console, run, results)
        for line in ("", *summary(results), "", f"Archive: {archive}"):
            console.print(line, markup=False, highlight=False)
        for hint in (f"Look at every trace: medic-console --archive {archive}", *hints):
            console.print(hint, markup=False, highlight=False)
    if ended.status != "done":
        errors.print(f"Run {run.id} {ended.status}: {ended.message}", style="bold", markup=False, highlight=False)
        errors.print(f"Resume it: medic-console resume {run.id}", markup=False, highlight=False)
        return INTERRUPTED if ended.status == "interrupted" else FINISHED_WITH_FAILURES
    return FINISHED_WITH_FAILURES if run.counts.failed else DONE


def follow(audit: Audit, errors: Console) -> RunEnded:
    """Iterate an audit to its end with bars of progress; ctrl+c stops it."""
    ended = RunEnded(audit.run, "stopped", "no end was told")
    with _stop_on_interrupt(audit, errors), _progress(errors) as progress:
        bars = _Bars(audit.plan, progress)
        for event in audit.events():
            if isinstance(event, RunEnded):
                ended = event
            bars.take(event)
    return ended


class _Bars:
    """One bar a task over all candidates and judges, and one line for the model."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._progress = progress
        self._model = progress.add_task("", total=None, counts="")
        self._tasks: dict[str, TaskID] = {}
        self._counts: dict[str, dict[Outcome, int]] = {}
        for loaded in plan.tasks:
            times = len(plan.candidates) * (max(1, len(plan.judges)) if loaded.task.judge else 1)
            bar = progress.add_task(loaded.task.id, total=len(loaded.items) * times, counts="")
            self._tasks[loaded.task.id] = bar
            self._counts[loaded.task.id] = dict.fromkeys(Outcome, 0)

    def take(self, event: RunEvent) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            self._progress.update(self._model, description=f"run {event.run}")
        elif isinstance(event, ModelLoading):
            self._progress.update(self._model, description=f"{event.role} {event.model.name}: loading")
        elif isinstance(event, ModelLoaded):
            shown = f"{event.role} {event.model.name} {short(event.model.sha256)} x{event.granted.parallel}"
            self._progress.update(self._model, description=shown)
        elif isinstance(event, ItemScored):
            counts = self._counts[event.ref.task]
            counts[event.score.outcome] += 1
            text = "  ".join(f"{count} {outcome}" for outcome, count in counts.items())
            self._progress.update(self._tasks[event.ref.task], advance=1, counts=text)


def _progress(console: Console) -> Progress:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=console)


@contextmanager
def _stop_on_interrupt(audit: Audit, console: Console) -> Iterator[None]:
    """First ctrl+c: stop after the items in flight; second: at once. Either way the run can be resumed."""

    def handle(number: int, frame: FrameType | None) -> None:
        if audit.control.stopping:
            raise KeyboardInterrupt
        audit.control.stop()
        console.print("Stopping after the items in flight; press ctrl+c again to stop at once.", style="yellow")

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def hashing(console: Console) -> Callable[[Path, int, int], None]:
    """Return what tells of the hashing of large files only: a small one is hashed before it could be read."""

    def report(path: Path, done: int, total: int) -> None:
        if total >= 1 << 30 and done % (1 << 30) < (4 << 20):
            console.print(f"hashing {path.name}: {done >> 20:,} of {total >> 20:,} MiB", highlight=False)

    return report
