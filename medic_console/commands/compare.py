"""`compare`: models of the archive side by side, as tables or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from medic_console.archive.views import ModelView
from medic_console.audit.prepare import known_tasks
from medic_console.commands import consoles
from medic_console.commands.compare_json import comparison_json
from medic_console.commands.compare_tables import print_comparison
from medic_console.commands.options import NAMED, add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.results.comparison.compare import begin, compared
from medic_console.results.comparison.models import FEWEST, MOST, models_named
from medic_console.results.comparison.reference import references
from medic_console.results.comparison.settings_drift import alternatives, runs_of
from medic_console.results.comparison.words import runs_named
from medic_console.results.measures import Measures
from medic_console.review.beside import ReviewsOfRuns
from medic_console.review.reader import ReviewReader
from medic_console.statistics import published


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("models", nargs="+", metavar="MODEL", help=f"{NAMED}; with @RUN behind it, in that run alone")
    parser.add_argument("--margin", type=float, default=2.0, metavar="X", help="points that do not matter (2)")
    parser.add_argument(
        "--answered-only",
        action="store_true",
        help="leave out items that a model left without a whole answer; else they take the worst value",
    )
    parser.add_argument("--run", action="append", default=[], metavar="RUN", help="take only this run (repeatable)")
    parser.set_defaults(handler=_compare)


def _compare(arguments: argparse.Namespace) -> int:
    return compare_models(
        archive_of(arguments),
        arguments.models,
        arguments.run,
        arguments.margin,
        arguments.answered_only,
        arguments.json,
    )


def compare_models(
    archive: Path, names: Sequence[str], runs: Sequence[str], margin: float, answered_only: bool, as_json: bool
) -> int:
    """Compare two to six models, or one in different runs; return the exit code.

    Args:
        names: Of the models; `NAME@RUN` is a model in one run.
        runs: Runs to take measures of the models from that are named without one; empty: all.
        margin: Points on 0 to 100 that do not matter.
        answered_only: Leave out items that a model left without a whole answer.

    Raises:
        UsageError: A name fits no model or several, or nothing can be compared.
        ArchiveError: A run is not there, or is a qualification of judges.
    """
    tasks = known_tasks().tasks
    table = published.load_published(paths.tasks_dir() / published.FILE_NAME)
    with reading(archive) as reader, closing(ReviewReader(archive)) as people:
        reviews = ReviewsOfRuns(people)
        known = candidates(reader)
        models = models_named(names, known, 1, judges=judges(reader), audit=reader.audit)
        if len(models) < FEWEST:
            raise _alone(reader, names[0], models[0])
        check_runs(reader, runs)
        found = compared(begin(reader, models, runs, margin, answered_only))
        points = references(tasks, table)
        if as_json:
            write_json("comparison", comparison_json(found, reader, points, reviews))
        else:
            print_comparison(consoles.output(), found, points, reviews)
    return 0


def candidates(reader: Measures) -> tuple[ModelView, ...]:
    """Return the models that were a candidate in some audit."""
    return tuple(model for model in reader.models() if model.runs)


def _alone(reader: Measures, typed: str, model: ModelView) -> UsageError:
    """Return why one model is not compared, and in which of its runs it can be."""
    runs = alternatives(runs_of(reader, model))
    if not runs:
        return UsageError("1 model cannot be compared.", f"Name {FEWEST} to {MOST} models.")
    name = typed.rpartition("@")[0] if model.run else typed
    listed = "\n    ".join(runs_named(name, runs))
    return UsageError(
        "1 model cannot be compared, but it was measured under several settings.",
        f"Name {FEWEST} to {MOST} models, or this one in two of its runs:\n    {listed}",
    )


def judges(reader: Measures) -> tuple[ModelView, ...]:
    """Return the models that were a candidate in none: they judged, or were qualified to."""
    return tuple(model for model in reader.models() if not model.runs)


@contextmanager
def reading(archive: Path) -> Iterator[Measures]:
    """Open an archive for as long as the block lasts."""
    reader = Measures(archive)
    try:
        yield reader
    finally:
        reader.close()


def check_runs(reader: Measures, runs: Sequence[str]) -> None:
    """Refuse runs that are not there, or are none of audits.

    Raises:
        ArchiveError: One is not.
    """
    for run in runs:
        reader.audit(run)
