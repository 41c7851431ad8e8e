"""Two models on the same items, and the correction for looking at many pairs.

The interval is that of the mean of the item differences (`intervals`), which takes whole notes where items share one.
The p value is McNemar's exact test (McNemar 1947; Agresti, Categorical Data Analysis, section 11.1), corrected over
many pairs by Holm's step-down method (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

from medic_console.core.errors import UsageError
from medic_console.statistics.intervals import Draws, Ends, clipped, clustered, drawn, ends, mean_draws

if TYPE_CHECKING:
    from medic_console.statistics.intervals import Values


@dataclass(frozen=True, slots=True)
class Pairs:
    """The items that both models have a value for, in one order.

    Attributes:
        first: Values of the first model.
        second: Values of the second model.
        groups: The items' groups; an empty name is a group of its own.
        left_out: Items that only one of the models has a value for.
        span: Greatest difference that two values can have.
        limits: Ends to which each model's mean is cut before it is shown; None where it is not.
    """

    first: tuple[float, ...]
    second: tuple[float, ...]
    groups: tuple[str, ...]
    left_out: int = 0
    span: float = 1.0
    limits: Ends | None = None

    @property
    def value(self) -> float:
        """Difference of the means, each as it is shown; at least one item."""
        if self.limits is None:
            return math.fsum(self.differences) / len(self.first)
        low, high = self.limits
        first, second = (min(high, max(low, math.fsum(side) / len(side))) for side in (self.first, self.second))
        return first - second

    @property
    def cut(self) -> bool:
        """Tell whether both means lie beyond the same end: cut there, they cannot be told apart."""
        if self.limits is None or not self.first:
            return False
        low, high = self.limits
        means = [math.fsum(side) / len(side) for side in (self.first, self.second)]
        return max(means) <= low > min(means) or min(means) >= high < max(means)

    @property
    def notes(self) -> int:
        """How many notes the items come from; an item without a group is a note of its own."""
        return len({group or index for index, group in enumerate(self.groups)})

    @property
    def differences(self) -> tuple[float, ...]:
        """First minus second, item by item."""
        return tuple(a - b for a, b in zip(self.first, self.second, strict=True))

    @property
    def exact(self) -> bool:
        """Tell whether McNemar's test applies: every value is 0 or 1, and no items share a note."""
        return self.notes == len(self.first) and all(value in (0, 1) for value in (*self.first, *self.second))


