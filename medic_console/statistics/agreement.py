"""How far judges agree: Krippendorff's alpha ("Computing Krippendorff's Alpha-Reliability", 2011).

1 is perfect agreement, 0 that of chance, below 0 systematic disagreement; values may be missing. The 95 % interval is a
bootstrap (BCa, seeded) that draws whole groups of items; the distances between ordinal values stay those of the whole
sample. Disagreement within an item and among all values is computed from sums of squares: thousands of resamples of
thousands of items take a fraction of a second, where nltk's alpha takes half a minute and knows no ordinal values.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from medic_console.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

_RESAMPLES = 2_000
_SEED = 20_240_907
_BATCH = 100
"""Resamples held in memory at a time."""


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
        low: Lower end of the 95 % interval; None for a single group of items or without any disagreement.
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
    names = groups if groups is not None else [""] * len(items)
    given = [[value for value in values if value is not None] for values in items]
    paired = [(values, name) for values, name in zip(given, names, strict=True) if len(values) > 1]
    total = sum(len(values) for values, _ in paired)
    if not paired:
        return Agreement(None, None, None, 0, 0, Undefined.NO_PAIR)
    if len({value for values, _ in paired for value in values}) == 1:
        return Agreement(None, None, None, len(paired), total, Undefined.NO_SPREAD)
    sums = _sums([values for values, _ in paired], level)
    clusters: dict[object, list[int]] = {}
    for number, (_, name) in enumerate(paired):
        clusters.setdefault(name or number, []).append(number)
    drawn = _stacked(sums, list(clusters.values()))
    value = float(_alpha(drawn.sum(axis=0)))
    low, high = (None, None) if len(clusters) == 1 or value == 1 else _bootstrap(drawn)
    if low is not None and high is not None:
        low, high = min(low, value), max(high, value)
    return Agreement(value, low, high, len(paired), total)


def _stacked(sums: Values, clusters: Sequence[Sequence[int]]) -> Values:
    import numpy as np

    found: Values = np.array([sums[rows].sum(axis=0) for rows in clusters])
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
    from scipy import stats

    if level is Level.NOMINAL:
        seen = {value: place for place, value in enumerate(dict.fromkeys(values))}
        axes: Values = np.eye(len(seen))[[seen[value] for value in values]]
        return axes
    numbers = [value for value in values if not isinstance(value, str) and math.isfinite(value)]
    if len(numbers) < len(values):
        raise UsageError(f"An {level} scale needs numbers.", "Leave out values that are none, or take them as nominal.")
    column: Values = np.array(numbers, dtype=float) if level is Level.INTERVAL else stats.rankdata(numbers)
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


def _bootstrap(clusters: Values) -> tuple[float | None, float | None]:
    """Return the BCa interval; where that is undefined, percentiles of the resamples that have an alpha."""
    import numpy as np
    from scipy import stats

    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        found = stats.bootstrap(
            (np.arange(len(clusters)),),
            lambda rows, axis: _alpha(clusters[rows].sum(axis=axis - 1)),
            vectorized=True,
            n_resamples=_RESAMPLES,
            batch=_BATCH,
            method="BCa",
            rng=np.random.default_rng(_SEED),
        )
        low, high = float(found.confidence_interval.low), float(found.confidence_interval.high)
        if not (math.isfinite(low) and math.isfinite(high)):
            low, high = (float(bound) for bound in np.nanquantile(found.bootstrap_distribution, (0.025, 0.975)))
    return low, high
