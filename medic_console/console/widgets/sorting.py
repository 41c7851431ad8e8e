"""Which rows of a table are shown, and in which order: numbers by their size, the rest as a person lists it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import TypeVar

from medic_console.console.widgets.lazy_rows import LazyRows, text_of

_NUMBER = re.compile(r"[-−+]?\d[\d,]*(?:\.\d+)?")
_DIGITS = re.compile(r"([0-9]+)")
_NONE = ("", "–", "…")
_SortKey = tuple[int, float, tuple[tuple[int, int, str], ...]]
T = TypeVar("T")
MANY = 5_000
"""Rows from which looking through them takes longer than a key may."""
_AT_ONCE = 5_000
"""Rows that are sorted in one go: Python's own sort lets no other thread do anything meanwhile."""


@dataclass(frozen=True, slots=True)
class Order:
    """By which column rows are sorted.

    Attributes:
        column: -1: the rows stay as they came.
    """

    column: int = -1
    backwards: bool = False

    def following(self, columns: int) -> Order:
        """Return the order by the next column; behind the last one that of the rows themselves."""
        return Order((self.column + 2) % (columns + 1) - 1)

    def clicked(self, column: int) -> Order:
        """Return the order by a column, the other way round when it is that already."""
        return Order(column, column == self.column and not self.backwards)

    def sign(self, column: int) -> str:
        """Return what stands behind a column's name."""
        return "" if column != self.column else " ▾" if self.backwards else " ▴"

    def of(self, rows: Sequence[T], cell: Callable[[T, int], str]) -> Sequence[T]:
        """Return rows in this order; those without anything in that column come last either way."""
        if self.column < 0:
            return rows
        keyed = [(sort_key(cell(row, self.column)), row) for row in rows]
        known = [(key, row) for key, row in keyed if key is not None]
        parts = [
            sorted(known[start : start + _AT_ONCE], key=_first, reverse=self.backwards)
            for start in range(0, len(known), _AT_ONCE)
        ]
        ordered = merge(*parts, key=_first, reverse=self.backwards) if len(parts) > 1 else known and parts[0]
        return [*(row for _, row in ordered), *(row for key, row in keyed if key is None)]


def _first(one: tuple[_SortKey, T]) -> _SortKey:
    return one[0]


def sort_key(text: str) -> _SortKey | None:
    """Return what a cell is sorted by: numbers first, then texts, in which numbers count as such; None for a blank."""
    shown = text.strip()
    if shown in _NONE:
        return None
    number = _NUMBER.match(shown)
    if number is None:
        return 1, 0.0, _natural(shown)
    value = float(number.group().replace(",", "").replace("−", "-"))
    return 0, value, _natural(shown[number.end() :])


def _natural(text: str) -> tuple[tuple[int, int, str], ...]:
    parts = _DIGITS.split(text.casefold())
    return tuple((0, int(part), "") if number % 2 else (1, 0, part) for number, part in enumerate(parts) if part)


@dataclass(frozen=True, slots=True)
class PickedRows:
    """Rows, and the numbers of those that are shown.

    Attributes:
        texts: What each row is searched in; empty until something is sought.
    """

    rows: LazyRows = field(default_factory=LazyRows)
    shown: Sequence[int] = ()
    texts: Sequence[str] = ()


def needs_thread(rows: LazyRows, sought: str, order: Order) -> bool:
    """Tell whether `picked` takes longer than a key may."""
    return len(rows) >= MANY and (bool(sought.strip()) or order.column >= 0)


def picked(before: PickedRows, rows: LazyRows, sought: str, order: Order) -> PickedRows:
    """Return the rows that hold every word of a text, in any case, in an order.

    Args:
        before: Its texts are used again where it has the same rows.
    """
    words, texts = sought.casefold().split(), before.texts if before.rows is rows else ()
    found: Sequence[int] = range(len(rows))
    if words:
        texts = texts or ["\n".join(map(text_of, cells)).casefold() for cells in rows.every_cells()]
        found = [number for number, text in enumerate(texts) if all(word in text for word in words)]
    return PickedRows(rows, order.of(found, lambda number, column: text_of(rows.cells(number)[column])), texts)
