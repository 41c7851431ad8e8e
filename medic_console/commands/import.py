"""`import`: answers that another program had of a model, stored as a run that is marked "not run here"."""

from __future__ import annotations

import argparse
from pathlib import Path

from medic_console.commands.options import add_common, archive_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="logs of Inspect (.eval, .json), samples of the lm-evaluation-harness or of Every Eval Ever (.jsonl)",
    )
    parser.add_argument("--task", action="append", default=[], metavar="TASK", help="task whose items are meant (all)")
    parser.add_argument("--name", default="", metavar="NAME", help="the model's name (as the files have it)")
    parser.add_argument("--items", type=Path, metavar="PATH", help="items file or folder, for one task")
    parser.add_argument("--judge", type=Path, action="append", default=[], metavar="FILE", help="GGUF file that judges")
    parser.set_defaults(handler=_import)


def _import(given: argparse.Namespace) -> int:
    from medic_console.audit.prepare import known_tasks, task_named
    from medic_console.commands.audit_run import execute
    from medic_console.core.errors import UsageError
    from medic_console.session.foreign.imported import Import, import_audit

    known = known_tasks().tasks
    tasks = tuple(task_named(name, known) for name in given.task) or tuple(known.values())
    if given.items is not None and len(tasks) != 1:
        raise UsageError("--items goes with one task.", "Name it with --task TASK.")
    asked = Import(tuple(given.files), tasks, given.name, given.data, given.items, tuple(given.judge))
    archive = archive_of(given)
    return execute(import_audit(archive, asked), archive, given.json)
