"""Every interval of this console: what a figure may be, given the items that were seen and one that was not.

A figure is a function of sums over groups of items (a group is a note with its items, or a lone item). Its uncertainty
is a set of draws. Each draw weighs the groups by the Bayesian bootstrap (Rubin 1981) and adds one group that was not
seen, as good as the scale allows in one half of the draws and as bad in the other. Without the unseen group a few
groups give intervals that are far too narrow, and groups that are all alike give none; with it the interval of a
share of lone items is exactly the mid-p one (Lancaster 1961), Clopper and Pearson's (1934) less half the
probability of what was seen. Figures that are made of figures (dimensions, gaps, means of tasks) combine draws, so
that the arms below and above stay apart and a figure made of one is that one. `benchmarks/coverage.py` measures what
this holds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

DRAWS = 4_000
_SEED = 20_240_907
_CELLS = 2_000_000
"""Weights held in memory at a time."""
_MANY = 256
"""From so many groups on, those that are alike are not drawn together where most are not."""
_KEEP = 10_000_000
"""Weights of one number of groups that are kept at most."""
_SIZES = 3
"""Numbers of groups of which weights are kept: all items of a task, and those with a whole answer, of two models."""
_kept: dict[int, list[tuple[Values, Values, Values]]] | None = None
_keeping = Lock()

Draws = Callable[[], "Values"]
"""Makes a figure's draws, those with a bad unseen group first; not before intervals are combined."""
Ends = tuple[float, float]
Row = Sequence[float]


def ends(draws: Values, value: float, level: float = 0.95) -> Ends:
    """Return the interval that the draws give, the value within it.

    Args:
        draws: Of the figure.
        value: The figure itself.
        level: Share of such intervals that hold the true figure.
    """
    import numpy as np

    low, high = np.quantile(draws, ((1 - level) / 2, (1 + level) / 2))
    return min(float(low), value), max(float(high), value)


def drawn(
    groups: Sequence[Row], worst: Values | Row, best: Values | Row, statistic: Callable[[Values], Values]
) -> Values:
    """Return a figure's draws.

    Args:
        groups: The sums of each group of items; at least one, all of one length.
        worst: Sums of the unseen group where it is as bad as can be: one row, or one for each of `DRAWS / 2` draws.
        best: The same where it is as good as can be.
        statistic: Takes weighted sums, one row a draw, and returns the figure of each row.
    """
    import numpy as np

    counted = Counter(map(tuple, groups))
    if _are_many(counted, len(groups)):
        return _drawn_alone(np.array(groups, dtype=float).T, worst, best, statistic)
    return _drawn_together(counted, worst, best, statistic)


def _are_many(counted: Counter[Any], groups: int) -> bool:
    return groups >= _MANY and 2 * len(counted) > groups


