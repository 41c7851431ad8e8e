"""A list of rows with one column that takes the width that is left; cells are never read as markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import JustifyMethod
from rich.text import Text
from textual import events
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from medic_console.console.commands import bindings
from medic_console.console.glyphs import State
from medic_console.console.text import one_line

_PADDING = 2
_SCROLLBAR = 1


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        width: Cells; 0 shares the width that is left, by `weight`.
        weight: Share among the columns of width 0.
        least: Least width of a column of width 0.
    """

    label: str
    width: int = 0
    weight: int = 1
    least: int = 12
    right: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with the theme variable of its colour; empty is the usual colour."""

    text: str
    variable: str = ""
    bold: bool = False


Row = tuple[str, Sequence[str | Cell]]
"""Key and cells."""


def state_cell(state: State) -> Cell:
    """Return a state's glyph and word in its colour."""
    return Cell(state.text, state.variable)


class Table(DataTable[Text]):
    """Rows with a cursor; `enter` posts `RowSelected`."""

    BINDINGS = bindings("list")

    def __init__(self, columns: Sequence[Column], id: str, classes: str = "pane", opens: bool = True) -> None:
        super().__init__(id=id, classes=classes, cursor_type="row", zebra_stripes=False)
        self._wanted = tuple(columns)
        self._opens = opens
        self._all: tuple[Row, ...] = ()
        self._built_for = (0, "")

    def on_mount(self) -> None:
        """Draw anew when the theme changes: cells hold colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._build())

    def on_resize(self, event: events.Resize) -> None:
        """Give the flexible columns their width."""
        if self._built_for != (self._room, self.app.theme):
            self._build()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer `enter` only where it opens something."""
        return self._opens or action != "select_cursor"

    @property
    def chosen(self) -> str:
        """Key of the marked row; empty when there is none."""
        if not self.row_count or self.cursor_row >= len(self._all):
            return ""
        return self._all[self.cursor_row][0]

    def use_columns(self, columns: Sequence[Column]) -> None:
        """Replace the columns; the next `fill` draws them."""
        if tuple(columns) != self._wanted:
            self._wanted, self._built_for = tuple(columns), (0, "")

    def fill(self, rows: Sequence[Row]) -> None:
        """Show rows; the marked one stays marked when it is still there."""
        key = self.chosen
        if tuple(rows) == self._all and self._built_for == (self._room, self.app.theme):
            return
        self._all = tuple(rows)
        self._build(key)

    def mark(self, key: str) -> None:
        """Put the cursor on a row, if it is there."""
        for number, (name, _) in enumerate(self._all):
            if name == key:
                self.move_cursor(row=number)

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width or self.size.width

    def _build(self, key: str | None = None) -> None:
        key, at, column_at = self.chosen if key is None else key, self.cursor_row, self.cursor_column
        with self.app.batch_update(), self.prevent(self.RowHighlighted):
            self.clear(columns=True)
            widths = self._widths()
            for column, width in zip(self._wanted, widths, strict=True):
                justify: JustifyMethod = "right" if column.right else "left"
                self.add_column(Text(column.label, style="bold", justify=justify, no_wrap=True), width=width)
            for name, cells in self._all:
                drawn = [self._draw(cell, column) for cell, column in zip(cells, self._wanted, strict=True)]
                self.add_row(*drawn, key=name)
            if self._all:
                keys = [name for name, _ in self._all]
                row = keys.index(key) if key in keys else min(at, len(keys) - 1)
                self.move_cursor(row=row, column=min(column_at, len(self._wanted) - 1))
        self._built_for = (self._room, self.app.theme)
        if self._all:
            self.post_message(
                self.RowHighlighted(
                    self, self.cursor_row, self.coordinate_to_cell_key(Coordinate(self.cursor_row, 0)).row_key
                )
            )

    def _widths(self) -> list[int]:
        fixed = sum(column.width for column in self._wanted) + _PADDING * len(self._wanted)
        shares = sum(column.weight for column in self._wanted if not column.width) or 1
        left = max(0, self._room - fixed)
        return [column.width or max(column.least, left * column.weight // shares) for column in self._wanted]

    def _draw(self, cell: str | Cell, column: Column) -> Text:
        cell = Cell(cell) if isinstance(cell, str) else cell
        colour = self.app.theme_variables.get(cell.variable, "")
        style = " ".join(part for part in ("bold" if cell.bold else "", colour) if part)
        justify: JustifyMethod = "right" if column.right else "left"
        return Text(one_line(cell.text), style=style, justify=justify, no_wrap=True, overflow="ellipsis", end="")
