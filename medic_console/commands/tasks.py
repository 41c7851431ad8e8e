"""`tasks`: list the tasks, check a task file. The work is imported when it is done: `--help` answers at once."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medic_console.commands.options import add_common
from medic_console.commands.output import write_json
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.core.records import Dimension
from medic_console.core.visible import one_line

if TYPE_CHECKING:
    from medic_console.suite.task import Task


_KINDS = ("primary", "secondary")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.set_defaults(handler=lambda given: show_tasks(given.data, given.json))
    check = parser.add_subparsers(metavar="COMMAND").add_parser("check", help="check one task file")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(handler=lambda given: check_task(given.file))


def show_tasks(data: Path | None, as_json: bool) -> int:
    """List all tasks with their items, and what other packages bring to them; unusable task files are listed too."""
    from rich.table import Table
    from rich.text import Text

    from medic_console.audit.prepare import known_tasks
    from medic_console.commands import consoles

    found = known_tasks()
    records, faults = [], [fault.message for fault in found.faults]
    for task in found.tasks.values():
        try:
            records.append(_task_record(task, data))
        except UsageError as error:
            faults.append(error.message)
    if as_json:
        write_json("tasks", {"tasks": records, "unusable": faults})
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("task", "title", "dimensions (second ones)", "judge", "items", "status"):
        table.add_column(name, justify="right" if name == "items" else "left")
    for record in records:
        named = {kind: [Dimension(one).label.lower() for one in record["dimensions"][kind]] for kind in _KINDS}
        second = f" ({', '.join(named['secondary'])})" if named["secondary"] else ""
        dimensions = f"{', '.join(named['primary'])}{second}"
        judge = record["judge"] + ("" if record["needs_judge"] else ", also") if record["judge"] else "–"
        count = str(record["items"] if record["items"] is not None else "–")
        table.add_row(record["task"], Text(one_line(record["title"])), dimensions, judge, count, Text(record["status"]))
    console = consoles.output()
    console.print(table)
    for record in records:
        for part in record["parts"]:
            said = f"+ {record['task']}: {part['kind']} {part['name']} of {part['package']} {part['version']}"
            console.print(said.rstrip(), markup=False, highlight=False)
    for record in records:
        for note in record["notes"]:
            console.print(f"! {record['task']}: {note}", style="yellow", markup=False, highlight=False)
    for fault in faults:
        console.print(f"✗ {fault}", style="red", markup=False, highlight=False)
    return 0


def check_task(path: Path) -> int:
    """Check one task file and its samples.

    Raises:
        TaskFileError: The file breaks the schema, names a part that is not installed or does not fit the others, or a
            field that samples lack.
        ItemsError: Its samples cannot be read.
    """
    from medic_console.audit.task_parts import parts_of
    from medic_console.audit.task_trial import try_parts
    from medic_console.commands import consoles
    from medic_console.suite.items import load_items
    from medic_console.suite.prompts import item_prompt
    from medic_console.suite.task_file import load_tasks, read_task

    task = read_task(path)
    parts_of(task)
    loaded = load_items(task, paths.cache_dir() / "databases")
    for item in loaded.items:
        item_prompt(task, item, loaded.shared, "check")
    try_parts(loaded, load_tasks(paths.tasks_dir()).tasks)
    inside = path.resolve().parent
    for name in filter(None, (task.items.samples, task.items.database)):
        if not (inside / name).resolve().is_relative_to(inside):
            note = f"! {path}: {name} lies outside the task's folder; who gets the folder gets no samples."
            consoles.errors().print(note, style="yellow", markup=False, highlight=False)
    consoles.output().print(
        f"✓ {path}: task {task.id}, version {task.version}, {len(loaded.items)} samples", markup=False
    )
    return 0


def _task_record(task: Task, data: Path | None) -> dict[str, Any]:
    from medic_console.audit.task_files import task_files
    from medic_console.audit.task_parts import parts_of

    record = {
        "task": task.id,
        "title": task.title,
        "task_version": task.version,
        "rows": list(task.rows),
        "dimensions": {
            "primary": [str(d) for d in task.primary],
            "secondary": [str(d) for d in task.secondary],
        },
        "metrics": [metric.id for metric in task.metrics],
        "multiple_choice": task.multiple_choice,
        "shots": task.prompt.shots,
        "examples": len(task.prompt.examples),
        "judge": task.judge.method if task.judge else "",
        "needs_judge": task.needs_judge,
        "licence": task.source.licence,
        "access": task.source.access,
        "official_files": list(task.items.files),
        "parts": [
            {"kind": part.kind, "name": part.name, "package": part.origin.package, "version": part.origin.version}
            for part in parts_of(task)
            if not part.ours
        ],
    }
    files = task_files(task, paths.cache_dir() / "databases", data)
    taken = files.taken
    notes = list(files.official.notes) if files.official else []
    notes += [files.error.hint] if files.error and files.error.hint else []
    return record | {
        "samples": len(files.samples.items),
        "items": None if taken is None else len(taken.items),
        "source": "" if files.official is None else str(files.official.source),
        "skipped": 0 if files.official is None else len(files.official.skipped),
        "notes": notes,
        "status": files.status,
    }
