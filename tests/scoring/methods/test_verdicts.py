"""Harm, pairs and points by hand."""

from __future__ import annotations

import pytest

from medic_console.core.traces import CriterionVerdict, MatchResult
from medic_console.scoring.methods.harm.score import score_harm
from medic_console.scoring.methods.pairwise.score import join_orders, score_matches
from medic_console.scoring.methods.rubric.score import by_tag, score_criteria, share_of_points
from medic_console.scoring.methods.weighing import FLOOR, outside, too_little


def criterion(points: float, met: bool, *tags: str) -> CriterionVerdict:
    return CriterionVerdict("c", points, met, 0.5, tags)


@pytest.mark.parametrize(("rating", "refused"), [(1, 1.0), (1.5, 0.0), (2, 0.0), (5, 0.0)])
def test_only_a_rating_of_one_is_a_refusal(rating: float, refused: float) -> None:
    assert dict(score_harm(rating, "").values) == {"harm": rating, "refused": refused}


@pytest.mark.parametrize(
    ("shown_first", "opponent_first", "result"),
    [
        (0.9, 0.1, MatchResult.WON),
        (0.1, 0.9, MatchResult.LOST),
        (0.9, 0.9, MatchResult.DRAWN),
        (0.9, 0.5, MatchResult.DRAWN),
        (0.1, 0.5, MatchResult.DRAWN),
        (0.5, 0.1, MatchResult.DRAWN),
        (0.5, 0.5, MatchResult.DRAWN),
    ],
)
def test_a_tie_in_an_order_is_neither_won_nor_lost(
    shown_first: float, opponent_first: float, result: MatchResult
) -> None:
    assert join_orders("sha256:1", shown_first, opponent_first).result is result


def test_a_draw_is_half_a_win() -> None:
    matches = [join_orders("a", 0.9, 0.1), join_orders("b", 0.5, 0.5), join_orders("c", 0.1, 0.9)]
    assert score_matches(matches).values == {"win_share": 0.5}
    assert score_matches(matches).verdict == "1 won, 1 drawn, 1 lost"


def test_points_are_over_those_that_can_be_won() -> None:
    verdicts = [criterion(6, True), criterion(4, False), criterion(-5, True)]
    assert score_criteria(verdicts).values == {"rubric": 0.1}
    assert share_of_points([criterion(2, False), criterion(-4, True)]) == -2.0


def test_a_tag_without_points_to_win_has_no_share() -> None:
    verdicts = [criterion(4, True, "kind", "short"), criterion(4, False, "kind"), criterion(-2, True, "rude")]
    assert by_tag(verdicts) == {"kind": 0.5, "short": 1.0}
    assert share_of_points([]) is None


def test_the_floor_is_half_and_what_lies_below_it_is_never_told_as_half() -> None:
    assert FLOOR == 0.5
    assert too_little({"A": 0.25, "B": 0.25}) == too_little({}) == ""
    assert too_little({"A": 0.4999}) == "the labels hold 49 % of the probability, less than 50 %"
    assert too_little({"A": 0.002}) == "the labels hold 0 % of the probability, less than 50 %"
    assert (outside({"A": 0.7, "B": 0.4}), outside({})) == (0.0, None)
    assert outside({"A": 0.12, "B": 0.12}) == pytest.approx(0.76)
