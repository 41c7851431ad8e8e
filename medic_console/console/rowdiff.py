"""Two SQL results row by row: which rows are the same, which differ in some cells, which have no partner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from medic_console.scoring.sql.compare import comparison_key

Rows = Sequence[Sequence[Any]]


class Match(Enum):
    """How a row stands to the other result."""

    SAME = "same"
    DIFFERS = "differs"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of each result beside each other.

    Attributes:
        left: Number of the row in the first result; None when only the second has it.
        right: The same of the second result.
        match: `ALONE` when one of the two is None.
        cells: Numbers of the columns whose cells differ, where both rows are there.
    """

    left: int | None
    right: int | None
    match: Match
    cells: frozenset[int] = frozenset()


def aligned(rows: Rows, others: Rows) -> tuple[Pair, ...]:
    """Put the rows of two results beside each other, in the order of the first, then what only the second has.

    Rows are the same as EHRSQL's scorer compares them; order does not count and duplicates do. Of the others, rows
    that share a cell in the same column are taken as each other's version; so are the last two that are left.
    """
    keys, other_keys = [_key(row) for row in rows], [_key(row) for row in others]
    partner = _same(keys, other_keys)
    taken = set(partner.values())
    left = [number for number in range(len(rows)) if number not in partner]
    right = [number for number in range(len(others)) if number not in taken]
    versions = _versions(left, right, keys, other_keys)
    pairs = []
    for number in range(len(rows)):
        if number in partner:
            pairs.append(Pair(number, partner[number], Match.SAME))
        elif number in versions:
            other = versions[number]
            pairs.append(Pair(number, other, Match.DIFFERS, _differing(keys[number], other_keys[other])))
        else:
            pairs.append(Pair(number, None, Match.ALONE))
    used = set(versions.values())
    return (*pairs, *(Pair(None, number, Match.ALONE) for number in right if number not in used))


def _key(row: Sequence[Any]) -> tuple[str, ...]:
    return comparison_key([row])[0]


def _same(keys: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]) -> dict[int, int]:
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in range(len(others) - 1, -1, -1):
        places[others[number]].append(number)
    return {number: places[key].pop() for number, key in enumerate(keys) if places[key]}


def _versions(
    left: Sequence[int], right: Sequence[int], keys: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]
) -> dict[int, int]:
    free, found = list(right), {}
    for number in left:
        shared = {other: _shared(keys[number], others[other]) for other in free}
        best = max(shared, key=shared.__getitem__, default=None)
        if best is not None and shared[best]:
            found[number] = best
            free.remove(best)
    alone = [number for number in left if number not in found]
    if len(alone) == len(free) == 1:
        found[alone[0]] = free[0]
    return found


def _shared(row: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(one == two for one, two in zip(row, other, strict=False))


def _differing(row: tuple[str, ...], other: tuple[str, ...]) -> frozenset[int]:
    widest = max(len(row), len(other))
    return frozenset(n for n in range(widest) if row[n : n + 1] != other[n : n + 1])
