"""How far judges agree: Krippendorff's alpha ("Computing Krippendorff's Alpha-Reliability", 2011).

1 is perfect agreement, 0 that of chance, below 0 systematic disagreement; values may be missing. The 95 % interval
weighs whole groups of items, one unseen among them in which two judges agree or are far apart (`intervals`); the
distances between ordinal values stay those of the whole sample. Disagreement within an item and among all values is
computed from sums of squares: thousands of draws of thousands of items take a fraction of a second, where nltk's alpha
takes half a minute and knows no ordinal values.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from medic_console.core.errors import UsageError
from medic_console.statistics.intervals import DRAWS, drawn, ends, members
from medic_console.statistics.ranks import mean_ranks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]


class Level(StrEnum):
    """What the differences between values mean."""

    NOMINAL = "nominal"
    """Values are the same or not."""
    ORDINAL = "ordinal"
    """Numbers with an order, such as harm from 1 to 5."""
    INTERVAL = "interval"
    """Numbers whose differences count, such as scores."""


class Undefined(StrEnum):
    """Why there is no alpha."""

    NO_PAIR = "no item has values of two judges"
    NO_SPREAD = "all values are the same"


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's alpha of some judges.

    Attributes:
        value: At most 1; None where it is undefined.
        low: Lower end of the 95 % interval; None without a value.
        high: Upper end.
        items: Items with values of two judges or more; the others do not count.
        values: Values of these items.
        undefined: Why there is no value.
    """

    value: float | None
    low: float | None
    high: float | None
    items: int
    values: int
    undefined: Undefined | None = None


def alpha(
    items: Sequence[Sequence[str | float | None]], level: Level, groups: Sequence[str] | None = None
) -> Agreement:
    """Return Krippendorff's alpha with its interval.

    Args:
        items: The judges' values of each item, in any order; None where a judge gives none.
        level: Numbers are needed for all but nominal values.
        groups: As long as `items`; items of one non-empty group, such as a note, are not independent.

    Raises:
        UsageError: A value of an ordinal or interval scale is no finite number.
    """
    import numpy as np

    names = groups if groups is not None else [""] * len(items)
    given = [[value for value in values if value is not None] for values in items]
    paired = [(values, name) for values, name in zip(given, names, strict=True) if len(values) > 1]
    total = sum(len(values) for values, _ in paired)
    if not paired:
        return Agreement(None, None, None, 0, 0, Undefined.NO_PAIR)
    if len({value for values, _ in paired for value in values}) == 1:
        return Agreement(None, None, None, len(paired), total, Undefined.NO_SPREAD)
    sums = _sums([values for values, _ in paired], level)
    clusters = [sums[rows].sum(axis=0) for rows in members([name for _, name in paired])]
    value = float(_alpha(sum(clusters)))
    worst, best = _unseen([value for values, _ in paired for value in values], level, total / len(clusters))
    draws = drawn(clusters, worst, best, lambda rows: _alpha(rows * len(clusters)))
    low, high = ends(draws[~np.isnan(draws)], value)
    return Agreement(value, low, high, len(paired), total)


def _unseen(values: Sequence[str | float], level: Level, size: float) -> tuple[Values, Values]:
    """Return the sums of an unseen group of so many values, for half of the draws: judges far apart, and of one mind.

    What they say is drawn from what was said; far apart are two names that differ, or the least and greatest number.
    """
    import numpy as np

    points, random = _points(values, level), np.random.default_rng(0)
    one = points[random.integers(len(points), size=DRAWS // 2)]
    if level is Level.NOMINAL:
        others = points[random.integers(len(points), size=DRAWS // 2)]
        alike = (one == others).all(axis=1)
        others[alike] = np.roll(one[alike], 1, axis=1)
        pair = one, others
    else:
        pair = np.full_like(one, points.min()), np.full_like(one, points.max())
    # one mind on what was said least, or lies farthest from the rest, speaks most for the judges
    rare = (
        points[points.sum(axis=0)[points.argmax(axis=1)].argmin()]
        if level is Level.NOMINAL
        else points[abs(points).argmax()]
    )
    same = np.broadcast_to(rare, one.shape)
    return _pair_sums(*pair, size), _pair_sums(same, same, size)


def _pair_sums(one: Values, other: Values, size: float) -> Values:
    """Return the sums (`_sums`) of pairs of points, as many as `size` values make."""
    import numpy as np

    within, squares = ((one - other) ** 2).sum(axis=1), (one**2 + other**2).sum(axis=1)
    found: Values = np.column_stack([within, np.full(len(one), 2.0), squares, one + other]) * (size / 2)
    return found


def _sums(items: Sequence[Sequence[str | float]], level: Level) -> Values:
    """Return what an item adds to the sums that alpha is made of, one row an item.

    A value is a point: a nominal one on an axis of its own, an ordinal one at the middle of its ranks. Columns are the
    disagreement within the item, its number of values, the sum of squares and the sum of its points.
    """
    import numpy as np

    flat = [value for values in items for value in values]
    points = _points(flat, level)
    rows, start = [], 0
    for values in items:
        own = points[start : start + len(values)]
        start += len(values)
        squares, total = float((own**2).sum()), own.sum(axis=0)
        within = (len(values) * squares - float((total**2).sum())) / (len(values) - 1)
        rows.append(np.concatenate([[within, len(values), squares], total]))
    found: Values = np.array(rows)
    return found


def _points(values: Sequence[str | float], level: Level) -> Values:
    import numpy as np

    if level is Level.NOMINAL:
        seen = {value: place for place, value in enumerate(dict.fromkeys(values))}
        axes: Values = np.eye(len(seen))[[seen[value] for value in values]]
        return axes
    numbers = [value for value in values if not isinstance(value, str) and math.isfinite(value)]
    if len(numbers) < len(values):
        raise UsageError(f"An {level} scale needs numbers.", "Leave out values that are none, or take them as nominal.")
    column: Values = np.array(numbers, dtype=float) if level is Level.INTERVAL else mean_ranks(numbers)
    # Distances do not depend on where zero is; near the mean, little is lost to rounding.
    centred: Values = column - column.mean()
    return centred[:, None]


def _alpha(sums: Any) -> Any:
    """Return 1 - observed / expected disagreement; sums on the last axis."""
    import numpy as np

    within, n, squares, totals = sums[..., 0], sums[..., 1], sums[..., 2], sums[..., 3:]
    expected = n * squares - (totals**2).sum(axis=-1)
    # A resample in which all values are the same has no alpha.
    defined = expected > 1e-9 * n * squares
    return 1 - np.divide((n - 1) * within, expected, out=np.full_like(expected, np.nan), where=defined)
