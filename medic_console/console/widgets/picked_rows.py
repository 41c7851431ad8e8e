"""Which rows of a table are shown and in which order; of long lists this is found out in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from medic_console.console.widgets.lazy_rows import LazyRows, text_of
from medic_console.console.widgets.sorting import Order

MANY = 5_000
"""Rows from which looking through them takes longer than a key may."""


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
