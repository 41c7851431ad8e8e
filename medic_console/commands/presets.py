"""Presets on the command line: which there are, and what was named over one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.table import Table

from medic_console.audit.prepare import Choice, known_tasks
from medic_console.audit.presets import LAST_RUN, Preset, load_presets, own_folder, preset_named
from medic_console.commands import consoles
from medic_console.commands.output import write_json
from medic_console.core.errors import UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.core.visible import plain
from medic_console.session.last_run import last_run


def preset_asked(name: str, archive: Path) -> Preset:
    """Return the preset of a name or a file; `last_run` is made from the archive's newest audit.

    Raises:
        UsageError: There is none, or it cannot be used.
    """
    if name == LAST_RUN:
        found = last_run(archive)
        if found is None:
            raise UsageError(f"{archive}: there is no audit to take over.", "Name tasks and --model FILE.")
        return found
    tasks = known_tasks().tasks
    return preset_named(name, load_presets(tasks), tasks)


def over_preset(preset: Preset, named: Choice, given: Mapping[str, Any]) -> Choice:
    """Return what was named, and of the preset what was not.

    Args:
        given: The settings that were named. A limit that is named takes the place of the preset's sample, and a
            sample that of its limit.
    """
    settings = replace(preset.settings(RunSettings()), **given)
    limit = preset.limit if named.limit is None and "sample" not in given else named.limit
    if named.limit is not None and "sample" not in given:
        settings = replace(settings, sample=0)
    for note in preset.notes:
        consoles.errors().print(f"! {note}", style="yellow", markup=False, highlight=False)
    return replace(
        named,
        tasks=named.tasks or preset.tasks,
        candidates=named.candidates or preset.models,
        judges=named.judges or preset.judges,
        data=named.data or preset.data,
        limit=limit,
        template=named.template or preset.template_choice,
        encoder=named.encoder or preset.encoder,
        settings=settings,
    )


def list_presets(archive: Path, as_json: bool) -> int:
    """Print every preset, and why files could not be used; return the exit code.

    Raises:
        ArchiveError: The archive cannot be read.
    """
    found = load_presets(known_tasks().tasks)
    last = last_run(archive)
    listed = [*found.presets.values(), *([last] if last else [])]
    if as_json:
        write_json("presets", {"presets": [_json(one) for one in listed], "unusable": list(found.faults)})
        return 0
    console, table = consoles.output(), Table(box=None, pad_edge=False, header_style="bold")
    for name in ("preset", "title", "thresholds", "tasks"):
        table.add_column(name, no_wrap=name == "preset")
    for one in listed:
        table.add_row(one.name, plain(one.title), one.use_case or "–", " ".join(one.tasks))
    console.print(table)
    _say(console.print, found.faults)
    console.print(f"Your own: {own_folder()}", markup=False, highlight=False)
    return 0


def _say(write: Any, faults: Iterable[str]) -> None:
    for fault in faults:
        write(f"✗ unusable: {plain(fault)}", style="yellow", markup=False, highlight=False)


def _json(one: Preset) -> dict[str, object]:
    return {
        "name": one.name,
        "title": one.title,
        "why": one.why,
        "origin": one.origin,
        "use_case": one.use_case,
        "tasks": list(one.tasks),
        "models": [str(source) for source in one.models],
        "judges": [str(source) for source in one.judges],
        "data": str(one.data) if one.data else None,
        "limit": one.limit,
        "template": str(one.template) if one.template else None,
        "encoder": str(one.encoder) if one.encoder else None,
        "run": dict(one.run),
        "notes": list(one.notes),
    }
