"""Whether a part of the items differs from the rest: the difference of two means, its interval, and a p value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.statistics.intervals import Ends, combined, ends, mean_draws

FEWEST = 10
"""Notes on each side below which nothing is said: a figure of fewer is noise, and may point at a person."""
SHUFFLES, MORE = 4_000, 40_000
"""Of the notes; the second where none of the first was as far apart, so that a p stays small among many tests."""
_AT_ONCE = 500_000
"""Cells of a table of shuffles."""
_SEED = 20_240_907


@dataclass(frozen=True, slots=True)
class Apart:
    """The mean of a part minus that of the rest, in the unit of the values.

    Attributes:
        low, high: 95 % interval.
        p: Of a permutation test that shuffles notes, two-sided (Phipson and Smyth 2010: never 0); 1 / (`MORE` + 1) or
            more.
    """

    value: float
    low: float
    high: float
    p: float


def apart(values: Sequence[float], groups: Sequence[str], inside: Sequence[bool], scale: Ends) -> Apart:
    """Return how far a part differs from the rest.

    Args:
        values: One an item; both sides have at least one.
        groups: As many; items of one non-empty name are one note, and stay together.
        inside: As many; whether the item is of the part.
        scale: Least and greatest value that an item can have.
    """
    sides = [
        (
            [one for one, is_in in zip(values, inside, strict=True) if is_in is side],
            [name for name, is_in in zip(groups, inside, strict=True) if is_in is side],
        )
        for side in (True, False)
    ]
    means = [math.fsum(found) / len(found) for found, _ in sides]
    value = means[0] - means[1]
    parts = [
        (weight, lambda side=side: mean_draws(side[0], side[1], scale))
        for weight, side in zip((1.0, -1.0), sides, strict=True)
    ]
    low, high = ends(combined(parts), value)
    return Apart(value, low, high, _p(values, groups, inside, value))


def _p(values: Sequence[float], groups: Sequence[str], inside: Sequence[bool], seen: float) -> float:
    import numpy as np

    units: dict[object, list[float]] = {}
    for place, (value, group, side) in enumerate(zip(values, groups, inside, strict=True)):
        unit = units.setdefault((group or place, side), [0.0, 0.0, float(side)])
        unit[0] += value
        unit[1] += 1
    sums, sizes, mask = np.array(list(units.values())).T
    random, most = np.random.default_rng(_SEED), max(1, _AT_ONCE // len(mask))

    def as_far(times: int) -> int:
        count = 0
        for start in range(0, times, most):
            chosen = random.permuted(np.tile(mask, (min(most, times - start), 1)), axis=1)
            n, inner = chosen @ sizes, chosen @ sums
            drawn = inner / n - (sums.sum() - inner) / (sizes.sum() - n)
            count += int((np.abs(drawn) >= abs(seen) - 1e-9).sum())
        return count

    count = as_far(SHUFFLES)
    return (count + 1) / (SHUFFLES + 1) if count else (as_far(MORE) + 1) / (MORE + 1)
