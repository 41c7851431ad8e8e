"""Settings and keys as rows of one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from medic_console.console.commands import COMMANDS
from medic_console.console.widgets.table import Cell, Row
from medic_console.core.settings import SETTINGS, Loaded, Setting, Value

_KINDS = {"text": "a text", "integer": "a whole number", "number": "a number", "flag": "yes or no"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One row.

    Attributes:
        path: Table and key of the file; commands have a table of their place below `keys`.
        usual: Value where nothing is set.
        may_be: What it may be, in words.
        setting: None for the keys of a command.
    """

    path: tuple[str, ...]
    title: str
    help: str
    usual: Value | None
    may_be: str
    setting: Setting | None = None

    @property
    def key(self) -> str:
        """Names the row."""
        return ".".join(self.path)


def entries() -> Iterator[Entry]:
    """Yield the settings of the schema."""
    for one in SETTINGS:
        yield Entry(one.path, one.title, one.help, one.default, may_be(one), one)


def command_entries() -> Iterator[Entry]:
    """Yield the keys of every command."""
    for command in COMMANDS:
        place, _, name = command.id.partition(".")
        title = f"{place.replace('_', ' ')}: {command.label}"
        keys = "keys such as n, ctrl+n, f5 or ?, several with commas"
        yield Entry(("keys", place, name), title, command.help, command.shown_keys({}), keys)


def row_of(entry: Entry, loaded: Loaded, narrow: bool) -> Row:
    """Return a row; what is set stands out."""
    is_set = entry.path in loaded.values
    value = loaded.values[entry.path] if is_set else entry.usual
    shown = Cell(shown_value(value) or "–", "" if is_set else "muted", bold=is_set)
    cells: list[str | Cell] = [Cell(entry.path[0], "muted"), entry.title, shown]
    return entry.key, cells if narrow else [*cells, Cell(shown_value(entry.usual) or "–", "muted")]


def shown_value(value: Value | None) -> str:
    """Return a value as a person types it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def may_be(setting: Setting) -> str:
    """Return what a setting without choices may be, in words."""
    key = setting.key
    if setting.must:
        return setting.must
    least, most = key.least, key.most
    if least is not None:
        return f"{_KINDS[key.kind]} from {least:g}" + (f" to {most:g}" if most is not None else "")
    return _KINDS[key.kind]
