"""HealthBench's points: the criteria that an answer meets, over those that give points.

Score of an item (arXiv 2505.08775, section on grading): points of the criteria that are met over the sum of the
positive points; the mean over items is clipped to 0-1 (`metrics`), a single item's score is not. The same over the
criteria of one tag gives the score of an axis, over the items of one tag that of a theme.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from medic_console.core.records import Item, Outcome, Score
from medic_console.core.traces import CriterionVerdict

NO_POINTS = "no criterion of this item gives points"


def score_criteria(verdicts: Sequence[CriterionVerdict], answer: str = "") -> Score:
    """Return the item's score; at least one criterion gives points."""
    return Score(
        Outcome.SCORED,
        {"rubric": share_of_points(verdicts) or 0.0},
        answer=answer,
        verdict=f"{sum(one.met for one in verdicts)} of {len(verdicts)} criteria met",
        criteria=tuple(verdicts),
    )


def share_of_points(verdicts: Sequence[CriterionVerdict]) -> float | None:
    """Return the points met over the positive ones, at most 1 and perhaps below 0; None when none are positive."""
    possible = sum(max(0.0, one.points) for one in verdicts)
    return sum(one.points for one in verdicts if one.met) / possible if possible > 0 else None


def by_tag(verdicts: Sequence[CriterionVerdict]) -> dict[str, float]:
    """Return an item's score over the criteria of each of their tags that give points."""
    tags = sorted({tag for one in verdicts for tag in one.tags})
    shares = {tag: share_of_points([one for one in verdicts if tag in one.tags]) for tag in tags}
    return {tag: share for tag, share in shares.items() if share is not None}


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer.

    Raises:
        ValueError: No criterion gives points.
    """
    if not any(float(one["points"]) > 0 for one in item.gold["rubrics"]):
        raise ValueError(NO_POINTS)
    return {"rubric": 0.0}


def none_met(item: Item) -> tuple[CriterionVerdict, ...]:
    """Return the criteria of an item without an answer: none is met, no judge was asked."""
    return tuple(
        CriterionVerdict(str(one["criterion"]), float(one["points"]), False, 0.0, tuple(map(str, one.get("tags", ()))))
        for one in item.gold["rubrics"]
    )
