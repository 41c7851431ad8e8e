"""What a person has set for the console: one schema, one TOML file. A fault in it costs that key, never the rest."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from medic_console.core import paths
from medic_console.core.errors import SettingsError, sentence
from medic_console.core.run_settings import OPTIONS, RunSettings
from medic_console.core.small_files import read_text
from medic_console.core.toml_schema import Key, SchemaFault, faults, line_of, parse

FILE = "settings.toml"
THEME = "medic-dark"
"""Theme that is used when none is set."""
GRACE = 10.0
"""Seconds after SIGTERM or SIGHUP where none are set; service managers kill later than that."""
RUN_ENDS = ("bell", "notify", "off")
"""What the terminal may do at the end of a long run; the first where nothing is set."""
Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set.

    Attributes:
        section: Table of the file.
        name: Key in that table.
        title: In a few words.
        help: What it does, with its unit.
        key: What its value may be.
        default: Value of a file that does not name it; None or an empty text: nothing is set.
        pattern: Regular expression that a text must match; empty for any.
        must: The pattern in words.
    """

    section: str
    name: str
    title: str
    help: str
    key: Key
    default: Value | None
    pattern: str = ""
    must: str = ""

    @property
    def path(self) -> tuple[str, str]:
        """Table and key."""
        return self.section, self.name


def _text(*choices: str) -> Key:
    return Key("text", required=False, choices=choices)


def _integer(least: int) -> Key:
    return Key("integer", required=False, least=least)


def _run_settings() -> tuple[Setting, ...]:
    usual = RunSettings()
    return tuple(
        Setting("run", name, one.title, one.help, one.key, getattr(usual, name), one.pattern, one.must)
        for name, one in OPTIONS.items()
    )


