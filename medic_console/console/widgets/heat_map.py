"""A grid of short texts on shaded ground: the text says it, the shade helps the eye."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rich.cells import cell_len, chop_cells
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.console.text import fitted
from medic_console.console.widgets.scroll_pane import ScrollPane

_LINES = 3
"""Of a column's heading, at most."""
_LIGHTEST, _DARKEST = 8, 52
"""Shade in percent of the colour of bars over the ground; darker would swallow the text."""
_TOKEN = re.compile(r"[^\s.-]+[.-]*|[.-]+")


@dataclass(frozen=True, slots=True)
class Heat:
    """One field.

    Attributes:
        longer: Forms that say more, longest first; the first for which the column has room is shown for `text`.
        share: 0 to 1, from the lightest to the darkest shade; None: no shade.
        variable: Theme variable of the text's colour; empty is the usual one.
    """

    text: str
    share: float | None = None
    variable: str = ""
    bold: bool = False
    longer: tuple[str, ...] = ()


HeatRow = tuple[str, Sequence[Heat]]
"""Label and one field a column. Labels and texts are one line each and went through `one_line`."""


class Scroller(ScrollPane):
    """Holds the rows."""

    BINDINGS = bindings("grid")

    def action_shift(self, by: int) -> None:
        """Bring other columns into sight."""
        self.query_ancestor(HeatMap).shift(by)


class HeatMap(Vertical):
    """Headings that stay, rows that scroll, and columns that the arrow keys bring into sight.

    Args:
        cell: Width of a column with its gap.
        least: It may become as little where that brings more columns into sight.
        labels: Most cells for the rows' labels.
    """

    def __init__(self, id: str, cell: int, least: int = 6, labels: int = 22) -> None:
        super().__init__(id=id, classes="pane")
        self._wanted, self._least, self._most, self._cell = cell, least, labels, cell
        self._first, self._in_sight = 0, 1
        self._head, self._body, self._note = Static(classes="head"), Static(classes="body"), Static(classes="note")
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[HeatRow, ...] = ()
        self._chosen = -1
        self._said: Content | str = ""

    def compose(self) -> ComposeResult:
        """Headings, rows, and what is to be known of them."""
        yield self._head
        with Scroller():
            yield self._body
            yield self._note

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the rows."""
        self.query_one(Scroller).focus(scroll_visible)
        return self

    def on_resize(self) -> None:
        """Show as many columns as fit."""
        self._draw()

    def show(self, columns: Sequence[str], rows: Sequence[HeatRow], chosen: int = -1, note: Content | str = "") -> None:
        """Show a grid.

        Args:
            chosen: Number of the column that is marked and always in sight; -1: none.
            note: Below the rows.
        """
        fresh = (tuple(columns), tuple(rows), chosen, note)
        if fresh != (self._columns, self._rows, self._chosen, self._said):
            moved = chosen != self._chosen
            self._columns, self._rows, self._chosen, self._said = fresh
            if moved and chosen >= 0:
                self._first = chosen - self._in_sight // 2
            self._draw()

    def shift(self, by: int) -> None:
        """Bring other columns into sight."""
        self._first += by
        self._draw()

    def _draw(self) -> None:
        width = self.scrollable_content_region.width - 1
        label = min(self._most, max((cell_len(name) for name, _ in self._rows), default=0), max(0, width // 2))
        room = width - label
        self._cell = max(self._least, min(self._wanted, room // max(1, len(self._columns))))
        first, last = self._window(max(1, room // self._cell))
        self._head.update(self._heading(label, first, last))
        lines = [self._line(name, fields, label, first, last) for name, fields in self._rows]
        self._body.update(Content("\n").join(lines))
        self._note.update(self._said)
        self._note.display = bool(self._said)
        self._in_sight = last - first
        cut = last - first < len(self._columns)
        self.border_subtitle = f"columns {first + 1} to {last} of {len(self._columns)}, ← → moves" if cut else ""

    def _window(self, room: int) -> tuple[int, int]:
        """Return the first column in sight and the one after the last."""
        count = len(self._columns)
        self._first = min(max(0, self._first), max(0, count - room))
        return self._first, min(count, self._first + room)

    def _heading(self, label: int, first: int, last: int) -> Content:
        wrapped = [broken(name, self._cell - 1)[:_LINES] for name in self._columns[first:last]]
        depth = max((len(lines) for lines in wrapped), default=0)
        found = []
        for line in range(depth):
            parts = [Content(" " * label)]
            for number, lines in enumerate(wrapped, first):
                at = line - (depth - len(lines))
                text = lines[at] if at >= 0 else ""
                style = "bold underline $foreground" if number == self._chosen else "$muted"
                parts += [Content(" "), Content.styled(_centred(text, self._cell - 1), style if text else "")]
            found.append(Content.assemble(*parts))
        return Content("\n").join(found)

    def _line(self, name: str, fields: Sequence[Heat], label: int, first: int, last: int) -> Content:
        parts = [Content(fitted(name, label))]
        for field in fields[first:last]:
            ground = "" if field.share is None else f"on $bar-filled {_percent(field.share)}%"
            colour = f"${field.variable}" if field.variable else ""
            style = " ".join(part for part in ("bold" if field.bold else "", colour, ground) if part)
            parts += [Content(" "), Content.styled(_centred(_fitting(field, self._cell - 1), self._cell - 1), style)]
        return Content.assemble(*parts)


def broken(name: str, width: int) -> list[str]:
    """Return a name in lines of at most `width` cells, broken after blanks, hyphens and dots."""
    lines: list[str] = []
    for token in _TOKEN.findall(name):
        blank = " " if lines and not lines[-1].endswith(("-", ".")) else ""
        if lines and cell_len(lines[-1] + blank + token) <= width:
            lines[-1] += blank + token
        else:
            lines += chop_cells(token, max(1, width))
    return lines


def _fitting(field: Heat, width: int) -> str:
    return next((form for form in field.longer if cell_len(form) <= width), field.text)


def _percent(share: float) -> int:
    return round(_LIGHTEST + min(1.0, max(0.0, share)) * (_DARKEST - _LIGHTEST))


def _centred(text: str, width: int) -> str:
    text = fitted(text, width) if cell_len(text) > width else text
    left = (width - cell_len(text) + 1) // 2
    return " " * left + text + " " * (width - left - cell_len(text))