def _drawn_together(
    counted: Mapping[tuple[float, ...], int],
    worst: Values | Row,
    best: Values | Row,
    statistic: Callable[[Values], Values],
) -> Values:
    """Return the draws of groups of which many are alike: the weight of as many is gamma.

    Args:
        counted: How many have these sums.
    """
    import numpy as np

    rows = np.array(list(counted), dtype=float)
    shapes = np.array(list(counted.values()), dtype=float)
    unseen = np.concatenate(
        [np.broadcast_to(np.asarray(side, float), (DRAWS // 2, rows.shape[1])) for side in (worst, best)]
    )
    random = np.random.default_rng(_SEED)
    found = np.empty(DRAWS)
    step = max(1, _CELLS // len(rows))
    for start in range(0, DRAWS, step):
        part = unseen[start : start + step]
        weights = random.standard_gamma(shapes, size=(len(part), len(rows)))
        extra = random.standard_gamma(1.0, size=(len(part), 1))
        total = weights.sum(axis=1, keepdims=True) + extra
        found[start : start + step] = statistic((weights @ rows + extra * part) / total)
    return found


def _drawn_alone(
    columns: Values, worst: Values | Row, best: Values | Row, statistic: Callable[[Values], Values]
) -> Values:
    """Return the draws of many groups that hardly two of are alike: the weight of each is exponential.

    All figures over as many groups have the same weights, so that they are made once where `weights_kept` is open.

    Args:
        columns: The sums, a row each, a column a group.
    """
    import numpy as np

    sides = [np.broadcast_to(np.asarray(side, float), (DRAWS // 2, len(columns))) for side in (worst, best)]
    unseen, found, start = np.concatenate(sides), np.empty(DRAWS), 0
    columns, sums = np.ascontiguousarray(columns), np.empty((DRAWS, len(columns)))
    ones = (columns == 1.0).all(axis=1)
    for weights, extra, total in _weights(columns.shape[1]):
        part = slice(start, start := start + len(weights))
        for place, column in enumerate(columns):
            # a column at a time: a product with a narrow matrix would copy all weights first
            sums[part, place] = (total - extra)[:, 0] if ones[place] else weights @ column
        found[part] = statistic((sums[part] + extra * unseen[part]) / total)
    return found


def _weights(groups: int) -> Iterable[tuple[Values, Values, Values]]:
    """Return the weights of groups, of the unseen one and their sum, in parts of all draws."""
    if _kept is None or groups * DRAWS > _KEEP:
        return _new_weights(groups)
    with _keeping:
        found = _kept.pop(groups, None) or list(_new_weights(groups))
        _kept[groups] = found  # what was asked for last stands last
        while len(_kept) > _SIZES:
            del _kept[next(iter(_kept))]
        return found


def _new_weights(groups: int) -> Iterator[tuple[Values, Values, Values]]:
    import numpy as np

    random, step = np.random.default_rng(_SEED), max(1, _CELLS // groups)
    for start in range(0, DRAWS, step):
        size = min(step, DRAWS - start)
        weights, extra = random.standard_exponential((size, groups)), random.standard_exponential((size, 1))
        yield weights, extra, weights.sum(axis=1, keepdims=True) + extra


@contextmanager
def weights_kept() -> Iterator[None]:
    """Keep weights from one figure to the next, at most `_SIZES` times `_KEEP` numbers: for thousands of figures."""
    global _kept
    before, _kept = _kept, {} if _kept is None else _kept
    try:
        yield
    finally:
        _kept = before


def ratio_draws(
    parts: Sequence[float], wholes: Sequence[float], groups: Sequence[str], scale: Ends = (0.0, 1.0)
) -> Values:
    """Return the draws of a sum over a sum; they are not to be written to.

    Args:
        parts: One an item; at least one.
        wholes: As many, above 0.
        groups: As many; an empty name is a group of its own.
        scale: Least and greatest that part over whole of an item can be.
    """
    return _ratio_draws(tuple(parts), tuple(wholes), _names(groups), scale)


def mean_draws(values: Sequence[float], groups: Sequence[str], scale: Ends = (0.0, 1.0)) -> Values:
    """Return the draws of a mean; takes what `ratio_draws` does, each whole being 1."""
    return _ratio_draws(tuple(values), (), _names(groups), scale)


def _names(groups: Sequence[str]) -> tuple[str, ...]:
    return tuple(groups) if any(groups) else ()


@lru_cache(maxsize=256)
def _ratio_draws(parts: tuple[float, ...], wholes: tuple[float, ...], groups: tuple[str, ...], scale: Ends) -> Values:
    """Do the work of `ratio_draws`; home, a comparison and a portfolio ask for the same figures one after another.

    Args:
        wholes: Empty for a mean.
        groups: Empty where each item is alone.
    """
    if wholes or groups:
        found = _draws_of_ratio(clustered(parts, groups), clustered(wholes or [1.0] * len(parts), groups), scale)
    else:
        found = _draws_of_mean(parts, scale)
    found.setflags(write=False)
    return found


def _draws_of_ratio(parts: Sequence[float], wholes: Sequence[float], scale: Ends) -> Values:
    if set(wholes) == {1.0}:
        return _draws_of_mean(parts, scale)
    size = math.fsum(wholes) / len(wholes)
    worst, best = ((bound * size, size) for bound in scale)
    return drawn(list(zip(parts, wholes, strict=True)), worst, best, _first_of_second)


def _draws_of_mean(parts: Sequence[float], scale: Ends) -> Values:
    """Return the draws of a mean of lone items; it is that of a sum over a sum whose wholes are all 1."""
    import numpy as np

    counted, (least, most) = Counter(parts), scale
    if counted.keys() <= {least, most}:
        return least + (most - least) * _share_draws(counted[most], len(parts))
    worst, best, statistic = (least, 1.0), (most, 1.0), _first_of_second
    if _are_many(counted, len(parts)):
        columns = np.stack([np.array(parts, dtype=float), np.ones(len(parts))])
        return _drawn_alone(columns, worst, best, statistic)
    return _drawn_together({(part, 1.0): times for part, times in counted.items()}, worst, best, statistic)


def _first_of_second(sums: Values) -> Values:
    found: Values = sums[:, 0] / sums[:, 1]
    return found


def mean_interval(
    values: Sequence[float], groups: Sequence[str], scale: Ends = (0.0, 1.0), level: float = 0.95
) -> Ends:
    """Return the interval of a mean; takes what `mean_draws` does."""
    return ends(mean_draws(values, groups, scale), math.fsum(values) / len(values), level)


@lru_cache(maxsize=512)
def _share_draws(hits: int, n: int) -> Values:
    """Return the mid-p distribution of a share in equal steps, so that its ends are exact."""
    import numpy as np
    from scipy.special import betaincinv

    steps = (np.arange(DRAWS // 2) + 0.5) / (DRAWS // 2)
    below = betaincinv(hits, n - hits + 1, steps) if hits else np.zeros(DRAWS // 2)
    above = betaincinv(hits + 1, n - hits, steps) if hits < n else np.ones(DRAWS // 2)
    return np.concatenate([below, above])


def combined(parts: Sequence[tuple[float, Draws]], names: Sequence[str] = ()) -> Values:
    """Return the draws of a weighted sum of figures, which are independent but for those of one name.

    In a draw the unseen groups of all parts are bad together, or good together. Were each as it likes, the parts'
    small pulls towards the middle would add up: eight tasks of ten items at 98 % were then covered by 68 % of
    intervals. Figures of one name are metrics of the same items: how they go together is not known, and the widest
    that their sum can be is that they rise and fall together.

    Args:
        parts: Weight and draws of each; at least one.
        names: Of each part; none where all are independent.
    """
    import numpy as np

    names = names or [str(number) for number in range(len(parts))]
    half, total = DRAWS // 2, np.zeros(DRAWS)
    for name, (weight, draws) in zip(names, parts, strict=True):
        bad, good = np.split(draws(), 2) if weight >= 0 else reversed(np.split(draws(), 2))
        # draws are made in one order: without a new one those of two figures would rise and fall together
        random = np.random.default_rng(_SEED + names.index(name))
        for place, side in ((slice(half), weight * bad), (slice(half, None), weight * good)):
            total[place] += random.permutation(np.sort(side) if names.count(name) > 1 else side)
    return total


def clustered(values: Sequence[float], groups: Sequence[str]) -> list[float]:
    """Return the sum of each group, in the order in which the groups first occur.

    Args:
        groups: As long as `values`; an empty name is a group of its own.
    """
    if not any(groups):
        return [float(value) for value in values]
    return [math.fsum(values[place] for place in places) for places in members(groups)]


def members(groups: Sequence[str]) -> list[list[int]]:
    """Return the places of each group's items; an empty name is a group of its own."""
    found: dict[object, list[int]] = {}
    for place, group in enumerate(groups):
        found.setdefault(group or place, []).append(place)
    return list(found.values())


def effective_n(values: Sequence[float], groups: Sequence[str]) -> float:
    """Return the number of independent items that would tell as much about a proportion (Rao and Scott 1992).

    It is n over the design effect, the ratio of the variance between groups to that of independent items,
    never taken below 1. Without any spread between the groups that items do not have, the groups are counted.

    Args:
        values: 0 or 1, at least one.
        groups: As long as `values`; an empty name is a group of its own.
    """
    totals, sizes = clustered(values, groups), [len(places) for places in members(groups)]
    n, count = len(values), len(sizes)
    if count == n:
        return n
    share = math.fsum(totals) / n
    plain = share * (1 - share) / n
    if plain == 0 or count == 1:
        return count
    residuals = ((total - share * size) ** 2 for total, size in zip(totals, sizes, strict=True))
    between = math.fsum(residuals) * count / (count - 1) / n**2
    return n / max(1.0, between / plain)


def clipped(draws: Values, low: float, high: float) -> Values:
    """Return draws cut to a range."""
    import numpy as np

    found: Values = np.clip(draws, low, high)
    return found
