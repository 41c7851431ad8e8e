"""Two raters: Cohen's kappa, and what holds where nearly everything is in one category; what a clean sample proves.

Sources: Cohen 1960; Byrt, Bishop and Carlin 1993 (PABAK, for more than two categories Brennan and Prediger 1981);
Gwet 2008 (AC1); Clopper and Pearson 1934.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medic_console.statistics.intervals import drawn, ends, members

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
        ac1: Gwet's first coefficient.
        undefined: Why there is no kappa; empty when there is.
        table: Number of things by both ratings.
    """

    n: int
    observed: float | None
    kappa: float | None
    low: float | None
    high: float | None
    pabak: float | None
    ac1: float | None
    undefined: str
    table: dict[tuple[str, str], int]


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
        return TwoRaters(0, None, None, None, None, None, None, NO_PAIR, table)
    size = len(categories)
    observed = sum(one == other for one, other in pairs) / n
    left, right = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    shares = [(left[name] + right[name]) / (2 * n) for name in categories]
    by_chance = math.fsum(share * (1 - share) for share in shares) / (size - 1)
    pabak, ac1 = (size * observed - 1) / (size - 1), (observed - by_chance) / (1 - by_chance)
    if len({*left, *right}) == 1:
        return TwoRaters(n, observed, None, None, None, pabak, ac1, ONE_CATEGORY, table)
    expected = math.fsum(left[name] * right[name] for name in categories) / n**2
    kappa = (observed - expected) / (1 - expected)
    low, high = _interval(pairs, categories, groups if groups is not None else [""] * n, kappa)
    return TwoRaters(n, observed, kappa, low, high, pabak, ac1, "", table)


def _interval(
    pairs: Sequence[tuple[str, str]], categories: Sequence[str], groups: Sequence[str], kappa: float
) -> tuple[float, float]:
    """Weighs whole groups, one unseen among them on which the raters agree or differ (`intervals`)."""
    import numpy as np

    size, place = len(categories), {name: number for number, name in enumerate(categories)}
    cells = np.zeros((len(pairs), size * size))
    for number, (one, other) in enumerate(pairs):
        cells[number, place[one] * size + place[other]] = 1
    clusters = [cells[rows].sum(axis=0) for rows in members(groups)]
    each = len(pairs) / len(clusters)
    total = cells.sum(axis=0).reshape(size, size)
    margins = total.sum(axis=0) + total.sum(axis=1)
    used = [number for number in range(size) if margins[number]]
    rare, common = min(used, key=lambda x: margins[x]), max(used, key=lambda x: margins[x])
    worst, best = np.zeros(size * size), np.zeros(size * size)
    worst[[common * size + rare, rare * size + common]] = each / 2
    best[rare * size + rare] = each
    return ends(drawn(clusters, worst, best, lambda sums: _kappas(sums, size)), kappa)


def _kappas(sums: Values, size: int) -> Values:
    import numpy as np

    tables = sums.reshape(-1, size, size)
    total = tables.sum(axis=(1, 2))
    observed = np.trace(tables, axis1=1, axis2=2) / total
    expected = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1) / total**2
    found: Values = (observed - expected) / (1 - expected)
    return found


def error_bound(errors: int, n: int, level: float = 0.95) -> float:
    """Return the share of errors that a random sample excludes: one-sided, exact (Clopper and Pearson), 0 to 1.

    Args:
        errors: Of the sample.
        n: Its size; 0 excludes nothing.
        level: Of the confidence.
    """
    from scipy.special import betaincinv

    return float(betaincinv(errors + 1, n - errors, level)) if errors < n else 1.0


def percent_up(share: float) -> str:
    """Return an upper bound in percent with two figures, never below what it is: 0.0503 is "5.1"."""
    if share <= 0:
        return "0"
    percent = 100 * share
    step = 10.0 ** (math.floor(math.log10(percent)) - 1)
    return f"{math.ceil(round(percent / step, 9)) * step:.3g}"
