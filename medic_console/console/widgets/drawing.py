"""A pane whose content is drawn for the room that it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from medic_console.console.text import plain
from medic_console.console.widgets.scroll_pane import ScrollPane

Draw = Callable[[int, int], Content]
"""Takes width and height in cells; untrusted parts of what it returns went through `plain`."""

_BAR = re.compile("[█▏▎▍▌▋▊▉▁▂▃▄▅▆▇]+")
_EMPTY = re.compile("·{2,}")


def chart(lines: Sequence[str]) -> Content:
    """Return a chart of characters (`results.charts`) under its title, the first line."""
    body = Content(plain("\n".join(lines[1:])))
    body = body.highlight_regex(_BAR, style="$bar-filled").highlight_regex(_EMPTY, style="$bar-empty")
    return Content.assemble((plain(lines[0]), "bold $primary"), "\n", body)


class Drawing(ScrollPane):
    """Draws anew for every size."""

    def __init__(self, id: str, classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self._body = Static(classes="body")
        self._how: Draw | None = None

    def compose(self) -> ComposeResult:
        """What is drawn."""
        yield self._body

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._redraw()

    def draw(self, how: Draw) -> None:
        """Show what a function draws, now and after every change of size."""
        self._how = how
        self._redraw()

    def _redraw(self) -> None:
        size = self.scrollable_content_region.size
        if self._how is not None and size.width:
            self._body.update(self._how(size.width, size.height))
