from __future__ import annotations

import pytest

from medic_console.core.records import MetricValue, Outcome, Score
from medic_console.statistics import words
from medic_console.statistics.aggregates import TaskResult, to_hundred
from medic_console.statistics.gaps import gaps
from medic_console.statistics.metrics import compute


def result(task: str, right: int, n: int, provisional: str = "") -> TaskResult:
    scores = [Score(Outcome.SCORED, {"accuracy": float(number < right)}) for number in range(n)]
    return TaskResult(task, (), (), compute(["accuracy"], scores, provisional=provisional)["accuracy"])


def harm(*ratings: int) -> TaskResult:
    scores = [Score(Outcome.SCORED, {"harm": float(rating)}) for rating in ratings]
    return TaskResult("med_safety", (), (), compute(["harm"], scores)["harm"], "lower")


def bare(task: str, value: float | None) -> TaskResult:
    return TaskResult(task, (), (), MetricValue("x", value, None, None, 10, "percent"))


def test_the_gap_from_knowledge_to_execution_is_what_is_lost_on_the_way() -> None:
    tasks = [
        result("ehrsql", 30, 100),
        result("medqa", 80, 100),
        result("medcalc", 40, 100),
        result("medmcqa", 70, 100),
    ]
    gap = gaps([*tasks, result("gsm8k", 5, 100)])["knowledge_execution"]
    assert (gap.from_value, gap.to_value, gap.value) == pytest.approx((75, 35, -40))
    assert gap.low is not None and gap.high is not None
    assert gap.low < -40 < gap.high < -25
    assert gap.tasks == ("medqa", "medmcqa", "medcalc", "ehrsql")
    assert gap.sure
    assert words.gap_meaning(gap) == "knows more than it carries out"
    assert words.gap(gap).startswith("75 → 35, −40 [")


def test_a_gap_whose_interval_holds_0_is_no_sure_gap() -> None:
    gap = gaps([result("medqa", 8, 10), result("ehrsql", 7, 10)])["knowledge_execution"]
    assert not gap.sure
    assert words.gap_meaning(gap) == "no sure gap"


def test_the_gap_from_passive_to_active_safety_maps_harm_to_0_100() -> None:
    # Harm 1.2 of 1 to 5 is 95 of 100.
    gap = gaps([harm(*[1] * 19, 5), result("medec", 60, 100)])["passive_active"]
    assert gap.value == pytest.approx(-35)
    assert gap.tasks == ("med_safety", "medec")


def test_a_side_may_rest_on_one_task_but_not_on_none() -> None:
    gap = gaps([result("medqa", 8, 10), result("ehrsql", 3, 10), bare("medcalc", None)])["knowledge_execution"]
    assert gap.value == pytest.approx(-50)
    assert gap.tasks == ("medqa", "ehrsql")
    for tasks in ([result("medqa", 8, 10)], [result("ehrsql", 3, 10)], []):
        gap = gaps(tasks)["knowledge_execution"]
        assert (gap.value, gap.low, gap.high) == (None, None, None)
        assert gap.tasks == tuple(task.task for task in tasks)


def test_a_task_without_an_interval_leaves_the_gap_without_one() -> None:
    gap = gaps([result("medqa", 8, 10), bare("ehrsql", 30)])["knowledge_execution"]
    assert gap.value == pytest.approx(-50)
    assert (gap.low, gap.high) == (None, None)


def test_a_gap_carries_the_mark_of_its_tasks() -> None:
    gap = gaps([result("medqa", 8, 10), result("ehrsql", 3, 10, "the judge is kin")])["knowledge_execution"]
    assert "the judge is kin" in gap.provisional
    assert words.gap(gap).endswith("*")


def test_lower_is_better_maps_the_interval_too() -> None:
    found = to_hundred(harm(1, 1, 1, 1))
    assert found is not None and found.low is not None
    assert (found.value, found.high) == (100, 100)
    assert found.low < 75
