"""Rules: ncbi-nlp/MedCalc-Bench, evaluation/evaluate.py, check_correctness."""

from __future__ import annotations

import pytest

from medic_console.core.records import Answer, Item, NoAnswer, Outcome, Reason
from medic_console.scoring.scorers.medcalc import score
from medic_console.scoring.scorers.unanswered import unanswered


def accuracy(kind: str, value: str, lower: str, upper: str, given: float | str | list[int]) -> float:
    item = Item("1", {"output_type": kind}, {"value": value, "lower": lower, "upper": upper})
    return score(item, Answer(given, str(given)), {}).values["accuracy"]


@pytest.mark.parametrize(("given", "right"), [(23.9, 0), (23.94, 1), (25.2, 1), (26.46, 1), (26.47, 0)])
def test_decimals_are_right_within_the_limits_ends_included(given: float, right: int) -> None:
    assert accuracy("decimal", "25.2", "23.94", "26.46", given) == right
    assert accuracy("decimal", "25.2", "26.46", "23.94", given) == right


def test_negative_limits_may_stand_in_either_order() -> None:
    assert accuracy("decimal", "-2.0", "-1.9", "-2.1", -2.05) == 1
    assert accuracy("decimal", "-2.0", "-2.1", "-1.9", 2.0) == 0


def test_limits_that_are_both_zero_mean_the_exact_value() -> None:
    assert accuracy("decimal", "0", "0", "0", 0) == 1
    assert accuracy("decimal", "0", "0", "0", 0.001) == 0
    assert accuracy("decimal", "3.5", "0", "0", 3.5) == 1


def test_integers_are_rounded_half_to_even_then_exact() -> None:
    assert accuracy("integer", "4", "4", "4", 4) == 1
    assert accuracy("integer", "4", "4", "4", 3.6) == 1
    assert accuracy("integer", "2", "2", "2", 2.5) == 1
    assert accuracy("integer", "4", "4", "4", 5) == 0
    assert accuracy("integer", "-1", "-1", "-1", -1) == 1


def test_dates_are_exact_whatever_the_reference_pads() -> None:
    assert accuracy("date", "3/7/2023", "3/7/2023", "3/7/2023", "03/07/2023") == 1
    assert accuracy("date", "03/07/2023", "", "", "03/08/2023") == 0


def test_weeks_and_days_are_exact() -> None:
    assert accuracy("weeks_days", "('12 weeks', '3 days')", "", "", [12, 3]) == 1
    assert accuracy("weeks_days", "(12 weeks, 3 days)", "", "", [12, 4]) == 0


@pytest.mark.parametrize(
    ("kind", "value", "lower"),
    [
        ("decimal", "5", "n/a"),
        ("decimal", "5", "nan"),
        ("decimal", "5", "inf"),
        ("decimal", "nan", "0"),
        ("integer", "nan", ""),
        ("integer", "x", ""),
        ("date", "soon", ""),
        ("weeks_days", "soon", ""),
        ("colour", "1", ""),
    ],
)
def test_an_unreadable_reference_leaves_the_item_unscored(kind: str, value: str, lower: str) -> None:
    item = Item("1", {"output_type": kind}, {"value": value, "lower": lower, "upper": lower})
    given = {"decimal": 5, "integer": 5, "date": "x"}.get(kind, [1, 1])
    scored = score(item, Answer(given, "x"), {})
    assert (scored.outcome, scored.reason) == (Outcome.UNSCORED, Reason.GOLD_UNUSABLE)
    assert scored.detail and not scored.values
    assert unanswered(("medcalc",), item, {}, NoAnswer(Reason.UNREADABLE, "")).reason is Reason.GOLD_UNUSABLE
