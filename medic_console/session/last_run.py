"""The archive's newest audit as a preset: the same models, tasks, items and settings once more."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from medic_console.audit.presets import LAST_RUN, Preset, changed_settings
from medic_console.core.naming import answered_here
from medic_console.core.records import ENCODER
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.address import source_of
from medic_console.results.reader import Reader
from medic_console.suite.item_sample import first_taken


def last_run(archive: Path) -> Preset | None:
    """Return the newest audit that was run here as a preset; None where there is none.

    Raises:
        ArchiveError: The archive cannot be read.
    """
    if not archive.exists():
        return None
    with closing(Reader(archive)) as reader:
        run = next((run.id for run in reader.runs() if all(map(answered_here, run.candidates))), "")
        return preset_of_run(reader, run) if run else None


def preset_of_run(reader: Reader, run: str) -> Preset:
    """Return an audit of the archive as a preset.

    Raises:
        ArchiveError: There is no such audit.
    """
    reader.audit(run)
    rows = reader.run_tasks(run)
    settings = RunSettings(**reader.settings(run))
    data, notes = _data(rows)
    if settings.chat_template not in ("own", "none"):
        notes += [f"Run {run} had a chat template of its own file; name that file again."]
    named = {role: [model.file for model in reader.run_models(run, role)] for role in ("candidate", "judge")}
    sources = {role: tuple(map(source_of, found)) for role, found in named.items()}
    encoders = {path for row in rows for name, path in json.loads(row["resources"]).items() if name == ENCODER}
    return Preset(
        name=LAST_RUN,
        title=f"Last run, {run}",
        tasks=tuple(row["task"] for row in rows),
        why="What the newest audit of the archive was: its models, tasks, items and settings.",
        models=sources["candidate"],
        judges=sources["judge"],
        data=data,
        limit=max((first_taken(json.loads(row["notes"])) for row in rows), default=0) or None,
        encoder=Path(encoders.pop()) if encoders else None,
        run=changed_settings(settings),
        origin="archive",
        notes=tuple(notes),
    )


def _data(rows: Sequence[dict[str, Any]]) -> tuple[Path | None, list[str]]:
    """Return the folder in which the official files of all tasks are found, and what to know of it."""
    sources = [Path(row["source"]) for row in rows if row["origin"] == "official"]
    if not sources:
        return None, []
    common = set.intersection(*({source.parent, source.parent.parent} for source in sources))  # as they are looked for
    if not common:
        return None, ["The official files of its tasks lay in several folders; name the folder again."]
    return max(common, key=lambda folder: len(folder.parts)), []
