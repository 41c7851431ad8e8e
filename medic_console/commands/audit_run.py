"""An audit run from a command line: told while it goes on, stopped by ctrl+c, its results printed at the end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

from rich.console import Console

from medic_console.audit.events import RunEnded
from medic_console.audit.prepare import Choice, build_plan, known_tasks, warnings_of
from medic_console.commands import consoles
from medic_console.commands.progress import watching
from medic_console.commands.results import show_results
from medic_console.core.settings import read_settings, settings_file
from medic_console.engine.cluster.request import ClusterRequest
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.session.cluster import on_cluster
from medic_console.session.ending import orderly_end
from medic_console.session.progress_lines import resume_line

DONE, FINISHED_WITH_FAILURES, INTERRUPTED = 0, 1, 130


def start_run(
    choice: Choice,
    archive: Path,
    as_json: bool,
    hints: Sequence[str] = (),
    again: Choice | None = None,
    cluster: ClusterRequest | None = None,
) -> int:
    """Build a plan, run it and print its results; return the exit code.

    Args:
        hints: Printed at the end: what may be done next.
        again: A part of it in another shape, run before the results are printed.
        cluster: Where the models run; None for this machine.

    Raises:
        UsageError: Something cannot be used; nothing was started.
    """
    errors = consoles.errors()
    found = known_tasks()
    for fault in found.faults:
        errors.print(f"Left out: {fault.message}", style="yellow", markup=False, highlight=False)
    plan = build_plan(choice, found.tasks, hashing(errors))
    second = build_plan(again, found.tasks) if again is not None else None
    for warning in warnings_of(plan):
        errors.print(f"! {warning}", style="yellow", markup=False, highlight=False)

    def tell(text: str) -> None:
        errors.print(text, markup=False, highlight=False)

    with on_cluster(cluster, plan) as starts:
        first = Audit(archive, plan, starts(plan), tell=tell)  # before the second one, which has the later id
        after = Audit(archive, second, starts(second), tell=tell) if second else None
        return execute(first, archive, as_json, hints, after)


def execute(audit: Audit, archive: Path, as_json: bool, hints: Sequence[str] = (), again: Audit | None = None) -> int:
    """Iterate an audit to its end, and then another that tells of it, then print what the archive holds of the first.

    A second one that does not come to its end takes nothing from the first: what it asked is told all the same.
    """
    errors, resume = consoles.errors(), resume_line(audit.run, archive)
    ended = follow(audit, errors, resume)
    try:
        if again is not None and ended.status == "done":
            errors.print("Asking a part of the items again in another shape.", highlight=False)
            after = follow(again, errors, resume_line(again.run, archive))
            if after.status != "done":
                errors.print(f"Run {again.run} {after.status}: {after.message}", markup=False, highlight=False)
        with closing(Reader(archive)) as reader:
            run, results = reader.run(audit.run), reader.results(audit.run)
        show_results(run, results, archive, as_json, hints)
    except KeyboardInterrupt:  # a second ctrl+c that comes when the run has ended already
        errors.print(f"Run {audit.run} is done." if ended.status == "done" else resume, markup=False, highlight=False)
        raise
    if ended.status != "done":
        errors.print(f"Run {run.id} {ended.status}: {ended.message}", style="bold", markup=False, highlight=False)
        errors.print(resume, markup=False, highlight=False)
        return INTERRUPTED if ended.status == "interrupted" else FINISHED_WITH_FAILURES
    return FINISHED_WITH_FAILURES if run.counts.failed else DONE


def follow(audit: Audit, errors: Console, resume: str) -> RunEnded:
    """Iterate an audit to its end telling how far it is; ctrl+c stops it, SIGTERM and SIGHUP with a grace.

    Args:
        resume: How one goes on with it; told too when a second ctrl+c ends it at once.
    """
    ended = RunEnded(audit.run, "stopped", "no end was told")

    def tell(text: str) -> None:
        errors.print(text, style="yellow", markup=False, highlight=False)

    with (
        orderly_end(audit.control, tell, read_settings(settings_file()).settings.grace),
        _stop_on_interrupt(audit, errors, resume),
        watching(audit.plan, errors, audit.finished()) as shown,
    ):
        for event in audit.events():
            if isinstance(event, RunEnded):
                ended = event
            shown.take(event)
    return ended


@contextmanager
def _stop_on_interrupt(audit: Audit, console: Console, resume: str) -> Iterator[None]:
    """First ctrl+c: stop after the items in flight; second: at once. Either way the run can be resumed."""

    def handle(number: int, frame: FrameType | None) -> None:
        if audit.control.stopping:
            raise KeyboardInterrupt
        audit.control.stop()
        console.print("Stopping after the items in flight; press ctrl+c again to stop at once.", style="yellow")

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield
    except KeyboardInterrupt:
        console.print(resume, markup=False, highlight=False)
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def hashing(console: Console) -> Callable[[Path, int, int], None]:
    """Return what tells of the hashing of large files only: a small one is hashed before it could be read."""

    def report(path: Path, done: int, total: int) -> None:
        if total >= 1 << 30 and done % (1 << 30) < (4 << 20):
            console.print(f"hashing {path.name}: {done >> 20:,} of {total >> 20:,} MiB", highlight=False)

    return report
