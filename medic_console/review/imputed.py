"""Ratings as people have them: results of matches that nobody read are drawn, and the rating is made of all of them.

A rating is no sum of single answers. So each match that people did not settle gets a result by chance, as often one or
the other as the cards of its kind that were read (multiple imputation, Rubin 1987), many times over; the figure is the
mean, its interval the middle 95 %. Of a panel, all judges were asked the same about a match: who answered the card of
one of them answered those of all, and a kind is what each of them said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from medic_console.review.questions import Question, asked_key
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
        matches: Of all models of a task, each once, as one judge or as the panel has them.
        candidate: sha256 of the model.
        asked: Questions about these matches, of each judge: whether an answer is as good as the other one.
        answered: Those that people settled, by `asked_key`.
    """
    read = sum(asked_key(one) in answered for one in asked)
    degrees = _degrees(asked, answered)
    if degrees is None:
        return Rate(None, None, None, read)
    found = imputed(name, matches, _results(matches, degrees)).get(candidate)
    if found is None:
        return Rate(None, None, None, read)
    value = float(found.mean())
    return Rate(value, *ends(found, value), read)


_Side = tuple[str, str, str]
"""Item, model and opponent."""


def _degrees(asked: Sequence[Question], answered: Answered) -> dict[_Side, NDArray[np.float64]] | None:
    """Return whether each side's answer is as good, in each draw; None where a kind of side is unread.

    A side whose cards people answered in both ways is either, as often as they were.
    """
    import numpy as np

    random = np.random.default_rng(_SEED)
    sides: dict[_Side, list[Question]] = {}
    for one in asked:
        sides.setdefault((one.item, one.candidate, one.opponent), []).append(one)
    kinds: dict[tuple[str, tuple[tuple[str, str], ...]], list[_Side]] = {}
    for side, questions in sides.items():
        kinds.setdefault((side[1], tuple(sorted((one.judge, one.kind) for one in questions))), []).append(side)
    found: dict[_Side, NDArray[np.float64]] = {}
    for alike in kinds.values():
        read = {side: cards for side in alike if (cards := _read(sides[side], answered))}
        if not read:
            return None
        known = {side: sum(not card.finds for card in cards) / len(cards) for side, cards in read.items()}
        hits = sum(known.values())
        share = random.beta(hits + _PRIOR, len(known) - hits + _PRIOR, RESULTS)
        for side in alike:
            found[side] = (random.random(RESULTS) < known.get(side, share)).astype(np.float64)
    return found


def _read(questions: Sequence[Question], answered: Answered) -> list[Settled]:
    return [answered[key] for one in questions if (key := asked_key(one)) in answered]


def _results(matches: Sequence[Match], degrees: Mapping[_Side, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return what each match is worth to its first side, 0 to 1, a row a draw."""
    import numpy as np

    columns = []
    for match in matches:
        raw = 0.5 if not match.winner else float(match.winner == match.first)
        ours, theirs = (
            0.5 * (degrees[match.item, side, other] - float(match.winner != other))
            if (match.item, side, other) in degrees
            else np.zeros(RESULTS)
            for side, other in ((match.first, match.second), (match.second, match.first))
        )
        columns.append(np.clip(raw + ours - theirs, 0.0, 1.0))
    return np.stack(columns, axis=1)
