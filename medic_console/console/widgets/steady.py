"""A text that changes often."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Steady(Static):
    """Has the screen laid out anew only when its text takes another height: a layout costs more than all drawing."""

    def show_text(self, content: Content) -> None:
        """Show a text, unless it is shown already."""
        before, size = self.visual, self.content_size
        if isinstance(before, Content) and before.is_same(content):
            return
        fits = bool(size.width) and content.get_height(self.styles, size.width) == size.height
        self.update(content, layout=not fits)
