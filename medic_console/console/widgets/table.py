"""A list of rows that draws only the lines in sight, however many there are; cells are never read as markup."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.color import Color
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.strip import Strip

from medic_console.console.command import Command
from medic_console.console.commands import bindings
from medic_console.console.messages import Copy
from medic_console.console.text import fitted, one_line
from medic_console.console.widgets.columns import Column as Column
from medic_console.console.widgets.columns import column_widths, in_sight
from medic_console.console.widgets.lazy_rows import Cell as Cell
from medic_console.console.widgets.lazy_rows import Cells, text_of
from medic_console.console.widgets.lazy_rows import Row as Row
from medic_console.console.widgets.row_list import RowList, found_of
from medic_console.console.widgets.titles import entitle

if TYPE_CHECKING:
    from medic_console.console.glyphs import State
    from medic_console.results.export import MakeSheet, Sheet

_PADDING = 2
_HEAD = 1  # lines of the header
_MARK = "❯"
"""Before the marked row, so that it is seen without colour."""


def state_cell(state: State) -> Cell:
    """Return a state's glyph and word in its colour."""
    return Cell(state.text, state.variable)


class Table(RowList, can_focus=True):
    """Rows with a marked one; `enter` or a click on the marked row posts `RowSelected`."""

    BINDINGS = bindings("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--header", "table--cursor", "table--hover", "table--search"}
    REWORDED: ClassVar[Mapping[str, Command]] = MappingProxyType({})
    """Commands that are told otherwise here, by id."""
    SORTS: ClassVar[bool] = True
    """The rows may be put in another order."""

    class Told(Message):
        """What a table tells of its marked row."""

        def __init__(self, table: Table) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> Table:
            """The table; selectors of handlers name it."""
            return self.table

    class RowHighlighted(Told):
        """Another row is marked, or the rows are new."""

    class RowSelected(Told):
        """The marked row is to be opened."""

    class EndPassed(Told):
        """One wants to go beyond the last row."""

    class ExportAsked(Told):
        """The rows are to be written to files."""

    def __init__(self, columns: Sequence[Column], id: str, classes: str = "pane", opens: bool = True) -> None:
        super().__init__(id, classes)
        self._wanted = tuple(columns)
        self._opens = opens
        self._hover = -1
        self._widths: list[int] = []
        self._fitted = 0
        self._longest: list[int] = []
        self._seen: list[int] = list(range(len(self._wanted)))
        self._title = ""
        self._styles: dict[tuple[str, bool], Style] = {}
        self._drawn: dict[int, Cells] = {}
        self._look: tuple[object, ...] = ()

    def on_mount(self) -> None:
        """Draw anew when the theme changes: cells hold colours."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._restyle())

    def on_resize(self) -> None:
        """Give the flexible columns their width."""
        self._measure()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer `enter` only where it opens something."""
        if action in ("sort", "turn"):
            return self.SORTS
        return action != "select_cursor" or (self._opens and bool(self._shown))

    @property
    def shows_all(self) -> bool:
        """Tell whether there is room for every column."""
        return len(self._seen) == len(self._wanted)

    @property
    def column_spans(self) -> list[tuple[int, int]]:
        """Where each column begins and ends, in cells from the left edge of the rows."""
        ends = list(itertools.accumulate(width + _PADDING for width in self._widths))
        return list(zip([0, *ends], ends, strict=False))

    def row_at(self, event: events.MouseEvent) -> int:
        """Return the number of the row under the mouse; -1 when there is none."""
        offset = event.get_content_offset(self)
        number = -1 if offset is None or offset.y < _HEAD else offset.y - _HEAD + self.scroll_offset.y
        return number if number < len(self._shown) else -1

    def use_columns(self, columns: Sequence[Column]) -> None:
        """Replace the columns; the next `fill` brings cells for them."""
        if tuple(columns) != self._wanted:
            self._wanted, self._longest = tuple(columns), []
            self.forget()
            self._measure()

    def mark(self, key: str) -> None:
        """Put the cursor on a row, if it is there."""
        at = self.place_of(key)
        self.move_cursor(at if at >= 0 else self.cursor_row)

    def move_cursor(self, row: int) -> None:
        """Mark the row of that number, or the nearest."""
        self.cursor_row = row

    def sheet_maker(self, title: str) -> MakeSheet:
        """Return what makes a sheet of the rows that pass the search; it may be called in a thread."""
        return self.sheet_of(title, [column.label or "mark" for column in self._wanted])

    def sheet(self, title: str) -> Sheet:
        """Return the rows that pass the search with the whole text of each cell."""
        return self.sheet_maker(title)()

    def as_plain(self, most: int) -> str:
        """Return labels and rows, tab-separated; behind the first so many it says how many more there are."""
        labels = [column.label or "mark" for column in self._wanted]
        rows = [map(text_of, self._all.cells(number)) for number in self._shown[:most]]
        lines = ["\t".join(cells) for cells in (labels, *rows)]
        if (more := len(self._shown) - len(rows)) > 0:
            lines.append(f"({more:,} more rows; the export of the list writes all of them)")
        return "\n".join(lines)

    def row_text(self) -> str:
        """Return the marked row's cells, tab-separated."""
        return "\t".join(map(text_of, self._all.cells(self._shown[self.cursor_row]))) if self.chosen else ""

    def action_cursor_down(self) -> None:
        """Mark the next row; beyond the last one tell."""
        if self.cursor_row >= len(self._shown) - 1:
            self.post_message(self.EndPassed(self))
        self.cursor_row += 1

    def action_cursor_up(self) -> None:
        """Mark the previous row."""
        self.cursor_row -= 1

    def action_page(self, by: int) -> None:
        """Move the mark by a screenful."""
        self.cursor_row += by * max(1, self.size.height - _HEAD)

    def action_first(self) -> None:
        """Mark the first row."""
        self.cursor_row = 0

    def action_last(self) -> None:
        """Mark the last row."""
        self.cursor_row = len(self._shown) - 1

    def action_sort(self) -> None:
        """Sort by the next column; behind the last one the rows are as they came."""
        self.sort(self._order.following(len(self._wanted)))

    def action_turn(self) -> None:
        """Sort the other way round."""
        self.sort(self._order.clicked(max(0, self._order.column)))

    def action_export(self) -> None:
        """Ask for the rows to be written."""
        self.when_picked(lambda: self.post_message(self.ExportAsked(self)))

    def action_copy(self) -> None:
        """Copy the marked row."""
        self.when_picked(lambda: self.post_message(Copy(self.row_text())))

    def action_select_cursor(self) -> None:
        """Open the marked row."""
        self.when_picked(self._open)

    def _open(self) -> None:
        if self.chosen and self._opens:
            self.post_message(self.RowSelected(self))

    def validate_cursor_row(self, row: int) -> int:
        """Keep the mark on a row."""
        return max(0, min(row, len(self._shown) - 1))

    def watch_cursor_row(self, before: int, row: int) -> None:
        """Draw both rows anew and tell."""
        self.refresh_line(before + _HEAD)
        self.refresh_line(row + _HEAD)
        self._bring_up()
        if self.chosen:
            self.post_message(self.RowHighlighted(self))

    def on_click(self, event: events.Click) -> None:
        """Mark the row; a click on the marked one opens it."""
        row = self.row_at(event)
        if row < 0:
            self._click_head(event)
            return
        event.stop()
        if row == self.cursor_row:
            self.action_select_cursor()
        else:
            self.cursor_row = row

    def _click_head(self, event: events.Click) -> None:
        """Sort by the column whose name was clicked, a second time the other way round."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y < _HEAD and self.SORTS:
            at = offset.x + self.scroll_offset.x
            for place in (n for n, (start, end) in enumerate(self.column_spans) if start <= at < end):
                self.sort(self._order.clicked(self._seen[place]))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show where a click would go."""
        self._point_at(self.row_at(event))

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._point_at(-1)

    def render_line(self, y: int) -> Strip:
        """Draw the header or the row at a line of the view."""
        if self._fitted != self.size.width:  # drawn before it hears of its new size
            self._fit()
        scroll_x, scroll_y = self.scroll_offset
        width, base = self.size.width, self.get_visual_style().rich_style
        if y < _HEAD:
            return self._header(scroll_x, width, base)
        number = y - _HEAD + scroll_y
        if not (self._widths and 0 <= number < len(self._shown)):
            return Strip.blank(width, base)
        marked = number == self.cursor_row
        over = "table--cursor" if marked else "table--hover" if number == self._hover else ""
        style = self.get_visual_style(over).rich_style if over else base
        if marked and self.has_focus and self.app.no_color:
            style += Style(reverse=True)
        segments = []
        cells = self._all.cells(self._shown[number])
        for place, size in zip(self._seen, self._widths, strict=True):
            column, cell = self._wanted[place], cells[place]
            own = style if marked else style + self._style_of(cell)
            segments += [Segment(" ", style), Segment(fitted(one_line(text_of(cell)), size, column.right), own)]
            segments.append(Segment(" ", style))
        if marked:
            segments[0] = Segment(_MARK, style)
        return Strip(segments).crop_extend(scroll_x, scroll_x + width, style)

    def _header(self, scroll_x: int, width: int, base: Style) -> Strip:
        style = self.get_visual_style("table--header").rich_style + Style(bold=True)
        columns = zip(self._seen, self._widths, strict=True) if self._widths else ()
        labels = [
            Segment(f" {fitted(f'{column.label}{self._order.sign(number)}', size, column.right)} ", style)
            for number, size in columns
            for column in (self._wanted[number],)
        ]
        strip = Strip(labels).crop_extend(scroll_x, scroll_x + width, base)
        if not self._sought:
            return strip
        found = f" /{one_line(self._sought, 40)}  {found_of(self.matches)} "
        note = Segment(
            set_cell_size(found, min(width, cell_len(found))), self.get_visual_style("table--search").rich_style
        )
        return Strip.join([strip.crop(0, width - note.cell_length), Strip([note])])

    def taken(self, fresh: bool, filled: bool, key: str) -> None:
        """Draw the rows that are shown now, and tell which is marked."""
        if fresh:
            self._longest = [self._longest_of(number) for number in range(len(self._wanted))]
        if filled != bool(self._shown) and self.has_focus:
            self.screen.refresh_bindings()
        at, before = self.place_of(key), self.cursor_row
        self.set_reactive(RowList.cursor_row, self.validate_cursor_row(at if at >= 0 else before))
        self._place()
        self._redraw(() if before == self.cursor_row else (before, self.cursor_row))
        if self._shown:
            self.post_message(self.RowHighlighted(self))

    def _redraw(self, moved: Collection[int] | None = None) -> None:
        """Draw what is not drawn already.

        Args:
            moved: Numbers of the rows that are marked and were, if the mark moved; where nothing changed that all
                lines depend on, only these and the rows in sight that are others than they were are drawn. None draws
                all.
        """
        first = self.scroll_offset.y
        in_sight = range(first, min(len(self._shown), first + self.size.height - _HEAD))
        rows = {number: self._all.cells(self._shown[number]) for number in in_sight}
        found = self.matches if self._sought else ()
        look = self._widths, self._seen, self._order, self._sought, found, self.scroll_offset, self.size
        if moved is not None and look == self._look:
            changed = {number for number in rows | self._drawn if rows.get(number) != self._drawn.get(number)}
            for number in changed.union(moved):
                self.refresh_line(number + _HEAD)
        else:
            self.refresh()
        self._look, self._drawn = look, rows

    def _longest_of(self, number: int) -> int:
        """Return the cells that a column of numbers needs, which are never cut; 0 of any other column."""
        if not self._wanted[number].right:
            return 0
        return max((cell_len(text_of(cells[number])) for cells in self._all.every_cells()), default=0)

    def _measure(self) -> None:
        self._place()
        self._redraw()

    def _place(self) -> None:
        """Find widths and extent, and bring the mark in sight."""
        self._fit()
        extent = Size(sum(self._widths) + _PADDING * len(self._widths), len(self._shown) + _HEAD)
        if self.size and extent != self.virtual_size:  # set alone, it has the whole screen laid out anew
            self.set_reactive(RowList.virtual_size, extent)
            self._scroll_update(extent)
        else:
            self.virtual_size = extent
        self._bring_up()

    def _fit(self) -> None:
        """Give the columns their widths; none before the table has a size, else it would be drawn squeezed once."""
        self._fitted = self.size.width
        room = self.scrollable_content_region.width or self.size.width
        self._seen = in_sight(self._wanted, self._longest, _PADDING, room) if room else [*range(len(self._wanted))]
        columns = [self._wanted[number] for number in self._seen]
        longest = [self._longest[number] for number in self._seen] if self._longest else []
        self._widths = column_widths(columns, longest, _PADDING, room) if room else []
        self._tell_left_out()

    def _tell_left_out(self) -> None:
        """Name in the title the columns that there is no room for."""
        out = [column.label for number, column in enumerate(self._wanted) if number not in self._seen]
        if any(column.gives_way for column in self._wanted):
            self._title = self._title or str(self.border_title or "")
            entitle(self, f"{self._title} · without {', '.join(out)}" if out else self._title)

    def _bring_up(self) -> None:
        line = Region(self.scroll_offset.x, self.cursor_row + _HEAD, self.size.width, 1)
        self.scroll_to_region(line, animate=False, spacing=Spacing(_HEAD, 0, 0, 0), force=True)

    def _restyle(self) -> None:
        self._styles.clear()
        self.refresh()

    def _style_of(self, cell: str | Cell) -> Style:
        if isinstance(cell, str):
            return Style.null()
        found = self._styles.get((cell.variable, cell.bold))
        if found is None:
            colour = self.app.theme_variables.get(cell.variable, "")
            found = Style(color=Color.parse(colour).rich_color if colour else None, bold=cell.bold or None)
            self._styles[(cell.variable, cell.bold)] = found
        return found

    def _point_at(self, row: int) -> None:
        if row != self._hover:
            before, self._hover = self._hover, row
            for number in (before, row):
                if number >= 0:
                    self.refresh_line(number + _HEAD)
