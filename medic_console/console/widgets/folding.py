"""Panes beside each other; where the terminal is narrow, one at a time under a line of tabs."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.style import Style
from textual.widget import Widget
from textual.widgets import Static


class Folding(Container):
    """Shows its panes beside each other, or folded.

    Args:
        panes: Title and pane; each pane needs an id.
        first: Number that the first pane answers to (keys 1 to 3 go to a screen's panes).
        hidden_below: CSS class of the screen at which it folds.
    """

    def __init__(self, panes: Sequence[tuple[str, Widget]], first: int = 1, id: str = "folding") -> None:
        super().__init__(id=id)
        self._titles = tuple(title for title, _ in panes)
        self._panes = tuple(pane for _, pane in panes)
        self._first = first
        self._active = 0

    def compose(self) -> ComposeResult:
        """The line of tabs, then the panes."""
        yield Static(id=f"{self.id}-tabs", classes="tabs")
        yield from self._panes

    def on_mount(self) -> None:
        """Show the first pane when folded."""
        self._mark()

    def show(self, pane: Widget) -> None:
        """Bring a pane to the front."""
        if pane in self._panes:
            self._active = self._panes.index(pane)
            self._mark()

    def action_show(self, number: int) -> None:
        """Bring a pane to the front and focus it (a click on its tab)."""
        self.show(self._panes[number])
        self._panes[number].focus()

    def _mark(self) -> None:
        for number, pane in enumerate(self._panes):
            pane.set_class(number == self._active, "-front")
        parts: list[Content] = []
        for number, title in enumerate(self._titles):
            click = Style.from_meta({"@click": f"show({number})"})
            look = "bold $evidence-text on $pane-focus" if number == self._active else "$muted"
            parts.append(Content(f" {self._first + number} {title} ").stylize(look).stylize(click))
        self.query_one(f"#{self.id}-tabs", Static).update(Content("").join(parts))
