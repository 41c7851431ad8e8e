"""One query with its result: SQL above, what came of it, rows below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import sqlglot
from sqlglot.errors import SqlglotError
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from medic_console.console.text import count, plain
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.records import SqlResult

_ABSTAINED = "null"
_NULL = Cell("∅ NULL", "null-cell")
_EMPTY = Cell("''", "muted")
_WIDEST, _NARROWEST = 30, 6


class SqlSide(Vertical):
    """One side of the comparison; focus goes to its rows."""

    def __init__(self, id: str, title: str) -> None:
        super().__init__(id=id, classes="pane")
        self._title = title
        self._sql = ""
        self._note = ""
        self._rows: list[Row] = []

    def compose(self) -> ComposeResult:
        """Query, note and rows."""
        with VerticalScroll(classes="query", can_focus=False):
            yield Static(classes="sql")
        yield Static(classes="note")
        yield Table((), id=f"{self.id}-rows", classes="rows", opens=False)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the rows."""
        self.query_one(Table).focus(scroll_visible)
        return self

    def show(self, result: SqlResult | None, written: str, marks: Sequence[bool], only_marked: bool) -> None:
        """Show a query and its rows.

        Args:
            result: None when nothing was executed.
            written: The query as it was written, for when nothing was executed.
            marks: Whether each row has no partner in the other result.
            only_marked: Leave the other rows out.
        """
        self.border_title = self._title
        self._sql = formatted(result.sql if result and result.sql else written)
        self.query_one(".sql", Static).update(highlight(self._sql, language="sql") if self._sql else Content("–"))
        note = note_of(result)
        self._note = note.plain
        self.query_one(".note", Static).update(note)
        columns = result.columns if result else ()
        rows = result.rows if result else ()
        kept = [(row, mark) for row, mark in zip(rows, marks, strict=True) if mark or not only_marked]
        table = self.query_one(Table)
        table.display = bool(rows)
        table.use_columns([Column("", 1), *_columns(columns, rows)])
        self._rows = [_row(number, row, mark) for number, (row, mark) in enumerate(kept)]
        table.fill(self._rows)

    def as_text(self) -> str:
        """Return query, note and rows, tab-separated."""
        rows = ["\t".join(c.text if isinstance(c, Cell) else c for c in cells) for _, cells in self._rows]
        return "\n".join((self._title, self._sql, self._note, *rows))


def formatted(sql: str) -> str:
    """Return SQL with one clause a line; what cannot be parsed is returned as it is, control bytes visible."""
    if sql.strip().lower() == _ABSTAINED:
        return "null  -- abstained: cannot be answered from the database"
    try:
        return plain(sqlglot.transpile(sql, read="sqlite", write="sqlite", pretty=True)[0])
    except (SqlglotError, IndexError, RecursionError):
        return plain(sql)


def note_of(result: SqlResult | None) -> Content:
    """Return how many rows came in what time, or the error."""
    if result is None:
        return Content.styled("not executed", "$muted")
    if result.error:
        return Content.styled(f"✗ {plain(result.error)}", "$score-failed")
    if not result.sql:
        return Content.styled("abstained: nothing to execute", "$muted")
    shown, total = len(result.rows), result.row_count
    at_least = "at least " if result.capped else ""
    rows = count(total, "row") if shown == total and not result.capped else f"{shown:,} of {at_least}{total:,} rows"
    return Content.styled(f"{rows} · {result.seconds * 1000:.1f} ms", "$muted")


def _columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Column]:
    found = []
    for number, name in enumerate(names):
        cells = [row[number] for row in rows]
        width = max((len(_cell(cell).text) for cell in cells), default=0)
        width = min(_WIDEST, max(_NARROWEST, width, len(name)))
        numeric = bool(cells) and all(isinstance(cell, int | float) or cell is None for cell in cells)
        found.append(Column(plain(name).replace("\n", " "), width, right=numeric))
    return found


def _row(number: int, row: Sequence[Any], mark: bool) -> Row:
    cells = [_cell(cell) for cell in row]
    if mark:
        cells = [Cell(cell.text, "diff-row") for cell in cells]
    return str(number), [Cell("≠" if mark else " ", "diff-row", bold=True), *cells]


def _cell(value: Any) -> Cell:
    if value is None:
        return _NULL
    return _EMPTY if value == "" else Cell(str(value))
