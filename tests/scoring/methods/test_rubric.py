"""An item's points over its criteria, and those of an item without an answer."""

from __future__ import annotations

import pytest

from medic_console.core.records import Item, Outcome
from medic_console.core.traces import CriterionVerdict
from medic_console.scoring.methods.rubric.score import by_tag, none_met, score_criteria, share_of_points, worst

RUBRICS = [
    {"criterion": "Names the dose", "points": 5, "tags": ["theme:dosing", "axis:accuracy"]},
    {"criterion": "Invents a drug", "points": -3},
]
ITEM = Item("1", {}, {"rubrics": RUBRICS})


def test_an_unanswered_item_meets_no_criterion_and_keeps_their_words_points_and_tags() -> None:
    assert none_met(ITEM) == (
        CriterionVerdict("Names the dose", 5.0, False, 0.0, ("theme:dosing", "axis:accuracy")),
        CriterionVerdict("Invents a drug", -3.0, False, 0.0, ()),
    )
    assert worst(ITEM, {}) == {"rubric": 0.0}


def test_an_item_whose_criteria_give_no_points_has_no_worst_value() -> None:
    with pytest.raises(ValueError, match="points"):
        worst(Item("1", {}, {"rubrics": [{"criterion": "c", "points": 0}, RUBRICS[1]]}), {})


def test_points_met_are_taken_over_the_positive_ones() -> None:
    met = CriterionVerdict("a", 5, True, 0.9, ("theme:x",))
    missed = CriterionVerdict("b", 3, False, 0.1, ("theme:x", "axis:y"))
    wrong = CriterionVerdict("c", -2, True, 0.8)
    assert share_of_points([met, missed, wrong]) == 3 / 8
    assert share_of_points([wrong]) is None
    assert by_tag([met, missed, wrong]) == {"axis:y": 0.0, "theme:x": 5 / 8}
    score = score_criteria([met, missed, wrong], "text")
    assert score.outcome is Outcome.SCORED
    assert score.values == {"rubric": 3 / 8}
    assert (score.verdict, score.answer) == ("2 of 3 criteria met", "text")
    assert score.criteria == (met, missed, wrong)
