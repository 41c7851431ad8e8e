"""A line to type into in place of the footer: a comment on a card, or words to be found in its texts."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input, Static

from medic_console.console.commands import bindings
from medic_console.console.messages import LineOpened
from medic_console.console.widgets.key_bar import KeyBar


class TypedLine(Horizontal):
    """Hands over what was typed, and gives the focus back to who had it.

    Args:
        screen: On which it opens.
        sign: Before the line.
        hint: Behind it.
        text: What stands there at first.
        take: Is given the text; not called when the line is left.
    """

    BINDINGS = bindings("edit")

    def __init__(self, screen: Screen[None], sign: str, hint: str, text: str, take: Callable[[str], None]) -> None:
        super().__init__()
        self._sign, self._hint, self._text, self._take = sign, hint, text, take
        self._before = screen.focused

    def compose(self) -> ComposeResult:
        """A sign, the text, what enter does."""
        yield Static(self._sign, id="typed-sign")
        yield Input(self._text, id="typed-text", compact=True, select_on_focus=False)
        yield Static(self._hint, id="typed-hint")

    def on_mount(self) -> None:
        """Take the footer's place and the focus."""
        for bar in self.screen.query(KeyBar):
            bar.display = False
        self.screen.set_focus(self.query_one(Input))
        self.post_message(LineOpened(self))

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_close()
        self._take(event.value.strip())

    def action_close(self) -> None:
        """Leave the line."""
        for bar in self.screen.query(KeyBar):
            bar.display = True
        self.screen.set_focus(self._before)
        self.remove()
