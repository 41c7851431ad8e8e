"""One query with its result: SQL above, what came of it, rows below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.console.widgets.text_pane import TextPane


@dataclass(frozen=True, slots=True)
class SideView:
    """What one side shows.

    Attributes:
        found: How many rows came in what time; empty when none did.
        note: Why there are no rows; empty when there are some.
        remark: On the lower border.
    """

    query: Content
    found: str
    note: Content
    remark: str
    columns: Sequence[Column]
    rows: Sequence[Row]


class ResultTable(Table):
    """Rows of a result; the cursor marks a cell of the marked row, and `enter` opens it whole.

    Attributes:
        cursor_column: Number of the column that holds the marked cell; the first one is no part of the result.
    """

    BINDINGS = bindings("cells")
    SORTS = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--cell"}
    cursor_column: reactive[int] = reactive(1, repaint=False)

    def __init__(self, id: str) -> None:
        super().__init__((), id=id, classes="rows")

    def action_column(self, by: int) -> None:
        """Mark the next or the previous cell of the row."""
        self.cursor_column += by

    def validate_cursor_column(self, column: int) -> int:
        """Keep the mark on the result."""
        return max(1, min(column, len(self.column_spans) - 1))

    def watch_cursor_column(self) -> None:
        """Draw the row anew, and bring the cell into sight."""
        self.refresh()
        if self.cursor_column < len(self.column_spans):
            start, end = self.column_spans[self.cursor_column]
            cell = Region(start, self.scroll_offset.y, end - start, 1)
            self.scroll_to_region(cell, animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """Mark the cell first; a click on the marked one opens it."""
        offset = event.get_content_offset(self)
        at = offset.x + self.scroll_offset.x if offset else -1
        column = next((n for n, (start, end) in enumerate(self.column_spans) if start <= at < end), 0)
        if column and column != self.cursor_column:
            self.cursor_column = column
            self.cursor_row = max(0, self.row_at(event))
            event.prevent_default()

    def render_line(self, y: int) -> Strip:
        """Draw a row; of the marked one the marked cell stands out."""
        strip = super().render_line(y)
        if y + self.scroll_offset.y != self.cursor_row + 1 or y < 1 or self.cursor_column >= len(self.column_spans):
            return strip
        start, end = (max(0, edge - self.scroll_offset.x) for edge in self.column_spans[self.cursor_column])
        style = self.get_visual_style("table--cell").rich_style
        if not self.has_focus:  # it stands out by its underline alone; the row keeps its colours
            style = style.without_color
        cell = Strip([Segment(text, (own or Style.null()) + style) for text, own, _ in strip.crop(start, end)])
        return Strip.join([strip.crop(0, start), cell, strip.crop(end)])


class SqlSide(Vertical):
    """One side of the comparison; focus goes to its rows, or to its query when there are none."""

    class Resized(Message):
        """The side has another height."""

    def __init__(self, id: str, title: str) -> None:
        super().__init__(id=id, classes="pane")
        self.border_title = title
        self._title = title
        self._view = SideView(Content(""), "", Content(""), "", (), ())

    def compose(self) -> ComposeResult:
        """Query, note and rows."""
        yield TextPane(f"{self.id}-sql", classes="query")
        yield Static(classes="note")
        yield ResultTable(f"{self.id}-rows")

    def on_resize(self) -> None:
        """Tell the screen, which gives the query its height."""
        self.post_message(self.Resized())

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the rows."""
        (self.rows if self.rows.row_count else self.query_pane).focus(scroll_visible)
        return self

    @property
    def rows(self) -> ResultTable:
        """The result."""
        return self.query_one(ResultTable)

    @property
    def query_pane(self) -> TextPane:
        """The query."""
        return self.query_one(TextPane)

    def show(self, view: SideView) -> None:
        """Show a query and its rows."""
        self._view = view
        self.query_pane.show_content(view.query)
        self.border_title = " · ".join(part for part in (self._title, view.found) if part)
        self.border_subtitle = view.remark
        note = self.query_one(".note", Static)
        note.update(view.note)
        note.display = bool(view.note)
        self.rows.display = bool(view.rows)
        self.rows.use_columns(view.columns)
        self.rows.fill(view.rows)

    def as_text(self) -> str:
        """Return query, note and rows, tab-separated."""
        head = "\t".join(column.label for column in self._view.columns)
        rows = ["\t".join(c.text if isinstance(c, Cell) else c for c in cells) for _, cells in self._view.rows]
        found = self._view.found or self._view.note.plain
        return "\n".join((self._title, self._view.query.plain, found, *([head] if rows else []), *rows))
