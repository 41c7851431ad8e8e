"""What a new run is filled from: presets as lines of a list, models and tasks to find, and the form as a preset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from medic_console.audit.presets import Preset, changed_settings, load_presets, save_preset
from medic_console.console.dialogs.pick import Choosable
from medic_console.console.new_run.options import DATA, ENCODER, TEMPLATE, OptionTable
from medic_console.console.new_run.preflight import FileEntry, RunForm
from medic_console.console.text import one_line, shortened
from medic_console.core.naming import full
from medic_console.suite.task import Task

NO_PRESET = "No preset is called so."
_ORIGINS = {"bundled": "use case", "own": "yours", "archive": "archive"}


def preset_lines(tasks: Sequence[str], last: Preset | None) -> tuple[list[Choosable], dict[str, Preset]]:
    """Return the presets as lines, the last run first, and by key; files that cannot be used say why."""
    found = load_presets(tasks)
    listed = [*([last] if last else []), *found.presets.values()]
    titles = [one.title for one in listed]
    lines = [_line(one, alike=titles.count(one.title) > 1) for one in listed]
    broken = [Choosable(f"✗{n}", "", one_line(fault, 60), why_not=fault) for n, fault in enumerate(found.faults)]
    return [*lines, *broken], {one.name: one for one in listed}


def found_lines(entries: Sequence[FileEntry], tasks: Mapping[str, Task]) -> list[Choosable]:
    """Return models and tasks as lines to find."""
    models = [_model_line(entry) for entry in entries]
    listed = [
        Choosable(f"task:{task.id}", "task", task.title, one_line(task.description, 200), task.id)
        for task in tasks.values()
    ]
    return [*models, *listed]


def saved(name: str, form: RunForm, tasks: Sequence[str], options: OptionTable) -> Path:
    """Write what is chosen as a preset of that name; return the file.

    Raises:
        UsageError: It is no name, no task is in, or it cannot be written.
    """
    chosen = Preset(
        name=name.strip().removesuffix(".toml"),
        title=name.strip(),
        tasks=tuple(tasks),
        models=tuple(entry.source for entry in form.files if entry.candidate),
        judges=tuple(entry.source for entry in form.files if entry.judge),
        data=options.path(DATA),
        limit=form.limit,
        template=options.path(TEMPLATE),
        encoder=options.path(ENCODER),
        run=changed_settings(options.settings),
    )
    return save_preset(chosen)


def _line(one: Preset, alike: bool) -> Choosable:
    """Return a preset's line, its file's name behind a title that another one has too."""
    models = f" Models: {', '.join(path.name for path in one.models)}." if one.models else ""
    case = f" Thresholds: {one.use_case}." if one.use_case else ""
    said = f"{one.why} Tasks: {', '.join(one.tasks)}.{models}{case}"
    title = f"{one.title} ({one.name})" if alike else one.title
    return Choosable(one.name, _kind(one), title, one_line(said, 400), f"{one.name} {' '.join(one.tasks)}")


def _kind(one: Preset) -> str:
    return "quick" if one.origin == "bundled" and not one.use_case and one.run else _ORIGINS.get(one.origin, "file")


def _model_line(entry: FileEntry) -> Choosable:
    model = entry.model or entry.seen
    title = f"{full(model)} {model.quantisation}" if model else entry.source.name
    source = entry.source
    said = str(shortened(source) if isinstance(source, Path) and not entry.fault else source)
    return Choosable(f"model:{entry.source}", "model", title, said, entry.source.name, entry.fault)
