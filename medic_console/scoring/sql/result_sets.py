"""Compare two result sets as EHRSQL does.

Source of the rule: glee4810/ehrsql-2024, `scoring_program/scoring_utils.py` (since 5 March 2024): every cell that reads
as a number is a number rounded to 3 places, every cell is text then, all rows sorted, the first 100 compared.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Any

from medic_console.core.digest import text_digest

COMPARED_ROWS = 100
"""Sorted rows that are compared."""

_PLACES = 3
_LONG_ROW, _BEGINNING = 4_096, 64
"""Characters; a hundred rows of long cells would take hundreds of megabytes."""

Key = tuple[tuple[str, ...], ...]


def comparison_key(rows: Iterable[Sequence[Any]]) -> Key:
    """Return the first 100 rows in sorted order, cells as text; equal keys are equal results.

    Row order does not count, column order and duplicates do. 1, 1.0 and the text `1` are equal, NULL equals the text
    `None`, and -0.0001 (rounded: -0.0) differs from 0, as in the official script.
    """
    return tuple(heapq.nsmallest(COMPARED_ROWS, map(_row, rows)))


def _row(row: Sequence[Any]) -> tuple[str, ...]:
    """Return a row's cells as text; those of a long row that are long themselves by beginning and digest."""
    cells = tuple(_cell(cell) for cell in row)
    if sum(map(len, cells)) <= _LONG_ROW:
        return cells
    return tuple(cell if len(cell) <= _BEGINNING else cell[:_BEGINNING] + text_digest(cell) for cell in cells)


def _cell(value: Any) -> str:
    try:
        return str(round(float(value), _PLACES))
    except (TypeError, ValueError):
        return str(value)
