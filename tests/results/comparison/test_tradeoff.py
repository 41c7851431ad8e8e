from __future__ import annotations

import pytest

from medic_console.archive.views import ModelView
from medic_console.core.records import MetricValue, Outcome, Score
from medic_console.results.comparison.tradeoff import Point, point, trade_off
from medic_console.results.measures import Speed
from medic_console.statistics.aggregates import Aggregate, TaskResult, mean_of
from medic_console.statistics.metrics import compute

MODEL = ModelView("sha256:aa", "a", 5_000_000_000, "llama", "Q4_K_M", 8, 4096)


def result(task: str, right: int, n: int) -> TaskResult:
    scores = [Score(Outcome.SCORED, {"accuracy": float(number < right)}) for number in range(n)]
    return TaskResult(task, (), (), compute(["accuracy"], scores)["accuracy"])


def bare(task: str, value: float, unit: str = "percent") -> TaskResult:
    return TaskResult(task, (), (), MetricValue("m", value, None, None, 5, unit))


def at(quality: float | None, speed: float | None, memory: int) -> Point:
    return Point(Aggregate(quality), speed, 3, (1,), memory, 4096)


def test_quality_is_the_plain_mean_on_0_to_100() -> None:
    found = mean_of([result("a", 80, 100), result("b", 60, 100)])
    assert found.value == pytest.approx(70)
    assert found.tasks == 2
    # Normal theory: 1.96 x sqrt(.8 x .2 + .6 x .4) / 10 / 2 is 6.2 points.
    assert found.low == pytest.approx(63.8, abs=0.8)
    assert found.high == pytest.approx(76.2, abs=0.8)


def test_quality_of_one_task_has_its_interval() -> None:
    one = result("a", 2, 2)
    found = mean_of([one])
    assert (found.low, found.high) == (one.metric.low, one.metric.high)


def test_quality_without_an_interval_somewhere_has_none_and_ratings_never_count() -> None:
    found = mean_of([result("a", 8, 10), bare("b", 60), bare("c", 1200, "rating")])
    assert found.value == pytest.approx(70)
    assert (found.low, found.high, found.tasks) == (None, None, 2)
    assert mean_of([]) == Aggregate(None)


def test_speed_and_memory_come_from_what_the_engine_granted() -> None:
    speeds = [
        Speed(300, 20.0, 4, {"context": 4096, "parallel": 8, "kv_type": "q8_0"}),
        Speed(100, 20.0, 2, {"context": 2048, "parallel": 4}),
    ]
    found = point(MODEL, 100_000, Aggregate(70, 60, 80), speeds)
    assert (found.tokens_per_second, found.outputs, found.parallel) == (10.0, 6, (4, 8))
    assert found.memory == 5_000_000_000 + int(100_000 * 0.53125 * 4096)
    assert found.context == 4096


def test_a_model_that_only_chose_has_no_speed() -> None:
    found = point(MODEL, 0, Aggregate(70), [Speed(0, 0.0, 0, {"context": 4096})])
    assert found.tokens_per_second is None


def test_the_front_holds_what_nothing_beats_in_everything() -> None:
    found = trade_off({"good": at(80, 10, 9), "small": at(60, 30, 3), "bad": at(55, 9, 9), "unknown": at(None, 50, 1)})
    assert {name: one.beaten_by for name, one in found.items()} == {
        "good": (),
        "small": (),
        "bad": ("good", "small"),
        "unknown": (),
    }
    assert [name for name, one in found.items() if one.on_front] == ["good", "small"]


def test_equal_models_do_not_beat_each_other_and_a_missing_speed_is_passed_over() -> None:
    found = trade_off({"a": at(70, 10, 5), "b": at(70, 10, 5), "c": at(60, None, 5)})
    assert found["a"].beaten_by == found["b"].beaten_by == ()
    assert found["c"].beaten_by == ("a", "b")
