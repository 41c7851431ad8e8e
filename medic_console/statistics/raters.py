"""Raters: Cohen's and Fleiss' kappa, what holds where nearly all is in one category.

Sources: Cohen 1960; Fleiss 1971; Byrt, Bishop and Carlin 1993 (PABAK, for more than two categories Brennan and
Prediger 1981); Gwet 2008 (AC1).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medic_console.statistics.intervals import Ends, drawn, ends, members

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

ONE_CATEGORY = "undefined: everyone is in one category"
NO_PAIR = "undefined: no card was read by both"


@dataclass(frozen=True, slots=True)
class TwoRaters:
    """How far two raters agree.

    Attributes:
        n: Things that both rated.
        observed: Share that they rated alike, 0 to 1; None without any.
        kappa: Cohen's, at most 1; None where it is undefined.
        low: Lower end of its 95 % interval.
        high: Upper end.
        pabak: Prevalence- and bias-adjusted kappa.
        pabak_ends: Its 95 % interval.
        ac1: Gwet's first coefficient.
        ac1_ends: Its 95 % interval.
        undefined: Why there is no kappa; empty when there is.
        table: Number of things by both ratings.
    """

    n: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    pabak: float | None
    pabak_ends: Ends | None
    ac1: float | None
    ac1_ends: Ends | None
    undefined: str
    table: dict[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class ManyRaters:
    """How far some raters agree, whoever they are: Fleiss' kappa.

    Attributes:
        n: Things with two ratings or more; the others do not count.
        ratings: Of these things.
        kappa: At most 1; None where it is undefined. Things may have different numbers of ratings.
        low: Lower end of its 95 % interval.
        high: Upper end.
        undefined: Why there is no kappa; empty when there is.
    """

    n: int
    ratings: int
    kappa: float | None
    low: float | None
    high: float | None
    undefined: str


def two_raters(
    pairs: Sequence[tuple[str, str]], categories: Sequence[str], groups: Sequence[str] | None = None
) -> TwoRaters:
    """Return how far two raters agree.

    Args:
        pairs: Both ratings of each thing.
        categories: All that a rating can be, two or more: PABAK and AC1 depend on their number.
        groups: As long as `pairs`; things of one non-empty group, such as a note, are not independent.
    """
    n, table = len(pairs), dict(Counter(pairs))
    if not n:
        return TwoRaters(0, None, None, None, None, None, None, None, None, NO_PAIR, table)
    import numpy as np

    size, place = len(categories), {name: number for number, name in enumerate(categories)}
    cells = np.zeros((n, size * size))
    for number, (one, other) in enumerate(pairs):
        cells[number, place[one] * size + place[other]] = 1
    clusters = [cells[rows].sum(axis=0) for rows in members(groups if groups is not None else [""] * n)]
    total = cells.sum(axis=0)

    def found(of: Callable[[Values, int], Values], rare_alike: bool) -> tuple[float, Ends]:
        value = float(of(total[None, :], size)[0])
        worst, best = _unseen(total.reshape(size, size), n / len(clusters), rare_alike)
        return value, ends(drawn(clusters, worst, best, lambda sums: of(sums, size)), value)

    observed = sum(one == other for one, other in pairs) / n
    (pabak, pabak_ends), (ac1, ac1_ends) = found(_pabaks, False), found(_ac1s, False)
    if len({one for pair in table for one in pair}) == 1:
        return TwoRaters(n, observed, None, None, None, pabak, pabak_ends, ac1, ac1_ends, ONE_CATEGORY, table)
    kappa, (low, high) = found(_kappas, True)
    return TwoRaters(n, observed, kappa, low, high, pabak, pabak_ends, ac1, ac1_ends, "", table)


def many_raters(
    things: Sequence[Sequence[str]], categories: Sequence[str], groups: Sequence[str] | None = None
) -> ManyRaters:
    """Return how far some raters agree who need not be the same for each thing.

    Args:
        things: The ratings of each thing, in any order.
        categories: All that a rating can be.
        groups: As long as `things`; things of one non-empty group, such as a note, are not independent.
    """
    import numpy as np

    names = groups if groups is not None else [""] * len(things)
    rated = [(ratings, name) for ratings, name in zip(things, names, strict=True) if len(ratings) > 1]
    total = sum(len(ratings) for ratings, _ in rated)
    if not rated:
        return ManyRaters(0, 0, None, None, None, NO_PAIR)
    if len({one for ratings, _ in rated for one in ratings}) == 1:
        return ManyRaters(len(rated), total, None, None, None, ONE_CATEGORY)
    rows = np.zeros((len(rated), 2 + len(categories)))
    for number, (ratings, _) in enumerate(rated):
        counted, size = Counter(ratings), len(ratings)
        alike = sum(many * (many - 1) for many in counted.values()) / (size * (size - 1))
        rows[number] = [1, alike, *(counted[name] / size for name in categories)]
    clusters = [rows[places].sum(axis=0) for places in members([name for _, name in rated])]
    shares = rows[:, 2:].sum(axis=0)
    used = np.flatnonzero(shares)
    rare, common = used[shares[used].argmin()], used[shares[used].argmax()]
    if rare == common:
        rare = next(place for place in used if place != common)
    worst, best = np.zeros(rows.shape[1]), np.zeros(rows.shape[1])
    worst[[0, 2 + rare, 2 + common]] = 1, 0.5, 0.5
    best[[0, 1, 2 + rare]] = 1
    each = len(rated) / len(clusters)
    kappa = float(_fleiss(sum(clusters)[None, :])[0])
    low, high = ends(drawn(clusters, worst * each, best * each, _fleiss), kappa)
    return ManyRaters(len(rated), total, kappa, low, high, "")


def _unseen(total: Values, each: float, rare_alike: bool) -> tuple[Values, Values]:
    """Return tables of a group that was not seen (`intervals`): the raters differ in it, or agree.

    Args:
        total: Things by both ratings.
        each: Things of a group.
        rare_alike: What they agree on is the rarest category, which speaks most for kappa; else the commonest.
    """
    import numpy as np

    size, margins = len(total), total.sum(axis=0) + total.sum(axis=1)
    used = [number for number in range(size) if margins[number]]
    common = max(used, key=lambda x: margins[x])
    rare = min((number for number in used if number != common), key=lambda x: margins[x], default=(common + 1) % size)
    worst, best = np.zeros((size, size)), np.zeros((size, size))
    worst[[common, rare], [rare, common]] = each / 2
    alike = rare if rare_alike else common
    best[alike, alike] = each
    return worst.ravel(), best.ravel()


def _kappas(sums: Values, size: int) -> Values:
    import numpy as np

    tables = sums.reshape(-1, size, size)
    total = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / total
    expected = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / total**2
    found: Values = (observed - expected) / (1 - expected)
    return found


def _pabaks(sums: Values, size: int) -> Values:
    import numpy as np

    tables = sums.reshape(-1, size, size)
    observed = np.trace(tables, axis1=1, axis2=2) / tables.sum(axis=(1, 2))
    found: Values = (size * observed - 1) / (size - 1)
    return found


def _ac1s(sums: Values, size: int) -> Values:
    import numpy as np

    tables = sums.reshape(-1, size, size)
    total = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / total
    shares = (tables.sum(axis=1) + tables.sum(axis=2)) / (2 * total[:, None])
    by_chance = (shares * (1 - shares)).sum(axis=1) / (size - 1)
    found: Values = (observed - by_chance) / (1 - by_chance)
    return found


def _fleiss(sums: Values) -> Values:
    shares = sums[:, 2:] / sums[:, :1]
    by_chance = (shares**2).sum(axis=1)
    found: Values = (sums[:, 1] / sums[:, 0] - by_chance) / (1 - by_chance)
    return found