@dataclass(frozen=True, slots=True)
class Difference:
    """First model minus second, over the items that both have.

    Attributes:
        value: Mean difference in the values' own unit; None without a common item.
        low: Lower end of the 95 % interval; None when there is none.
        high: Upper end.
        n: Common items.
        wins: Items on which the first model's value is the higher number.
        losses: Items on which it is the lower number.
        ties: Items on which both are equal.
        p: Two-sided, that there is no difference; None without a common item, and where both means are cut at one end
            of the scale, as the interval then. McNemar's exact test where all values
            are 0 or 1 and no items share a note; else twice the smaller share of draws on either side of 0.
        left_out: Items that only one of the models has a value for.
        draws: Makes what the difference may be (`intervals`); None where there is no interval.
        exact: `p` is that of McNemar's test.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    wins: int
    losses: int
    ties: int
    p: float | None
    left_out: int
    draws: Draws | None = field(default=None, compare=False, repr=False)
    exact: bool = False

    @property
    def flips(self) -> int:
        """Items whose value changed from one model to the other, in either direction."""
        return self.wins + self.losses


@dataclass(frozen=True, slots=True)
class Comparison:
    """One of many pairs of models.

    Attributes:
        p_holm: The difference's p value corrected for the number of pairs; None where it has none.
    """

    first: str
    second: str
    difference: Difference
    p_holm: float | None


def pair(
    first: Mapping[str, float],
    second: Mapping[str, float],
    groups: Mapping[str, str] | None = None,
    span: float = 1.0,
    limits: Ends | None = None,
) -> Pairs:
    """Match two models' item values by item id.

    Args:
        first: Value of each scored item.
        second: The same for the other model.
        groups: Group of each item; items of one non-empty group are not independent.
        span: Greatest difference that two values can have.
        limits: Ends to which each model's mean is cut before it is shown; None where it is not.
    """
    common = [item for item in first if item in second]
    return Pairs(
        tuple(first[item] for item in common),
        tuple(second[item] for item in common),
        tuple((groups or {}).get(item, "") for item in common),
        len(first.keys() ^ second.keys()),
        span,
        limits,
    )


def compare(pairs: Pairs) -> Difference:
    """Return the paired difference of two models."""
    differences = pairs.differences
    wins, losses = sum(d > 0 for d in differences), sum(d < 0 for d in differences)
    low, high = difference_interval(pairs)
    return Difference(
        value=pairs.value if differences else None,
        low=low,
        high=high,
        n=len(differences),
        wins=wins,
        losses=losses,
        ties=len(differences) - wins - losses,
        p=_p_value(pairs, wins, losses) if differences and not pairs.cut else None,
        left_out=pairs.left_out,
        draws=partial(difference_draws, pairs) if differences and not pairs.cut else None,
        exact=pairs.exact,
    )


def difference_interval(pairs: Pairs, level: float = 0.95) -> tuple[float | None, float | None]:
    """Return the interval of the mean difference, in the values' own unit.

    There is none without a common item, and where both means are cut at one end of the scale, which leaves no width.
    """
    if not pairs.first or pairs.cut:
        return None, None
    return ends(difference_draws(pairs), pairs.value, level)


def difference_draws(pairs: Pairs) -> Values:
    """Return what the mean difference may be; at least one pair."""
    if pairs.limits is not None:
        return _cut_draws(pairs, *pairs.limits)
    span = max(pairs.span, *map(abs, pairs.differences))
    return mean_draws(pairs.differences, pairs.groups, (-span, span))


def _cut_draws(pairs: Pairs, low: float, high: float) -> Values:
    """Return the draws of the difference of two means that are cut to a range: of what is shown of each model."""
    values = (*pairs.first, *pairs.second)
    least, most = min(low, *values), max(high, *values)
    ones = [1.0] * len(pairs.first)
    sums = list(zip(*(clustered(each, pairs.groups) for each in (pairs.first, pairs.second, ones)), strict=True))
    size = len(pairs.first) / len(sums)
    unseen = (least * size, most * size, size), (most * size, least * size, size)

    def difference(rows: Values) -> Values:
        first, second = (clipped(rows[:, side] / rows[:, 2], low, high) for side in (0, 1))
        return first - second

    return drawn(sums, *unseen, difference)


def _p_value(pairs: Pairs, wins: int, losses: int) -> float:
    if pairs.exact:
        return mcnemar(wins, losses)
    if not wins and not losses:
        return 1.0
    draws = difference_draws(pairs)
    return min(1.0, 2 * min(float((draws <= 0).mean()), float((draws >= 0).mean())) + 1 / len(draws))


def mcnemar(wins: int, losses: int) -> float:
    """Return the two-sided p value of McNemar's exact test (binomial of a half); 1 when no item differs.

    Args:
        wins: Items that only the first model got right.
        losses: Items that only the second model got right.
    """
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(min(wins, losses), wins + losses, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number, in the same order (Holm 1979).

    Raises:
        UsageError: A value is not between 0 and 1.
    """
    for p in p_values:
        if not 0 <= p <= 1:
            raise UsageError(f"{p} is no p value.", "A p value lies between 0 and 1.")
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for step, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - step)))
        corrected[index] = largest
    return corrected


def compare_all(
    models: Mapping[str, Mapping[str, float]], groups: Mapping[str, str] | None = None
) -> tuple[Comparison, ...]:
    """Compare every pair of models on the same items, in the order in which the models are given.

    Args:
        models: Item values by model.
        groups: Group of each item.
    """
    names = list(combinations(models, 2))
    found = [compare(pair(models[first], models[second], groups)) for first, second in names]
    corrected = iter(holm([difference.p for difference in found if difference.p is not None]))
    return tuple(
        Comparison(first, second, difference, None if difference.p is None else next(corrected))
        for (first, second), difference in zip(names, found, strict=True)
    )
