"""Presets: what a run is to be, as a TOML file that can be shared. This module alone reads, checks and writes them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import tomlkit

from medic_console.audit.prepare import NO_TEMPLATE
from medic_console.core import paths
from medic_console.core.errors import TaskFileError, UsageError, sentence
from medic_console.core.run_settings import OPTIONS, RunSettings
from medic_console.core.settings import pattern_faults
from medic_console.core.small_files import read_text
from medic_console.core.toml_schema import Key, SchemaFault, check, faults, line_of, parse
from medic_console.engine.endpoint.address import Source, address_of, is_address, written

FOLDER = "presets"
"""Beside the bundled task files, and in the config folder; a preset there goes before a bundled one of its name."""
LAST_RUN = "last_run"
"""Name of the preset that is made from the archive's newest audit (`session.last_run`); no file has it."""
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What a preset may be called: the name of its file without `.toml`."""

_SCHEMA: Mapping[str, Key] = MappingProxyType(
    {
        "title": Key("text"),
        "why": Key("text", required=False),
        "use_case": Key("text", required=False),
        "tasks": Key("texts"),
        "models": Key("texts", required=False),
        "judges": Key("texts", required=False),
        "data": Key("text", required=False),
        "limit": Key("integer", required=False, least=1),
        "template": Key("text", required=False),
        "encoder": Key("text", required=False),
        "run": Key("table", required=False, keys={name: option.key for name, option in OPTIONS.items()}),
    }
)


@dataclass(frozen=True, slots=True)
class Preset:
    """What a run is to be; what it does not say stays as it is.

    Attributes:
        name: Of its file, without the ending.
        why: What it is for, in a sentence.
        use_case: Id of the portfolio's use case whose thresholds count; empty for none.
        models: Candidates, files or addresses of servers; a path that is not absolute lies beside the preset.
        data: Folder of official files; None says nothing of it.
        limit: Most items of each task; None says nothing of it.
        template: Jinja file in place of the models' own templates.
        encoder: GGUF encoder for BERTScore.
        run: Settings by name (`core.run_settings`), as far as it names them.
        origin: `bundled`, `own`, `file` or `archive`.
        notes: What could not be taken over, in sentences.
    """

    name: str
    title: str
    tasks: tuple[str, ...]
    why: str = ""
    use_case: str = ""
    models: tuple[Source, ...] = ()
    judges: tuple[Source, ...] = ()
    data: Path | None = None
    limit: int | None = None
    template: Path | None = None
    encoder: Path | None = None
    run: Mapping[str, Any] = field(default_factory=dict)
    origin: str = "own"
    notes: tuple[str, ...] = ()

    def settings(self, given: RunSettings) -> RunSettings:
        """Return settings with those of the preset in place of the given ones."""
        return replace(given, **self.run)

    @property
    def template_choice(self) -> Path | None:
        """The template as a person would name it: a file, `none` for completions, None for the models' own."""
        return NO_TEMPLATE if self.template is None and self.run.get("chat_template") == "none" else self.template


@dataclass(frozen=True, slots=True)
class Presets:
    """Presets by name, bundled ones first, and why files could not be used, a sentence each with file and line."""

    presets: Mapping[str, Preset]
    faults: tuple[str, ...] = ()


def bundled_folder() -> Path:
    """Return the folder of the bundled presets."""
    return paths.tasks_dir() / FOLDER


def own_folder() -> Path:
    """Return the folder of the person's own presets."""
    return paths.config_dir() / FOLDER


def load_presets(tasks: Iterable[str]) -> Presets:
    """Return the bundled presets and the person's own; a file that cannot be used is told, the rest is there.

    Args:
        tasks: Ids of the known tasks.
    """
    known, found, broken = tuple(tasks), {}, []
    for folder, origin in ((bundled_folder(), "bundled"), (own_folder(), "own")):
        for path in sorted(folder.glob("*.toml")):
            try:
                found[path.stem] = read_preset(path, known, origin)
            except UsageError as error:
                broken.append(error.message)
    return Presets(found, tuple(broken))


def read_preset(path: Path, tasks: Iterable[str], origin: str = "file") -> Preset:
    """Read one file.

    Args:
        tasks: Ids of the known tasks.

    Raises:
        TaskFileError: It cannot be read or breaks the schema; names file, line and key.
    """
    try:
        text = read_text(path)
        record = parse(text)
        check(record, _SCHEMA, text)
        _check_addresses(record, text)
        for fault in pattern_faults(record, text):
            raise fault
        _check_rules(path, record, tuple(tasks), text)
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, 0, f"it cannot be read ({error})") from error
    except SchemaFault as error:
        raise _fault(path, error.line, error.message) from error
    return _preset(path, record, origin)


def preset_named(name: str, found: Presets, tasks: Iterable[str]) -> Preset:
    """Return the preset of that name, or of that file where the name ends in `.toml` or has a folder in it.

    Raises:
        UsageError: There is none; names the nearest, or why its file cannot be used.
    """
    if name.endswith(".toml") or "/" in name or "\\" in name:
        return read_preset(Path(name).expanduser(), tasks)
    if name in found.presets:
        return found.presets[name]
    for folder in (own_folder(), bundled_folder()):
        if NAME.fullmatch(name) and (path := folder / f"{name}.toml").exists():
            return read_preset(path, tasks)  # which raises, and says why
    names = [*found.presets, LAST_RUN]
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"Presets: {', '.join(names)}."
    raise UsageError(f'There is no preset "{name}".', hint)


