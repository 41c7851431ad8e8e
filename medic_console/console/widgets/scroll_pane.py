"""A pane of prepared content that scrolls and can be copied."""

from __future__ import annotations

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.console.messages import Copy


class ScrollPane(VerticalScroll, can_focus=True):
    """Holds `Static` widgets."""

    BINDINGS = bindings("text")

    @property
    def text(self) -> str:
        """What is shown, without styles."""
        shown = [widget.visual for widget in self.query(Static) if widget.display]
        return "\n\n".join(visual.plain for visual in shown if isinstance(visual, Content) and visual.plain)

    def action_copy(self) -> None:
        """Copy the content, or the part that the mouse has marked."""
        self.post_message(Copy(self.screen.get_selected_text() or self.text))
