"""A share of items with its counts and its 95 % interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.statistics.intervals import effective_n, mean_interval


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some items have a property.

    Attributes:
        hits: Items that have it.
        n: Items looked at.
        value: 0 to 1; None without an item.
        low: Lower end of the 95 % interval; None without an item.
        high: Upper end.
        independent: Number of independent items that would tell as much; `n` where no items share a note.
    """

    hits: int
    n: int
    value: float | None
    low: float | None
    high: float | None
    independent: float


def share(hits: Sequence[bool], groups: Sequence[str] | None = None) -> Share:
    """Return the share of items with a property.

    Args:
        hits: Whether each item has it.
        groups: As long as `hits`; items of one non-empty group, such as a note, are not independent.
    """
    n, total = len(hits), sum(hits)
    if not n:
        return Share(0, 0, None, None, None, 0.0)
    values, names = [float(hit) for hit in hits], groups if groups is not None else [""] * n
    return Share(total, n, total / n, *mean_interval(values, names), effective_n(values, names))
