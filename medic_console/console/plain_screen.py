"""A screen as plain text: no borders, whole cells, folded panes too."""

from __future__ import annotations

from textual.content import Content
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static

from medic_console.console.text import plain
from medic_console.console.widgets.folding import Folding, Tab
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.search_line import SearchLine
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane


def plain_text(screen: Screen[None]) -> str:
    """Return the text of a screen's panes from top to bottom, each under its title."""
    blocks: list[str] = []
    for widget in screen.walk_children(Widget):
        if _left_out(widget, screen):
            continue
        title = Content.from_markup(widget.border_title or "").plain
        text = _text_of(widget)
        if title or text:
            blocks.append("\n".join(part for part in (title, text) if part))
    return "\n\n".join(blocks) + "\n"


def _left_out(widget: Widget, screen: Screen[None]) -> bool:
    """Leave out controls, hidden widgets and the inside of panes that tell their own text."""
    around = [node for node in widget.ancestors if node is not screen]
    if any(isinstance(node, KeyBar | SearchLine | TextPane) for node in around):
        return True
    return isinstance(widget, KeyBar | Tab | SearchLine) or any(_hidden(node) for node in (widget, *around))


def _hidden(node: DOMNode) -> bool:
    """A pane that is only folded away is not hidden."""
    return not node.display and not isinstance(node.parent, Folding)


def _text_of(widget: Widget) -> str:
    if isinstance(widget, Table):
        sheet = widget.sheet("")
        return "\n".join("\t".join(str(value) for value in row) for row in (sheet.columns, *sheet.rows))
    if isinstance(widget, TextPane):
        return widget.text
    if isinstance(widget, Input):
        return plain(widget.value)
    shown = widget.visual if isinstance(widget, Static) else None
    return shown.plain if isinstance(shown, Content) else ""
