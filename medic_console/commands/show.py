"""Commands that only look: tasks, the archive, and where things lie."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from medic_console.archive.queries import Reader
from medic_console.audit.prepare import known_tasks
from medic_console.audit.task_files import task_files
from medic_console.commands import consoles
from medic_console.commands.output import write_json
from medic_console.core import paths
from medic_console.core.naming import told_apart
from medic_console.suite.items import load_items
from medic_console.suite.task import Task
from medic_console.suite.task_file import read_task

PLACES = ("config", "data", "archive", "themes", "tasks")


def show_tasks(data: Path | None, as_json: bool) -> int:
    """List all tasks with their items; unusable task files are listed too."""
    found = known_tasks()
    records = [_task_record(task, data) for task in found.tasks.values()]
    faults = [fault.message for fault in found.faults]
    if as_json:
        write_json({"tasks": records, "unusable": faults})
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("task", "title", "dimensions", "judge", "items", "status"):
        table.add_column(name, justify="right" if name == "items" else "left")
    for record in records:
        dimensions = "".join(record["dimensions"]["primary"]) + " " + "".join(record["dimensions"]["secondary"]).lower()
        judge = record["judge"] + ("" if record["needs_judge"] else ", also") if record["judge"] else "–"
        count = str(record["items"] if record["items"] is not None else "–")
        table.add_row(record["task"], record["title"], dimensions, judge, count, Text(record["status"]))
    console = consoles.output()
    console.print(table)
    for record in records:
        for note in record["notes"]:
            console.print(f"! {record['task']}: {note}", style="yellow", markup=False, highlight=False)
    for fault in faults:
        console.print(f"✗ {fault}", style="red", markup=False, highlight=False)
    return 0


def check_task(path: Path) -> int:
    """Check one task file and its samples.

    Raises:
        TaskFileError: The file breaks the schema.
        ItemsError: Its samples cannot be read.
    """
    task = read_task(path)
    loaded = load_items(task, paths.cache_dir() / "databases")
    consoles.output().print(
        f"✓ {path}: task {task.id}, version {task.version}, {len(loaded.items)} samples", markup=False
    )
    return 0


def show_stats(archive: Path, as_json: bool) -> int:
    """Show what an archive holds.

    Raises:
        ArchiveError: There is none.
    """
    reader = Reader(archive)
    try:
        rows, runs = reader.stats(), reader.runs()
    finally:
        reader.close()
    if as_json:
        listed = [{"run": v.id, "status": v.status, "items": v.counts.total, "of": v.total} for v in runs]
        write_json({"archive": str(archive), "bytes": archive.stat().st_size, "rows": rows, "runs": listed})
        return 0
    console = consoles.output()
    console.print(f"{archive}  {archive.stat().st_size:,} bytes", style="bold", highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, count in rows.items():
        table.add_row(name.replace("_", " "), f"{count:,}")
    console.print(table)
    for view in runs:
        models = ", ".join(told_apart(view.candidates).values())
        line = f"{view.id}  {view.status}  {view.counts.total} of {view.total}  {models}"
        console.print(line, markup=False, highlight=False)
    return 0


def locate(place: str, archive: Path) -> int:
    """Print where something lies, and nothing else."""
    found = {
        "config": paths.config_dir(),
        "data": paths.data_dir(),
        "archive": archive,
        "themes": paths.themes_dir(),
        "tasks": paths.tasks_dir(),
    }
    sys.stdout.write(f"{found[place]}\n")
    return 0


def _task_record(task: Task, data: Path | None) -> dict[str, Any]:
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
