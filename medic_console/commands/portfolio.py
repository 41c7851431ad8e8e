"""`portfolio`: which models pass which use case's thresholds, as tables or as JSON."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from medic_console.audit.prepare import known_tasks
from medic_console.commands import consoles
from medic_console.commands.compare import candidates, check_runs, judges, reading
from medic_console.commands.compare_json import portfolio_json
from medic_console.commands.compare_tables import print_portfolio
from medic_console.commands.options import NAMED, add_common, archive_of
from medic_console.commands.output import write_json
from medic_console.core import paths
from medic_console.results.comparison.models import models_named
from medic_console.results.comparison.portfolio import evaluate
from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio
from medic_console.review.beside import ReviewsOfRuns
from medic_console.review.reader import ReviewReader


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("models", nargs="*", metavar="MODEL", help=f"{NAMED}; all candidates when left out")
    parser.add_argument("--run", action="append", default=[], metavar="RUN", help="take only this run (repeatable)")
    parser.set_defaults(handler=_portfolio)


def _portfolio(arguments: argparse.Namespace) -> int:
    return show_portfolio(archive_of(arguments), arguments.models, arguments.run, arguments.json)


def show_portfolio(archive: Path, names: Sequence[str], runs: Sequence[str], as_json: bool) -> int:
    """Hold models, or all candidates of the archive, against the use cases; return the exit code.

    Raises:
        UsageError: A name fits no model or several.
        ArchiveError: A run is not there, or is a qualification of judges.
        TaskFileError: The portfolio's file breaks its schema.
    """
    tasks = known_tasks().tasks
    portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, paths.config_dir() / FILE_NAME, tasks)
    with reading(archive) as reader, closing(ReviewReader(archive)) as people:
        known = candidates(reader)
        models = models_named(names, known, 1, len(known), judges(reader)) if names else known
        check_runs(reader, runs)
        results = list(evaluate(reader, models, portfolio.use_cases, runs, ReviewsOfRuns(people)))
    if as_json:
        write_json("portfolio", portfolio_json(portfolio, models, results))
    else:
        print_portfolio(consoles.output(), portfolio, models, results, tasks)
    return 0
