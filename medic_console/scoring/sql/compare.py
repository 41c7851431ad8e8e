"""Compare two result sets as EHRSQL does.

Source of the rule: glee4810/ehrsql-2024, `scoring_program/scoring_utils.py`: every cell as text, floats
rounded, all rows sorted, the first 100 compared. Floats are rounded to 3 places, as MEDIC states it.
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

    Row order does not count, column order and duplicates do; NULL equals the text `None`, and 1 differs from
    1.0, as in the official script.
    """
    return tuple(heapq.nsmallest(COMPARED_ROWS, (tuple(_cell(cell) for cell in row) for row in rows)))


def _cell(value: object) -> str:
    return str(round(value, _PLACES)) if isinstance(value, float) else str(value)
