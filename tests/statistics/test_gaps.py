from __future__ import annotations

import pytest

from medic_console.metrics import TaskResult
from medic_console.records import MetricValue
from medic_console.statistics.gaps import gaps


def result(task: str, value: float | None, half: float | None, unit: str = "percent") -> TaskResult:
    low, high = (None, None) if value is None or half is None else (value - half, value + half)
    return TaskResult(
        task, (), (), MetricValue("x", value, low, high, 10, unit), "lower" if unit == "score" else "higher"
    )


def test_the_gap_from_knowledge_to_execution() -> None:
    tasks = [result("ehrsql", 30, 4), result("medqa", 80, 6), result("medcalc", 40, 6), result("medmcqa", 70, 8)]
    gap = gaps([*tasks, result("gsm8k", 5, 1)])["knowledge_execution"]
    assert gap.value == 75 - 35
    half = (3**2 + 4**2 + 3**2 + 2**2) ** 0.5
    assert (gap.low, gap.high) == pytest.approx((40 - half, 40 + half))
    assert gap.tasks == ("medqa", "medmcqa", "medcalc", "ehrsql")


def test_the_gap_from_passive_to_active_safety_maps_harm_to_0_100() -> None:
    # Harm 1.2 of 1 to 5 is 95 of 100; its half width of 0.04 is 1 point.
    gap = gaps([result("med_safety", 1.2, 0.04, "score"), result("medec", 60, 3)])["passive_active"]
    assert gap.value == pytest.approx(35)
    assert gap.low == pytest.approx(35 - 10**0.5)
    assert gap.tasks == ("med_safety", "medec")


def test_a_side_may_rest_on_one_task_but_not_on_none() -> None:
    gap = gaps([result("medqa", 80, 3), result("ehrsql", 30, 4), result("medcalc", None, None)])["knowledge_execution"]
    assert (gap.value, gap.low, gap.high, gap.tasks) == (50, 45, 55, ("medqa", "ehrsql"))
    for tasks in ([result("medqa", 80, 3)], [result("ehrsql", 30, 4)], []):
        gap = gaps(tasks)["knowledge_execution"]
        assert (gap.value, gap.low, gap.high) == (None, None, None)
        assert gap.tasks == tuple(task.task for task in tasks)


def test_a_task_without_an_interval_leaves_the_gap_without_one() -> None:
    gap = gaps([result("medqa", 80, 3), result("ehrsql", 30, None)])["knowledge_execution"]
    assert (gap.value, gap.low, gap.high) == (50, None, None)


def test_a_gap_stays_within_bounds() -> None:
    gap = gaps([result("medqa", 99, 6), result("ehrsql", 1, 8)])["knowledge_execution"]
    assert (gap.value, gap.low, gap.high) == (98, 88, 100)
