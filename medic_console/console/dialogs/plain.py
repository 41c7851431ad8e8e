"""A text without borders, to copy from where the clipboard cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult, SuspendNotSupported
from textual.content import Content

from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import bindings
from medic_console.console.text import count
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.text_pane import TextPane

if TYPE_CHECKING:
    from medic_console.console.context import Context


class PlainScreen(ConsoleScreen):
    """The text over the whole width; `t` leaves it in the terminal itself."""

    CSS_PATH = "plain.tcss"
    BINDINGS = bindings("plain")
    PLACES = ("plain",)
    PANES = ("plain-text",)

    def __init__(self, context: Context, title: str, text: str) -> None:
        super().__init__(context)
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Heading and text."""
        yield Heading()
        yield TextPane("plain-text", classes="")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the text."""
        lines = count(len(self._text.splitlines()), "line")
        self.heading.show(
            Content.styled(self._title, "bold $primary"), lines, "y copies all · t leaves it in the terminal"
        )
        pane = self.query_one(TextPane)
        pane.show(self._text)
        pane.focus()

    def as_plain(self) -> str:
        """Return the text."""
        return self._text

    def action_copy_screen(self) -> None:
        """Say that the text is shown already."""
        self.notify("This is the plain text: y copies it.", timeout=4)

    def action_terminal(self) -> None:
        """Print the text where the terminal's own marking, scrolling and copying work; enter comes back."""
        try:
            with self.app.suspend():
                print(f"{self.query_one(TextPane).text}\n-- enter goes back to medic-console --", flush=True)
                _wait_for_enter()
        except SuspendNotSupported:
            self.notify("This terminal cannot be handed over; mark the text here.", severity="warning", timeout=6)


def _wait_for_enter() -> None:
    try:
        input()
    except (EOFError, KeyboardInterrupt):
        return
