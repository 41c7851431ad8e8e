"""Ratings of models from their matches: Elo and Bradley-Terry, on one scale.

The scale is that of chess: base 10, 400 points for odds of 10 to 1, mean 1000. A draw is half a win for each side.

**Elo** (Elo 1978) is made by the rules of public model arenas: start 1000, K = 4. It depends on the order of the
matches, which here have none of their own: the rating is the mean over some hundreds of orders. The interval holds the
noise of the order too, up to 19 points of standard deviation at K = 4 however many matches there are. A model moves at
most 4 points a match: under some hundreds of matches a model its Elo still lies close to 1000.

**Bradley-Terry** (Bradley and Terry 1952) has neither weakness: it is the fit of all matches at once. To every pair
that met is added a small number of drawn matches, models - 1 over the number of those pairs: for two models half a win
each, the correction of Haldane and Anscombe (1956), for an even round of matches the penalty of Firth (1993). So a
model that won everything has a finite rating, and many matches are hardly touched.

Intervals are 95 %: percentiles of a bootstrap that weighs whole items, as matches on one item are not independent, and
among them one item that was not seen (`matches.resamples`): few items alone give intervals that are too narrow. A
match of weight w moves an Elo rating w times as far, and counts w times in the fit of Bradley and Terry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

from medic_console.statistics.matches import Match, MatchTable, largest_group, resamples, table_of, tallies, with_unseen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from medic_console.statistics.matches import Resample

    Values = NDArray[np.float64]

START, K, SCALE = 1000.0, 4.0, 400.0
_ORDERS = RESULTS = 500
"""Orders of the matches whose mean Elo is; sets of results of `imputed`."""
_SLIGHT = 0.02
"""Weight of the added matches in resamples: whole they draw every rating to the mean, and intervals hold too little."""
_AT_ONCE = 250
"""Orders played at once: 31,000 matches are then 120 MB."""
_TOLERANCE, _ITERATIONS, _LONGEST_STEP = 1e-9, 200, 1.0
"""Of natural logarithms of odds. Where all models meet, Newton's method takes 5 steps; fourteen of which each meets
only the next one and beats it lie 42 apart, which the longest step must reach."""


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

    def rate(table: MatchTable) -> tuple[Values, Values]:
        import numpy as np

        whole, random, count = with_unseen(table), np.random.default_rng(0), len(table.winner)
        orders = ((random.permutation(count), np.ones(count)) for _ in range(_ORDERS))
        return _played(whole, orders).mean(axis=0), _played(whole, resamples(whole))

    return _ratings(matches, models, rate)


def elo_in_order(matches: Sequence[Match]) -> dict[str, float]:
    """Return the Elo ratings after the matches, played once in the order given."""
    import numpy as np

    table = table_of(matches)
    values = _played(table, [(np.arange(len(matches)), np.ones(len(matches)))])[0]
    return dict(zip(table.models, values.tolist(), strict=True))


def bradley_terry(matches: Collection[Match], models: Collection[str] = ()) -> dict[str, Rating]:
    """Return each model's Bradley-Terry rating, the best first, those without one last.

    Args:
        matches: Of one judge, or of a panel.
        models: Further models to account for, with or without matches.
    """

    def rate(table: MatchTable) -> tuple[Values, Values]:
        import numpy as np

        whole, count = with_unseen(table), len(table.winner)
        return _fitted(whole, [(np.arange(count), np.ones(count))])[0], _fitted(whole, list(resamples(whole)), _SLIGHT)

    return _ratings(matches, models, rate)


def imputed(name: str, matches: Sequence[Match], worths: Values) -> dict[str, Values]:
    """Return each model's rating in each of many sets of results of the same matches.

    Args:
        name: `elo` or `bradley_terry`.
        matches: Those of the largest group of models count.
        worths: What each match is worth to its first side, 0, 0.5 or 1: one row for each of `RESULTS` sets.
    """
    import numpy as np

    rated = largest_group(matches)
    # As `_ratings` has them, so that results which are all the same give the rating itself.
    places = [place for place, one in enumerate(matches) if one.first in rated]
    places.sort(key=lambda n: (matches[n].item, sorted((matches[n].first, matches[n].second)), matches[n].winner))
    if not places:
        return {}
    each = [
        Match(one.first, one.second, winner, one.item)
        for one in (matches[place] for place in places)
        for winner in ("", one.first, one.second)
    ]
    table, count = table_of(each), len(places)
    which = np.where(worths == 0.5, 0, np.where(worths > 0.5, 1, 2))[:, places]
    rows, weights = 3 * np.arange(count) + which, np.ones(count)
    if name == "elo":
        random = np.random.default_rng(0)
        values = _played(table, ((row[random.permutation(count)], weights) for row in rows))
    else:
        values = _fitted(table, [(row, weights) for row in rows])
    return {model: values[:, place] for place, model in enumerate(table.models)}


def _ratings(
    matches: Collection[Match], models: Collection[str], rate: Callable[[MatchTable], tuple[Values, Values]]
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


def _played(table: MatchTable, orders: Iterable[Resample]) -> Values:
    """Return the Elo ratings after each order of rows with their weights; many orders of one length at once."""
    import numpy as np

    scored = np.array([0.5, 1.0, 0.0])[table.winner]
    found, waiting = [], iter(orders)
    while some := list(islice(waiting, _AT_ONCE)):
        rows, weights = (np.stack(part) for part in zip(*some, strict=True))
        ratings, each = np.full((len(some), len(table.models)), START), np.arange(len(some))
        for row, weight in zip(rows.T, weights.T, strict=True):
            one, other = table.first[row], table.second[row]
            gap = ratings[each, other] - ratings[each, one]
            gained = K * weight * (scored[row] - 1 / (1 + 10 ** (gap / SCALE)))
            ratings[each, one] += gained
            ratings[each, other] -= gained
        found.append(ratings)
    return np.concatenate(found)


def _fitted(table: MatchTable, every: Sequence[Resample], prior: float = 1.0) -> Values:
    """Return the Bradley-Terry ratings of each set of weighted rows, by Newton's method on all of them at once.

    Args:
        prior: Weight of the drawn matches that are added.
    """
    import numpy as np

    count = len(table.models)
    pairs, pair = np.unique(table.first * count + table.second, return_inverse=True)
    added = prior * (count - 1) / len(pairs)
    scored = np.array([0.5, 1.0, 0.0])[table.winner]
    met, won = (
        np.array([np.bincount(pair[rows], by[rows] * weights, minlength=len(pairs)) for rows, weights in every]) + more
        for by, more in ((np.ones(len(pair)), added), (scored, added / 2))
    )
    sides = np.zeros((len(pairs), count))
    sides[np.arange(len(pairs)), pairs // count], sides[np.arange(len(pairs)), pairs % count] = 1, -1
    crossed = (sides[:, :, None] * sides[:, None, :]).reshape(len(pairs), -1)
    strengths = np.zeros((len(every), count))
    for _ in range(_ITERATIONS):
        share = 1 / (1 + np.exp(-strengths @ sides.T))
        # The ones hold the mean at 0, which the matches leave open.
        slope = ((met * share * (1 - share)) @ crossed).reshape(-1, count, count) + 1.0
        step = np.linalg.solve(slope, ((won - met * share) @ sides)[:, :, None])[:, :, 0]
        strengths += np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
        if np.abs(step).max() < _TOLERANCE:
            break
    strengths -= strengths.mean(axis=1, keepdims=True)
    ratings: Values = START + SCALE / np.log(10) * strengths
    return ratings