SETTINGS: tuple[Setting, ...] = (
    Setting("appearance", "theme", "Theme", "Colours of the console; the palette shows them all.", _text(), THEME),
    Setting(
        "appearance",
        "run_end",
        "End of a run",
        "What the terminal does when a run of a minute or more ends: a bell, a notification (OSC 9) or nothing.",
        _text(*RUN_ENDS),
        RUN_ENDS[0],
    ),
    Setting("folders", "data", "Official items", "Folder of official items; empty: bundled samples.", _text(), ""),
    Setting(
        "folders",
        "models",
        "Models",
        f"Folders of model files that a new run offers, with {os.pathsep} between several.",
        _text(),
        "",
    ),
    Setting("folders", "export", "Exports", "Folder that tables are written to; empty: the usual one.", _text(), ""),
    Setting("run", "limit", "Limit", "Most items of each task; 0 takes all.", _integer(0), 0),
    *_run_settings(),
    Setting(
        "endpoint",
        "servers",
        "Servers",
        "Addresses of served models that a new run offers, with blanks between several; never a key.",
        _text(),
        "",
        r"(https?://[^\s@?]+( +https?://[^\s@?]+)*)?",
        "addresses such as http://HOST:PORT/v1#MODEL with blanks between them",
    ),
    Setting(
        "endpoint",
        "ca_file",
        "Authority",
        "PEM file of the authority whose certificates endpoints have; empty: the system's.",
        _text(),
        "",
    ),
    Setting(
        "endpoint",
        "networks",
        "Networks",
        "Networks of the house with public numbers, such as 192.0.2.0/24, with commas between several.",
        _text(),
        "",
        r"([0-9A-Fa-f.:]+(/[0-9]+)?(, ?[0-9A-Fa-f.:]+(/[0-9]+)?)*)?",
        "networks with commas between them",
    ),
    Setting(
        "safety",
        "offline_proof",
        "Offline proof",
        "Every socket to another machine is refused and counted, in every process; from the next start.",
        Key("flag", required=False),
        True,
    ),
    Setting(
        "safety",
        "grace",
        "Grace",
        "Seconds that the items in flight have after SIGTERM or SIGHUP; then the run is stopped at once.",
        Key("number", required=False, least=0, most=86_400),
        GRACE,
    ),
    Setting("review", "reviewer", "Reviewer", "Name that cards are signed in with; its PIN is asked.", _text(), ""),
)
"""The schema: reading, checking, the settings screen and saving follow it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was set, typed.

    Attributes:
        theme: Name of a theme.
        run_end: One of `RUN_ENDS`.
        data: Folder of official items; None: bundled samples.
        export: Folder that tables are written to; None: the usual one.
        models: Folders of model files that a new run offers.
        limit: Most items of each task of a new run; 0 takes all.
        run: Defaults of a new run in the console. Headless commands take theirs from the command line alone.
        keys: Keys by command id, as far as they were changed.
        offline_proof: Sockets to other machines are refused.
        grace: Seconds that the items in flight have after SIGTERM or SIGHUP.
        servers: Addresses of served models that a new run offers.
        ca_file: Certificates of the authority of endpoints; None: those of the system.
        networks: That count as private beside those that are.
        reviewer: Who decides cards where nobody else is named; empty for nobody.
    """

    theme: str = THEME
    run_end: str = RUN_ENDS[0]
    data: Path | None = None
    export: Path | None = None
    models: tuple[Path, ...] = ()
    limit: int = 0
    run: RunSettings = field(default_factory=RunSettings)
    keys: Mapping[str, str] = field(default_factory=dict)
    reviewer: str = ""
    offline_proof: bool = True
    grace: float = GRACE
    servers: tuple[str, ...] = ()
    ca_file: Path | None = None
    networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A settings file as it was read.

    Attributes:
        values: What the file sets without a fault, by table and key (command ids have two parts below `keys`).
        faults: One sentence with file and line for each key that was left out.
    """

    settings: Settings = field(default_factory=Settings)
    values: Mapping[tuple[str, ...], Value] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


def settings_file() -> Path:
    """Return where the settings lie."""
    return paths.config_dir() / FILE


def read_settings(path: Path, commands: Sequence[str] = ()) -> Loaded:
    """Read a settings file; one that is not there sets nothing.

    Args:
        path: The file.
        commands: Ids `place.command` that may stand below `keys`.
    """
    try:
        text = read_text(path)
        record = parse(text)
    except FileNotFoundError:
        return Loaded()
    except SchemaFault as error:
        return Loaded(faults=(f"{path}, line {error.line}: {sentence(error.message)} No setting of the file is used.",))
    except (OSError, UnicodeDecodeError) as error:
        return Loaded(faults=(f"{path}: cannot be read ({error}). No setting is used.",))
    schema = _schema(commands)
    found = [*faults(record, schema, text), *pattern_faults(record, text)]
    for fault in found:
        _drop(record, fault.path)
    values = dict(_leaves(record, ()))
    return Loaded(_typed(values), values, tuple(_sentence(path, fault) for fault in found))


def checked(setting: Setting, text: str) -> Value:
    """Return the value that a person typed for a setting.

    Raises:
        SettingsError: It is not one.
    """
    value: Value = text.strip()
    try:
        if setting.key.kind == "integer":
            value = int(text)
        elif setting.key.kind == "number":
            value = float(text)
        elif setting.key.kind == "flag":
            value = {"yes": True, "true": True, "no": False, "false": False}[text.strip().lower()]
    except (ValueError, KeyError) as error:
        kinds = {"integer": "a whole number", "number": "a number", "flag": "yes or no"}
        raise SettingsError(f"{setting.title} must be {kinds[setting.key.kind]}, not {text.strip()!r}.") from error
    record = {setting.section: {setting.name: value}}
    schema = {setting.section: Key("table", keys={setting.name: setting.key})}
    for fault in (*faults(record, schema, ""), *pattern_faults(record, "")):
        raise SettingsError(sentence(fault.message))
    return value


def save_value(path: Path, place: Sequence[str], value: Value | None) -> None:
    """Write one value into the file and leave all else, comments too, as it is; None takes the key out.

    Raises:
        SettingsError: The file cannot be written, or what is there is not TOML.
    """
    import tomlkit  # only where the file is changed: it loads slowly
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(read_text(path)) if path.exists() else tomlkit.document()
        table: Any = document
        for name in place[:-1]:
            if not isinstance(table.get(name), dict):
                table[name] = tomlkit.table(is_super_table=len(place) > 2 and name == place[0])
            table = table[name]
        if value is None:
            table.pop(place[-1], None)
        else:
            table[place[-1]] = value
        paths.write_own(path, tomlkit.dumps(document))
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: not changed, it is not TOML ({error}).", "Correct the file first.") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error}).", "Correct the folder's permissions.") from error


def _schema(commands: Sequence[str]) -> dict[str, Key]:
    tables: dict[str, dict[str, Key]] = {}
    for setting in SETTINGS:
        tables.setdefault(setting.section, {})[setting.name] = setting.key
    places: dict[str, dict[str, Key]] = {}
    for command in commands:
        place, _, name = command.partition(".")
        places.setdefault(place, {})[name] = _text()
    keys = {place: Key("table", required=False, keys=names) for place, names in places.items()}
    return {
        **{name: Key("table", required=False, keys=held) for name, held in tables.items()},
        "keys": Key("table", required=False, keys=keys),
    }


def pattern_faults(record: Mapping[str, Any], text: str) -> list[SchemaFault]:
    """Return the texts of a parsed file that break their setting's pattern."""
    found = []
    for setting in SETTINGS:
        table = record.get(setting.section)
        value = table.get(setting.name) if isinstance(table, dict) else None
        if setting.pattern and isinstance(value, str) and not re.fullmatch(setting.pattern, value):
            words = [word for word in setting.pattern.split("|") if word.isalpha()]
            near = difflib.get_close_matches(value, words, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else ""
            line = line_of(text, (setting.section,), setting.name)
            message = f'"{".".join(setting.path)}" is "{value}", it must be {setting.must}{hint}'
            found.append(SchemaFault(message, line, setting.path))
    return found


def _drop(record: Any, path: Sequence[str]) -> None:
    for name in path[:-1]:
        record = record.get(name, {})
    record.pop(path[-1], None)


def _leaves(record: Mapping[str, Any], path: tuple[str, ...]) -> list[tuple[tuple[str, ...], Value]]:
    found: list[tuple[tuple[str, ...], Value]] = []
    for name, value in record.items():
        found += _leaves(value, (*path, name)) if isinstance(value, dict) else [((*path, name), value)]
    return found


def _typed(values: Mapping[tuple[str, ...], Value]) -> Settings:
    def folder(name: str, section: str = "folders") -> Path | None:
        text = str(values.get((section, name), ""))
        return Path(text).expanduser() if text else None

    named = [one.name for one in fields(RunSettings) if ("run", one.name) in values]
    run: dict[str, Any] = {name: values[("run", name)] for name in named}
    return Settings(
        theme=str(values.get(("appearance", "theme"), THEME)),
        run_end=str(values.get(("appearance", "run_end"), RUN_ENDS[0])),
        data=folder("data"),
        export=folder("export"),
        models=tuple(
            Path(text.strip()).expanduser()
            for text in str(values.get(("folders", "models"), "")).split(os.pathsep)
            if text.strip()
        ),
        limit=int(values.get(("run", "limit"), 0)),
        run=RunSettings(**run),
        keys={".".join(path[1:]): str(value) for path, value in values.items() if path[0] == "keys"},
        reviewer=str(values.get(("review", "reviewer"), "")),
        grace=float(values.get(("safety", "grace"), GRACE)),
        offline_proof=bool(values.get(("safety", "offline_proof"), True)),
        servers=tuple(str(values.get(("endpoint", "servers"), "")).split()),
        ca_file=folder("ca_file", "endpoint"),
        networks=tuple(
            text.strip() for text in str(values.get(("endpoint", "networks"), "")).split(",") if text.strip()
        ),
    )


def _sentence(path: Path, fault: SchemaFault) -> str:
    where = f"{path}, line {fault.line}" if fault.line else str(path)
    return sentence(f"{where}: {fault.message}")
