"""Themes from TOML files: the fields of `textual.theme.Theme` and a table of variables. Strict, never fatal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.color import Color, ColorParseError
from textual.theme import Theme

from medic_console.core.small_files import read_text
from medic_console.core.toml_schema import SchemaFault, parse

DARK, LIGHT = "medic-dark", "medic-light"
COLOURS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
DEFAULTS: Mapping[str, str] = {
    "muted": "foreground",
    "bar-filled": "primary",
    "bar-empty": "secondary",
    "score-scored": "success",
    "score-unscored": "warning",
    "score-failed": "error",
    "score-waiting": "foreground",
    "run-running": "primary",
    "label-yes": "success",
    "label-no": "error",
    "label-idk": "warning",
    "diff-row": "error",
    "null-cell": "accent",
    "evidence-text": "background",
    "evidence-back": "accent",
    "pane-border": "secondary",
    "pane-focus": "accent",
}
"""Our variables, each with the colour of the theme that stands in where a theme does not name it."""


@dataclass(frozen=True, slots=True)
class LoadedThemes:
    """Themes by name, and one line for each file that could not be used."""

    themes: Mapping[str, Theme]
    faults: tuple[str, ...]


class ThemeFault(Exception):
    """What is wrong with a theme file."""


def load_themes(*folders: Path) -> LoadedThemes:
    """Read every `*.toml` of the folders; a later theme replaces one of the same name."""
    themes: dict[str, Theme] = {}
    faults: list[str] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.toml"))):
        try:
            theme = read_theme(path)
        except ThemeFault as fault:
            faults.append(f"{path.name}: {fault}")
        else:
            themes[theme.name] = theme
    return LoadedThemes(themes, tuple(faults))


def read_theme(path: Path) -> Theme:
    """Read one theme file.

    Raises:
        ThemeFault: It is not TOML, a key is missing or unknown, or a value is not a colour.
    """
    try:
        record = parse(read_text(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeFault(str(error)) from error
    except SchemaFault as error:
        raise ThemeFault(f"line {error.line}: {error.message}" if error.line else error.message) from error
    variables = record.pop("variables", {})
    _check_keys(record)
    if not isinstance(variables, dict):
        raise ThemeFault('"variables" must be a table')
    for name, value in {**{name: record[name] for name in COLOURS}, **variables}.items():
        _check_colour(name, value)
    return Theme(**record, variables=variables)


def defaults(theme: Theme) -> dict[str, str]:
    """Return a value for each of our variables, from the theme's own colours."""
    return {name: getattr(theme, role) or theme.primary for name, role in DEFAULTS.items()}


def _check_keys(record: Mapping[str, Any]) -> None:
    known = {"name", "dark", *COLOURS}
    for key in record:
        if key not in known:
            raise ThemeFault(f'unknown key "{key}"')
    missing = sorted(known - set(record))
    if missing:
        raise ThemeFault(f'"{missing[0]}" is missing')
    if not isinstance(record["name"], str) or not record["name"]:
        raise ThemeFault('"name" must be a text')
    if not isinstance(record["dark"], bool):
        raise ThemeFault('"dark" must be true or false')


def _check_colour(name: str, value: object) -> None:
    try:
        if isinstance(value, str) and Color.parse(value):
            return
    except ColorParseError:
        pass
    raise ThemeFault(f'"{name}" is {value!r}, which is not a colour')
