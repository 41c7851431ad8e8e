"""What a judge leaves behind beside the answers: lists of questions, matches, criteria.

Part of the shared records; `records.Score` holds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class QuestionList:
    """What a judge's list of questions held.

    Attributes:
        side: `source` or `generated`: the text that the questions come from.
        asked: Questions that were asked for.
        kept: Questions that were put to the other text.
        dropped: Text and reason of each entry that was left out.
        repaired: The list broke off; its whole entries were kept.
    """

    side: str
    asked: int
    kept: int
    dropped: tuple[tuple[str, str], ...] = ()
    repaired: bool = False


class MatchResult(StrEnum):
    """How a pairwise comparison in both orders ended for a candidate."""

    WON = "won"
    DRAWN = "drawn"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class JudgedMatch:
    """One comparison of a candidate's answer with another candidate's, shown in both orders.

    Attributes:
        opponent: sha256 of the other candidate's file.
        result: A win counts only when both orders give it.
        shown_first: Probability that the judge prefers this candidate's answer when it is shown first.
        shown_second: The same when it is shown second.
        forfeit: The opponent had no answer, and no judge was asked.
    """

    opponent: str
    result: MatchResult
    shown_first: float
    shown_second: float
    forfeit: bool = False


@dataclass(frozen=True, slots=True)
class CriterionVerdict:
    """One criterion of a rubric.

    Attributes:
        points: Given when it is met; may be negative.
        tags: As the item's rubric has them, such as `axis:accuracy`.
        probability: That it is met.
    """

    criterion: str
    points: float
    met: bool
    probability: float
    tags: tuple[str, ...] = ()
