"""Ratings as people have them: results of matches that nobody read are drawn, and the rating is made of all of them.

A rating is no sum of single answers. So each match that people did not settle gets a result by chance, as often one or
the other as the cards of its kind that were read (multiple imputation, Rubin 1987), many times over; the figure is the
mean, its interval the middle 95 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from medic_console.review.questions import CONTROL, Question, asked_key
from medic_console.review.report import Settled
from medic_console.statistics.intervals import ends
from medic_console.statistics.matches import Match
from medic_console.statistics.ratings import RESULTS, imputed
from medic_console.statistics.strata import Rate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SEED, _PRIOR = 20_240_907, 0.5
Answered = Mapping[tuple[str, ...], Settled]


def reviewed_rating(
    name: str, matches: Sequence[Match], candidate: str, asked: Sequence[Question], answered: Answered
) -> Rate:
    """Return a model's rating.

    Args:
        name: `elo` or `bradley_terry`.
        matches: Of all models of a task under one judge, each once.
        candidate: sha256 of the model.
        asked: Questions about these matches: whether an answer is as good as the other one.
        answered: Those that people settled, by `asked_key`.
    """
    read = sum(asked_key(one) in answered for one in asked)
    degrees = _degrees(asked, answered)
    if degrees is None:
        return Rate(None, None, None, read)
    found = imputed(name, matches, _results(matches, asked, degrees)).get(candidate)
    if found is None:
        return Rate(None, None, None, read)
    value = float(found.mean())
    return Rate(value, *ends(found, value), read)


def _degrees(asked: Sequence[Question], answered: Answered) -> dict[int, NDArray[np.float64]] | None:
    """Return whether each question's answer is as good, in each draw, by its place; None where a kind is unread."""
    import numpy as np

    random = np.random.default_rng(_SEED)
    kinds: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(asked):
        kinds.setdefault((one.candidate, one.kind), []).append(place)
    found: dict[int, NDArray[np.float64]] = {}
    for places in kinds.values():
        known = {place: answered[key] for place in places if (key := asked_key(asked[place])) in answered}
        if not known:
            return None
        hits = sum(not one.finds for one in known.values())
        share = random.beta(hits + _PRIOR, len(known) - hits + _PRIOR, RESULTS)
        for place in places:
            card = known.get(place)
            drawn = random.random(RESULTS) < share if card is None else np.full(RESULTS, not card.finds)
            found[place] = drawn.astype(np.float64)
    return found


def _results(
    matches: Sequence[Match], asked: Sequence[Question], degrees: Mapping[int, NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return what each match is worth to its first side, 0 to 1, a row a draw."""
    import numpy as np

    moved = {
        (one.item, one.candidate, one.opponent): 0.5 * (degrees[place] - float(one.kind == CONTROL))
        for place, one in enumerate(asked)
    }
    none = np.zeros(RESULTS)
    columns = []
    for match in matches:
        raw = 0.5 if not match.winner else float(match.winner == match.first)
        ours = moved.get((match.item, match.first, match.second), none)
        theirs = moved.get((match.item, match.second, match.first), none)
        columns.append(np.clip(raw + ours - theirs, 0.0, 1.0))
    return np.stack(columns, axis=1)
