"""`run`: audit models on tasks without a screen: progress on stderr, results on stdout."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

from rich.console import Console

from medic_console.audit.events import RunEnded
from medic_console.audit.prepare import Choice, build_plan, known_tasks, warnings_of
from medic_console.commands import consoles
from medic_console.commands.dry_run import show_fit
from medic_console.commands.options import USUAL, add_common, add_engine, archive_of, run_settings
from medic_console.commands.progress import watching
from medic_console.commands.results import show_results
from medic_console.core.errors import UsageError
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit

CHOICE_MODES = ("auto", "likelihood", "generated")
DONE, FINISHED_WITH_FAILURES, INTERRUPTED = 0, 1, 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("tasks", nargs="+", metavar="TASK")
    parser.add_argument(
        "--model", type=Path, action="append", required=True, metavar="FILE", help="candidate (repeatable)"
    )
    parser.add_argument("--judge", type=Path, action="append", default=[], metavar="FILE", help="judge (repeatable)")
    parser.add_argument(
        "--qualified-judges",
        dest="qualified_only",
        action="store_true",
        help="score nothing by a judge that is not qualified",
    )
    parser.add_argument("--items", type=Path, metavar="PATH", help="items file or folder of a single task")
    parser.add_argument("--limit", type=int, metavar="N", help="first N items of each task, no random sample")
    parser.add_argument("--sample", type=int, metavar="N", help="N items of each task, drawn at random by --seed")
    parser.add_argument("--dry-run", action="store_true", help="check everything, show what fits, run nothing")
    parser.add_argument(
        "--max-failures", type=int, metavar="N", help=f"failed items that stop the run ({USUAL.max_failures})"
    )
    parser.add_argument(
        "--encoder", dest="encoder_file", type=Path, metavar="FILE", help="GGUF encoder that BERTScore is computed with"
    )
    parser.add_argument(
        "--chat-template",
        dest="template",
        type=Path,
        metavar="FILE",
        help="Jinja text in place of the models' own; none: plain prompts for completion, for base models",
    )
    _add_asking(parser.add_argument_group("how the tasks ask"))
    add_engine(parser.add_argument_group("engine"))
    _add_sampling(parser.add_argument_group("sampling of the candidates; judges are always greedy"))
    parser.set_defaults(handler=_run)


def _add_asking(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--multiple-choice",
        choices=CHOICE_MODES,
        help="weigh the labels, or read the one that the model writes; auto: as the task file says, and read where "
        "the labels hold less than half of the probability (auto)",
    )
    group.add_argument("--shots", type=int, metavar="N", help="examples before each item (as the task file says)")


def _add_sampling(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--seed", type=int, metavar="N", help="stored with every prompt; draws --sample (0)")
    group.add_argument("--temperature", type=float, metavar="X", help="0 is greedy (0)")
    group.add_argument("--top-p", type=float, metavar="X", help="most likely tokens up to this mass (1)")
    group.add_argument("--min-p", type=float, metavar="X", help="drop tokens below this share (0)")
    group.add_argument("--repeat-penalty", type=float, metavar="X", help="against repetition (1)")


def _run(arguments: argparse.Namespace) -> int:
    settings = replace(run_settings(arguments), sample=_drawn(arguments.sample))
    choice = Choice(
        tasks=arguments.tasks,
        candidates=arguments.model,
        judges=arguments.judge,
        data=arguments.data,
        items=arguments.items,
        limit=arguments.limit,
        template=arguments.template,
        encoder=arguments.encoder_file,
        settings=settings,
    )
    if arguments.dry_run:
        return show_fit(choice, arguments.json)
    return start_run(choice, archive_of(arguments), arguments.json)


def _drawn(sample: int | None) -> int:
    """Return the size of the sample, 0 when none was asked for; the option itself takes no 0."""
    if sample is not None and sample < 1:
        raise UsageError(f"--sample {sample} leaves no items.", "Use 1 or more.")
    return sample or 0


def start_run(choice: Choice, archive: Path, as_json: bool, hints: Sequence[str] = ()) -> int:
    """Build a plan, run it and print its results; return the exit code.

    Args:
        hints: Printed at the end: what may be done next.

    Raises:
        UsageError: Something cannot be used; nothing was started.
    """
    errors = consoles.errors()
    found = known_tasks()
    for fault in found.faults:
        errors.print(f"Left out: {fault.message}", style="yellow", markup=False, highlight=False)
    plan = build_plan(choice, found.tasks, hashing(errors))
    for warning in warnings_of(plan):
        errors.print(f"! {warning}", style="yellow", markup=False, highlight=False)
    return execute(Audit(archive, plan), archive, as_json, hints)


def execute(audit: Audit, archive: Path, as_json: bool, hints: Sequence[str] = ()) -> int:
    """Iterate an audit to its end, then print what the archive holds of it."""
    errors = consoles.errors()
    ended = follow(audit, errors)
    with closing(Reader(archive)) as reader:
        run, results = reader.run(audit.run), reader.results(audit.run)
    show_results(run, results, archive, as_json, hints)
    if ended.status != "done":
        errors.print(f"Run {run.id} {ended.status}: {ended.message}", style="bold", markup=False, highlight=False)
        errors.print(f"Resume it: medic-console resume {run.id}", markup=False, highlight=False)
        return INTERRUPTED if ended.status == "interrupted" else FINISHED_WITH_FAILURES
    return FINISHED_WITH_FAILURES if run.counts.failed else DONE


def follow(audit: Audit, errors: Console) -> RunEnded:
    """Iterate an audit to its end telling how far it is; ctrl+c stops it."""
    ended = RunEnded(audit.run, "stopped", "no end was told")
    with _stop_on_interrupt(audit, errors), watching(audit.plan, errors) as shown:
        for event in audit.events():
            if isinstance(event, RunEnded):
                ended = event
            shown.take(event)
    return ended


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
