"""Which rows of two SQL results have no partner in the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from medic_console.scoring.sql.compare import comparison_key

Rows = Sequence[Sequence[Any]]


def unmatched(rows: Rows, others: Rows) -> list[bool]:
    """Tell for each row whether it has no partner left in `others`.

    Rows are compared as EHRSQL's scorer does; order does not count and duplicates do.
    """
    left = Counter(comparison_key([row]) for row in others)
    found = []
    for row in rows:
        key = comparison_key([row])
        found.append(left[key] == 0)
        left[key] -= left[key] > 0
    return found
