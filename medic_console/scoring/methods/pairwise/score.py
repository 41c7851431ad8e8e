"""Pairwise comparison in both orders: a win counts only when the answer wins in both, else it is a draw.

Source: MEDIC (arXiv 2409.07314v2), section on open-ended questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from medic_console.core.records import Item, Outcome, Score
from medic_console.core.traces import JudgedMatch, MatchResult

WORTH = {MatchResult.WON: 1.0, MatchResult.DRAWN: 0.5, MatchResult.LOST: 0.0}
"""Of a match for the share of matches won."""
TIE = "tie"
"""What a judge says in one order when both answers are exactly as likely to be the better one."""


def join_orders(opponent: str, shown_first: float, opponent_first: float) -> JudgedMatch:
    """Return the match of both orders.

    Args:
        opponent: sha256 of the other model's file.
        shown_first: Probability that the answer shown first is better when this model's is shown first.
        opponent_first: The same when the opponent's is shown first.
    """
    shown_second = 1.0 - opponent_first
    wins, losses = (sum(test(p) for p in (shown_first, shown_second)) for test in (_wins, _loses))
    result = MatchResult.WON if wins == 2 else MatchResult.LOST if losses == 2 else MatchResult.DRAWN
    return JudgedMatch(opponent, result, shown_first, shown_second)


def forfeit(opponent: str) -> JudgedMatch:
    """Return the match against a model that left the item without an answer: won, and no judge is asked."""
    return JudgedMatch(opponent, MatchResult.WON, 1.0, 1.0, forfeit=True)


def _wins(probability: float) -> bool:
    return probability > 0.5


def _loses(probability: float) -> bool:
    return probability < 0.5


def score_matches(matches: Sequence[JudgedMatch], answer: str = "") -> Score:
    """Return the item's score: the share of its matches that were won, a draw counting half; at least one match."""
    counted = {result: sum(match.result is result for match in matches) for result in MatchResult}
    return Score(
        Outcome.SCORED,
        {"win_share": sum(WORTH[match.result] for match in matches) / len(matches)},
        answer=answer,
        verdict=", ".join(f"{count} {result}" for result, count in counted.items() if count),
        matches=tuple(matches),
    )


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer."""
    return {"win_share": 0.0}
