"""Ratings of models from their matches: Elo and Bradley-Terry, on one scale, through evalica.

The scale is that of chess: base 10, 400 points for odds of 10 to 1, mean 1000. A draw is half a win for each side.

**Elo** (Elo 1978) is made by the rules of public model arenas: start 1000, K = 4. It depends on the order of the
matches, which here have none of their own: the rating is the mean over some hundreds of orders. The interval holds the
noise of the order too, up to 19 points of standard deviation at K = 4 however many matches there are. A model moves at
most 4 points a match: under some hundreds of matches a model its Elo still lies close to 1000.

**Bradley-Terry** (Bradley and Terry 1952) has neither weakness: it is the fit of all matches at once. To every pair
that met is added a small number of drawn matches, models - 1 over the number of those pairs: for two models half a win
each, the correction of Haldane and Anscombe (1956), for an even round of matches the penalty of Firth (1993). So a
model that won everything has a finite rating, and many matches are hardly touched.

Intervals are 95 %: percentiles of a bootstrap that draws whole items, as matches on one item are not independent, and
among them one item that was not seen (`matches.resamples`): few items alone give intervals that are too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from medic_console.statistics.matches import (
    DRAW,
    FIRST,
    SECOND,
    Match,
    Table,
    largest_group,
    resamples,
    table_of,
    tallies,
    with_unseen,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from medic_console.statistics.matches import Rows

    Values = NDArray[np.float64]

START, K, SCALE = 1000.0, 4.0, 400.0
_ORDERS = 500
"""Orders of the matches whose mean Elo is."""
_TOLERANCE, _ITERATIONS = 1e-8, 1_000
"""Fourteen models need 30 iterations where all meet, and 600 where each meets only the next one and beats it."""


class Unrated(StrEnum):
    """Why a model has no rating."""

    NO_MATCH = "no match"
    APART = "no chain of matches joins it to the largest group of models"


@dataclass(frozen=True, slots=True)
class Rating:
    """One model's rating.

    Attributes:
        value: 1000 is the mean; 400 points more are odds of 10 to 1. None where the model has none.
        low: Lower end of the 95 % interval. None for a single item, and for a model whose matches all ended alike:
            drawing them again cannot tell how far above or below the others it is.
        high: Upper end.
        matches: Matches of the model.
        unrated: Why it has no rating.
    """

    value: float | None
    low: float | None
    high: float | None
    matches: int
    wins: int
    draws: int
    losses: int
    unrated: Unrated | None = None


def elo(matches: Collection[Match], models: Collection[str] = ()) -> dict[str, Rating]:
    """Return each model's Elo rating, the best first, those without one last.

    Neither the order of the matches nor which model is named first matters.

    Args:
        matches: Of one judge, or of a panel.
        models: Further models to account for, with or without matches.
    """

    def rate(table: Table) -> tuple[Values, Values]:
        import numpy as np

        whole = with_unseen(table)
        play, random = _play_of(whole), np.random.default_rng(0)
        orders = [play(random.permutation(len(table.winner))) for _ in range(_ORDERS)]
        return np.mean(orders, axis=0), np.array([play(rows) for rows in resamples(whole)])

    return _ratings(matches, models, rate)


def elo_in_order(matches: Sequence[Match]) -> dict[str, float]:
    """Return the Elo ratings after the matches, played once in the order given."""
    import numpy as np

    table = table_of(matches)
    values = _play_of(table)(np.arange(len(matches)))
    return dict(zip(table.models, values.tolist(), strict=True))


def bradley_terry(matches: Collection[Match], models: Collection[str] = ()) -> dict[str, Rating]:
    """Return each model's Bradley-Terry rating, the best first, those without one last.

    Args:
        matches: Of one judge, or of a panel.
        models: Further models to account for, with or without matches.
    """

    def rate(table: Table) -> tuple[Values, Values]:
        import numpy as np

        whole = with_unseen(table)
        fit = _fit_of(whole)
        return fit(np.arange(len(table.winner))), np.array([fit(rows) for rows in resamples(whole)])

    return _ratings(matches, models, rate)


def _ratings(
    matches: Collection[Match], models: Collection[str], rate: Callable[[Table], tuple[Values, Values]]
) -> dict[str, Rating]:
    """Return ratings by a method that gives every rated model's value and its values in the resamples."""
    import numpy as np

    ended, rated = tallies(matches, models), largest_group(matches)
    found: dict[str, Rating] = {}
    if rated:
        # Sorted, so that nothing depends on the order in which matches come.
        ordered = sorted(matches, key=lambda one: (one.item, sorted((one.first, one.second)), one.winner))
        table = table_of([match for match in ordered if match.first in rated])
        values, drawn = rate(table)
        bounds = np.quantile(drawn, (0.025, 0.975), axis=0)
        for name, value, low, high in zip(table.models, values.tolist(), *bounds.tolist(), strict=True):
            tally = ended[name]
            known = table.item.any() and max(tally) < sum(tally)
            if known:
                found[name] = Rating(value, min(low, value), max(high, value), sum(tally), *tally)
            else:
                found[name] = Rating(value, None, None, sum(tally), *tally)
    for name, tally in ended.items():
        if name not in rated:
            why = Unrated.APART if any(tally) else Unrated.NO_MATCH
            found[name] = Rating(None, None, None, sum(tally), *tally, unrated=why)
    return dict(sorted(found.items(), key=lambda pair: (pair[1].value is None, -(pair[1].value or 0), pair[0])))


def _play_of(table: Table) -> Callable[[Rows], Values]:
    """Return the function that gives the Elo ratings after some of the rows, in their order."""
    import evalica

    index = _index(table)

    def play(rows: Rows) -> Values:
        sides = table.first[rows], table.second[rows], table.winner[rows]
        return _in_order(evalica.elo(*sides, index=index, initial=START, base=10.0, scale=SCALE, k=K).scores)

    return play


def _fit_of(table: Table) -> Callable[[Rows], Values]:
    """Return the function that fits the Bradley-Terry model to some of the rows."""
    import evalica
    import numpy as np

    count = len(table.models)
    codes = (table.first * count + table.second) * 3 + table.winner
    pairs = np.unique(codes // 3)
    cells = (pairs[:, None] * 3 + np.array([DRAW, FIRST, SECOND])).ravel()
    added = np.where(cells % 3 == DRAW, (count - 1) / len(pairs), 0.0)
    first, second, winner = cells // 3 // count, cells // 3 % count, (cells % 3).astype(np.uint8)
    index, size = _index(table), count * count * 3

    def fit(rows: Rows) -> Values:
        weights = np.bincount(codes[rows], minlength=size)[cells] + added
        found = evalica.bradley_terry(
            first, second, winner, index=index, weights=weights, tolerance=_TOLERANCE, limit=_ITERATIONS
        )
        return START + SCALE * np.log10(_in_order(found.scores))

    return fit


def _index(table: Table) -> Any:
    """Return evalica's index of the models, so that one which a resample lacks keeps its place."""
    import evalica

    return evalica.indexing(range(len(table.models)), [])[2]


def _in_order(scores: Any) -> Values:
    """Return evalica's sorted scores in the order of the models."""
    values: Values = scores.sort_index().to_numpy()
    return values
