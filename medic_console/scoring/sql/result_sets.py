"""Compare two result sets as EHRSQL does.

Source of the rule: glee4810/ehrsql-2024, `scoring_program/scoring_utils.py` (since 5 March 2024): every cell that reads
as a number is a number rounded to 3 places, every cell is text then, all rows sorted, the first 100 compared.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from typing import Any

COMPARED_ROWS = 100
"""Sorted rows that are compared."""

_PLACES = 3

Key = tuple[tuple[str, ...], ...]


def comparison_key(rows: Iterable[Sequence[Any]]) -> Key:
    """Return the first 100 rows in sorted order, cells as text; equal keys are equal results.

    Row order does not count, column order and duplicates do. 1, 1.0 and the text `1` are equal, NULL equals the text
    `None`, and -0.0001 (rounded: -0.0) differs from 0, as in the official script.
    """
    return tuple(heapq.nsmallest(COMPARED_ROWS, (tuple(_cell(cell) for cell in row) for row in rows)))


def _cell(value: Any) -> str:
    try:
        return str(round(float(value), _PLACES))
    except (TypeError, ValueError):
        return str(value)
