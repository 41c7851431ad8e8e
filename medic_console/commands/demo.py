"""`demo`, the first audit: two bundled demo models on bundled samples, with nothing downloaded.

The work is imported when it is done: `--help` answers at once.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from medic_console.commands.options import add_common, archive_of
from medic_console.core import paths
from medic_console.core.run_settings import RunSettings

if TYPE_CHECKING:
    from medic_console.audit.prepare import Choice

LARGE, SMALL = paths.demo_models()
DEMO_TASKS = ("medqa", "pubmedqa", "medcalc", "ehrsql", "medec", "toxigen", "soap_note")
NOTICE = (
    "The demo models are a few megabytes large, trained on invented text alone: they have no clinical knowledge, and "
    "no figure below says anything about a model for use. One of them is the judge too."
)

HINTS = (
    "Audit a model of yours: medic-console run medqa medcalc ehrsql medec --model FILE.gguf",
    "Measure a judge before you believe it: medic-console judge qualify FILE.gguf",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("--headless", action="store_true", help="without the console")
    parser.add_argument("--limit", type=int, metavar="N", help="first N items of each task")
    parser.set_defaults(handler=_demo)


def _demo(arguments: argparse.Namespace) -> int:
    from medic_console.audit.prepare import build_plan, known_tasks
    from medic_console.commands.audit_run import start_run

    choice = demo_choice(arguments.limit)
    sys.stderr.write(NOTICE + "\n")
    if arguments.headless or arguments.json or arguments.plain:
        return start_run(choice, archive_of(arguments), arguments.json, HINTS)
    from medic_console.console.app import open_console

    return open_console(archive_of(arguments), arguments.data, build_plan(choice, known_tasks().tasks))


def demo_choice(limit: int | None = None) -> Choice:
    """Return the demo's run: both models, the better one as judge.

    Args:
        limit: First items of each task; None: all.
    """
    from medic_console.audit.prepare import Choice

    return Choice(
        tasks=DEMO_TASKS,
        candidates=[LARGE, SMALL],
        judges=[LARGE],
        limit=limit,
        settings=RunSettings(parallel=8, gpu_layers="0"),
    )
