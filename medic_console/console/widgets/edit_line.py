"""A line at the bottom in which one value is typed; it takes the footer's place."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from medic_console.console.commands import bindings
from medic_console.console.text import one_line
from medic_console.console.widgets.key_bar import KeyBar


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
        self.query_one(Input).focus()

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
            self._before.focus()
        self.remove()
