"""Settings and keys as rows of one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from medic_console.console.commands import COMMANDS, bindings
from medic_console.console.messages import LineOpened
from medic_console.console.text import one_line
from medic_console.console.widgets.key_bar import KeyBar
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
        yield Entry(one.path, one.title, one.help, one.default, _may_be(one), one)


def command_entries() -> Iterator[Entry]:
    """Yield the keys of every command."""
    for command in COMMANDS:
        place, _, name = command.id.partition(".")
        title = f"{place.replace('_', ' ')}: {command.label}"
        may_be = "keys such as n, ctrl+n, f5 or ?, several with commas"
        yield Entry(("keys", place, name), title, command.help, command.shown_keys({}), may_be)


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


def _may_be(setting: Setting) -> str:
    key = setting.key
    if setting.must:
        return setting.must
    least, most = key.least, key.most
    if least is not None:
        return f"{_KINDS[key.kind]} from {least:g}" + (f" to {most:g}" if most is not None else "")
    return _KINDS[key.kind]


class EditLine(Horizontal):
    """Posts `Entered`; stays until it is closed, so that a refused value can be corrected."""

    BINDINGS = bindings("edit")

    class Entered(Message):
        """The value was typed."""

        def __init__(self, line: EditLine, text: str) -> None:
            super().__init__()
            self.line = line
            self.text = text

    def __init__(self, title: str, value: str) -> None:
        super().__init__()
        self._title = title
        self._value = value

    def compose(self) -> ComposeResult:
        """Title, value, what to do."""
        yield Static(f"{one_line(self._title)}:", id="edit-title", markup=False)
        yield Input(self._value, id="edit-text", compact=True)
        yield Static("enter saves · esc leaves", id="edit-note")

    def on_mount(self) -> None:
        """Take the footer's place and the focus."""
        self._before = self.screen.focused
        for bar in self.screen.query(KeyBar):
            bar.display = False
        self.screen.set_focus(self.query_one(Input))
        self.post_message(LineOpened(self))

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self, event.value))

    def action_close(self) -> None:
        """Leave without saving."""
        self.close()

    def close(self) -> None:
        """Give the footer its place back."""
        for bar in self.screen.query(KeyBar):
            bar.display = True
        if self._before is not None:
            self.screen.set_focus(self._before)
        self.remove()