def save_preset(preset: Preset, folder: Path | None = None) -> Path:
    """Write a preset under its name into the person's own folder, in place of one of that name; return the file.

    Raises:
        UsageError: The name is none, it has no task, or the file cannot be written.
    """
    if not NAME.fullmatch(preset.name) or preset.name == LAST_RUN:
        raise UsageError(
            f"{preset.name!r} cannot be the name of a preset.",
            f"Use small letters, digits, - and _, at most 64, and not {LAST_RUN}.",
        )
    if not preset.tasks:
        raise UsageError("A preset needs a task.", "Take in at least one.")
    path = (folder or own_folder()) / f"{preset.name}.toml"
    try:
        paths.write_own(path, preset_text(preset))
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error}).", "Correct the folder's permissions.") from error
    return path


def preset_text(preset: Preset) -> str:
    """Return the file of a preset; paths are absolute, and what it says nothing of is left out."""
    document = tomlkit.document()
    document["title"] = preset.title
    for name, text in (("why", preset.why), ("use_case", preset.use_case)):
        if text:
            document[name] = text
    document["tasks"] = list(preset.tasks)
    for name, files in (("models", preset.models), ("judges", preset.judges)):
        if files:
            document[name] = [written(file) for file in files]
    for name, place in (("data", preset.data), ("template", preset.template), ("encoder", preset.encoder)):
        if place is not None:
            document[name] = str(place.absolute())
    if preset.limit is not None:
        document["limit"] = preset.limit
    kept = {name: value for name, value in preset.run.items() if name in OPTIONS and value is not None}
    if kept:
        document["run"] = kept
    return tomlkit.dumps(document)


def changed_settings(settings: RunSettings) -> dict[str, Any]:
    """Return the settings that are not as usual and that a preset can hold; a named template's digest is none."""
    usual = RunSettings()
    found = {name: getattr(settings, name) for name in OPTIONS if getattr(settings, name) != getattr(usual, name)}
    if not _is_setting("chat_template", found.get("chat_template", "own")):
        del found["chat_template"]
    return found


def _is_setting(name: str, value: Any) -> bool:
    return not any(faults({name: value}, {name: OPTIONS[name].key}, ""))


def _check_rules(path: Path, record: Mapping[str, Any], tasks: tuple[str, ...], text: str) -> None:
    if not NAME.fullmatch(path.stem) or path.stem == LAST_RUN:
        raise SchemaFault(f'a preset cannot be called "{path.stem}"', 0)
    if not record["tasks"]:
        raise SchemaFault('"tasks" names no task', line_of(text, (), "tasks"))
    for name in record["tasks"]:
        if name not in tasks:
            near = difflib.get_close_matches(name, tasks, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"tasks: {', '.join(tasks)}"
            raise SchemaFault(f'there is no task "{name}"; {hint}', _line_with(text, name))
    if "limit" in record and record.get("run", {}).get("sample"):
        both = '"limit" takes the first items, "run.sample" draws them at random: leave one of them out'
        raise SchemaFault(both, line_of(text, (), "limit"))


def _check_addresses(record: Mapping[str, Any], text: str) -> None:
    for key in ("models", "judges"):
        for named in filter(is_address, record.get(key, ())):
            try:
                address_of(named)
            except UsageError as error:
                raise SchemaFault(f'"{key}": {error.message}', line_of(text, (), key)) from error


def _line_with(text: str, word: str) -> int:
    """Return the line that holds a quoted word, from the list of tasks on."""
    begun = line_of(text, (), "tasks")
    lines = enumerate(text.splitlines()[begun - 1 :], begun)
    return next((number for number, line in lines if f'"{word}"' in line or f"'{word}'" in line), begun)


def _preset(path: Path, record: Mapping[str, Any], origin: str) -> Preset:
    beside = path.absolute().parent

    def place(text: str) -> Path:
        return beside / Path(text).expanduser()

    def source(text: str) -> Source:
        return address_of(text) if is_address(text) else place(text)

    def named(key: str) -> Path | None:
        return place(record[key]) if record.get(key) else None

    return Preset(
        name=path.stem,
        title=record["title"],
        tasks=tuple(dict.fromkeys(record["tasks"])),
        why=" ".join(record.get("why", "").split()),
        use_case=record.get("use_case", ""),
        models=tuple(map(source, record.get("models", ()))),
        judges=tuple(map(source, record.get("judges", ()))),
        data=named("data"),
        limit=record.get("limit"),
        template=named("template"),
        encoder=named("encoder"),
        run=dict(record.get("run", {})),
        origin=origin,
    )


def _fault(path: Path, line: int, message: str) -> TaskFileError:
    where = f"{path}, line {line}" if line else str(path)
    return TaskFileError(sentence(f"{where}: {message}"), "Correct the file; the bundled presets show the form.")
