"""The first line of a screen: where one is, and what holds for all of it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Heading(Static):
    """One line; what does not fit ends in an ellipsis."""

    def __init__(self, id: str = "heading") -> None:
        super().__init__(id=id)

    def show(self, *parts: Content | str) -> None:
        """Show parts with two spaces between them; empty ones are left out. Untrusted parts went through `plain`."""
        shown = [Content(part) if isinstance(part, str) else part for part in parts]
        self.update(Content("  ").join(part for part in shown if part.plain))
