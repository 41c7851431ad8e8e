"""A text that changes often."""

from __future__ import annotations

from typing import cast

from textual.content import Content
from textual.css.styles import RulesMap
from textual.widgets import Static


class Steady(Static):
    """Has the screen laid out anew only when its text takes another height: a layout costs more than all drawing."""

    def show_text(self, content: Content) -> None:
        """Show a text, unless it is shown already."""
        before, size = self.visual, self.content_size
        if isinstance(before, Content) and before.is_same(content):
            return
        rules = cast(RulesMap, self.styles)  # which Textual itself gives it
        fits = bool(size.width) and content.get_height(rules, size.width) == size.height
        self.update(content, layout=not fits)
