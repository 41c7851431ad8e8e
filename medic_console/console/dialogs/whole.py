"""A text that had no room where it stands, whole."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from medic_console.console.text import count, one_line
from medic_console.console.widgets.text_pane import TextPane


class WholeTextScreen(ModalScreen[None]):
    """Any of `escape`, `enter` and `q` closes it.

    Args:
        title: What the text is.
        text: Shown as it is.
    """

    CSS_PATH = "whole.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape,enter,q", "dismiss", "Close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """The text in a pane."""
        pane = TextPane("whole-text")
        pane.border_title = f"{one_line(self._title, 60)} · {count(len(self._text), 'character')}"
        pane.border_subtitle = "esc closes"
        yield pane

    def on_mount(self) -> None:
        """Show the text, and let the arrow keys scroll."""
        pane = self.query_one(TextPane)
        pane.show(self._text)
        pane.focus()
