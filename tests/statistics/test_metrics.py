from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.metrics import METRICS
from medic_console.core.records import Counts, Dimension, MetricValue, Outcome, Reason, Score
from medic_console.statistics.aggregates import TaskResult, dimension_scores, mean_of, to_hundred
from medic_console.statistics.intervals import effective_n, mean_interval
from medic_console.statistics.metrics import NOT_INSTALLED, SCORED_BEFORE, compute, counts


def scored(name: str, *values: float) -> list[Score]:
    return [Score(Outcome.SCORED, {name: value}) for value in values]


def metric(value: float | None, low: float | None, high: float | None, unit: str = "percent") -> MetricValue:
    return MetricValue("accuracy", value, low, high, 10, unit)


def test_the_three_counts() -> None:
    scores = [*scored("accuracy", 1, 0), Score.unscored(Reason.UNREADABLE), Score.failed("x", "trace")]
    assert counts(scores) == Counts(2, 1, 1)


def test_an_item_without_its_worst_value_leaves_no_figure() -> None:
    unread = Score.unscored(Reason.UNREADABLE)  # an older scorer left it without any
    found = compute(["accuracy"], [*scored("accuracy", 1, 0), unread])["accuracy"]
    assert (found.value, found.n, found.note) == (None, 0, SCORED_BEFORE)
    failed = Score.failed("x", "trace")  # by nobody's doing: it does not count in
    assert compute(["accuracy"], [*scored("accuracy", 1, 0), failed])["accuracy"].value == 50.0


def test_accuracy_has_a_mid_p_interval() -> None:
    # Mid-p for 8 of 10, from P(X > 8) + P(X = 8) / 2 = 0.025 and 0.975 solved by hand.
    result = compute(["accuracy"], scored("accuracy", *[1] * 8, *[0] * 2))["accuracy"]
    assert (result.value, result.n, result.unit) == (80, 10, "percent")
    assert result.low == pytest.approx(48.0, abs=0.2)
    assert result.high == pytest.approx(96.4, abs=0.2)


def test_the_interval_holds_for_a_single_item_and_at_the_ends() -> None:
    # n of n right: half of p^n is 0.025.
    assert mean_interval([1.0], [""]) == pytest.approx((0.05, 1), abs=2e-3)
    assert mean_interval([1.0, 1.0], [""] * 2) == pytest.approx((0.05**0.5, 1), abs=2e-3)
    assert mean_interval([0.0] * 20, [""] * 20) == pytest.approx((0, 1 - 0.05 ** (1 / 20)), abs=2e-3)


def test_effective_items_are_those_over_the_design_effect() -> None:
    # Two notes of two items all right, two all wrong: the variance between notes is 4/3 of twice the plain one.
    values, notes = [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0], ["a", "a", "b", "b", "c", "c", "d", "d"]
    assert effective_n(values, notes) == pytest.approx(8 / (2 * 4 / 3))
    assert effective_n(values, [""] * 8) == 8
    assert effective_n([1.0] * 8, notes) == 4


def test_only_scored_items_with_the_value_count() -> None:
    scores = [*scored("rouge_l", 0.5, 0.7), *scored("accuracy", 1), Score.unscored(Reason.CANCELLED)]
    result = compute(["rouge_l", "bleu_4"], scores)
    assert result["rouge_l"].n == 2
    assert result["rouge_l"].value == pytest.approx(60)
    assert result["bleu_4"] == MetricValue("bleu_4", None, None, None, 0, "percent")


def test_reliability_scores_apply_their_penalty() -> None:
    # EHRSQL 2024: +1, 0 and -N a question, mean x 100; N of RS(N) is the number of questions.
    result = compute(["rs_0", "rs_5", "rs_10", "rs_n"], scored("rs", 1, 1, 0, -1))
    assert [result[name].value for name in ("rs_0", "rs_5", "rs_10", "rs_n")] == [50, -75, -200, -50]
    assert result["rs_0"].low == pytest.approx(100 * mean_interval([1.0, 1.0, 0.0, 0.0], [""] * 4)[0])


def test_an_unseen_question_may_cost_the_whole_penalty() -> None:
    # Four of four right: mid-p puts the share of right answers above 0.05^(1/4); the others may be wrong at -N each.
    result = compute(["rs_0", "rs_5", "rs_10", "rs_n"], scored("rs", 1, 1, 1, 1))
    right = 0.05 ** (1 / 4)
    for name, penalty in (("rs_0", 0), ("rs_5", 5), ("rs_10", 10), ("rs_n", 4)):
        assert result[name].low == pytest.approx(100 * (right - penalty * (1 - right)), abs=1)
        assert result[name].high == 100


def test_percent_values_of_a_judge_are_taken_as_they_are() -> None:
    result = compute(["coverage", "conciseness"], scored("coverage", 80, 90, 100))
    assert result["coverage"].value == 90
    assert result["conciseness"].n == 0


@pytest.mark.parametrize(("values", "shown"), [((1.5, 1.1), 100), ((-2.0, 0.5), 0), ((-1.0, 2.0), 50)])
def test_a_mean_of_points_is_cut_to_its_scale_and_single_items_are_not(values: tuple[float, ...], shown: float) -> None:
    result = compute(["rubric"], scored("rubric", *values))["rubric"]
    assert result.value == pytest.approx(shown)
    assert result.low is not None and result.high is not None
    assert 0 <= result.low <= shown <= result.high <= 100


def test_a_mean_that_lies_wholly_beyond_its_end_has_an_interval_of_some_width() -> None:
    result = compute(["rubric"], scored("rubric", *(-0.9 + 0.01 * item for item in range(50))))["rubric"]
    assert result.value == 0
    assert result.low is not None and result.low < -50
    assert result.high == 0
    figure = to_hundred(TaskResult("healthbench", (), (), result))
    assert figure is not None
    assert (figure.value, figure.low, figure.high) == (0, None, None)
    mean = mean_of([TaskResult(name, (), (), result) for name in ("healthbench", "healthbench_hard")])
    assert (mean.value, mean.low, mean.high) == (0, None, None)


@pytest.mark.parametrize(
    ("values", "groups"),
    [([70.0], [""]), ([70.0, 70.0, 70.0], [""] * 3), ([70.0, 80.0], ["a", "a"]), ([0.0, 100.0] * 4, list("aabbccdd"))],
)
def test_one_item_one_note_or_no_spread_still_has_an_interval_of_some_width(
    values: list[float], groups: list[str]
) -> None:
    result = compute(["coverage"], scored("coverage", *values), groups)["coverage"]
    assert result.low is not None and result.high is not None and result.value is not None
    assert result.low + 10 < result.value < result.high - 10


def test_the_bootstrap_interval_is_the_same_every_time_and_near_the_t_interval() -> None:
    values = [float(50 + 7 * n % 31) for n in range(60)]
    first = compute(["overall"], scored("overall", *values))["overall"]
    assert first == compute(["overall"], scored("overall", *values))["overall"]
    mean = sum(values) / 60
    half = 2.0010 * (sum((value - mean) ** 2 for value in values) / 59 / 60) ** 0.5
    # An unseen item as low or as high as can be widens it a little.
    assert mean - 2 * half < (first.low or 0.0) < mean - half
    assert mean + half < (first.high or 0.0) < mean + 2 * half


def test_items_that_share_a_note_widen_the_interval() -> None:
    values = [float(n % 2) for n in range(20) for _ in range(5)]
    notes = [str(n) for n in range(20) for _ in range(5)]
    for name, scale in (("accuracy", 1), ("coverage", 100)):
        alone = compute([name], scored(name, *(value * scale for value in values)))[name]
        shared = compute([name], scored(name, *(value * scale for value in values)), notes)[name]
        assert alone.value == shared.value == 50
        assert alone.low is not None and alone.high is not None
        assert shared.low is not None and shared.high is not None
        # Items of a note are alike: 20 notes tell what 20 items tell, so the width grows by about sqrt(5).
        assert 1.7 < (shared.high - shared.low) / (alone.high - alone.low) < 2.6


def test_groups_without_a_name_are_items_on_their_own() -> None:
    scores = scored("accuracy", 1, 0, 1, 1)
    assert compute(["accuracy"], scores, [""] * 4) == compute(["accuracy"], scores)


def test_a_metric_that_no_installed_package_brings_has_no_value_and_says_why() -> None:
    # Its package may have been uninstalled since the run: the figures beside it are shown all the same.
    found = compute(["urgency", "accuracy"], scored("accuracy", 1, 0))
    assert (found["urgency"].value, found["urgency"].note) == (None, NOT_INSTALLED)
    assert found["accuracy"].value == 50


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=1, max_size=12),
    st.lists(st.sampled_from("ab "), min_size=12, max_size=12),
)
def test_a_bootstrap_interval_holds_its_value_and_stays_within_the_items(
    values: list[float], groups: list[str]
) -> None:
    names = [group.strip() for group in groups[: len(values)]]
    result = compute(["conciseness"], scored("conciseness", *values), names)["conciseness"]
    assert result.value is not None
    assert result.low is not None and result.high is not None
    assert result.low <= result.value <= result.high
    assert result.low < result.high
    assert min(0.0, *values) - 1e-6 <= result.low
    assert result.high <= 100 + 1e-6


@given(st.lists(st.booleans(), min_size=1), st.sampled_from([m for m in METRICS if METRICS[m].proportion]))
def test_a_proportion_always_has_an_interval_within_bounds(right: list[bool], name: str) -> None:
    result = compute([name], scored(METRICS[name].source, *map(float, right)))[name]
    assert result.value is not None and result.low is not None and result.high is not None
    assert 0 <= result.low <= result.value <= result.high <= 100
    assert result.low < result.high


M, D, C = Dimension.MEDICAL_REASONING, Dimension.DATA_AND_LANGUAGE, Dimension.CLINICAL_SAFETY


def share_of(right: int, n: int) -> MetricValue:
    return compute(["accuracy"], scored("accuracy", *[1] * right, *[0] * (n - right)))["accuracy"]


def test_a_dimension_of_one_task_has_that_tasks_interval() -> None:
    one = share_of(2, 2)
    found = dimension_scores([TaskResult("medqa", (M,), (), one)])[M]
    assert one.low == pytest.approx(100 * 0.05**0.5, abs=0.2)
    assert (found.value, found.low, found.high) == (one.value, one.low, one.high)


def test_short_tasks_near_the_end_of_the_scale_keep_their_arms_apart() -> None:
    # Three tasks of 25 with one error and one with none: 97 %, and 98 % must lie well inside.
    tasks = [TaskResult(str(number), (M,), (), share_of(24 if number else 25, 25)) for number in range(4)]
    found = dimension_scores(tasks)[M]
    assert found.value == pytest.approx(97)
    assert found.low is not None and found.high is not None
    assert found.low < 94
    assert found.high > 99


def test_dimensions_weigh_primary_twice_secondary() -> None:
    tasks = [
        TaskResult("medqa", (M, D), (), share_of(80, 100)),
        TaskResult("ehrsql", (D,), (M,), share_of(50, 100)),
    ]
    scores = dimension_scores(tasks)
    assert scores[M].value == pytest.approx((80 + 0.5 * 50) / 1.5)
    # Normal theory: 1.96 x sqrt(.8 x .2 + .25 x .5 x .5) / 10 / 1.5 is 6.2 points.
    assert scores[M].low == pytest.approx(70 - 6.2, abs=0.8)
    assert scores[M].high == pytest.approx(70 + 6.2, abs=0.8)
    assert scores[D].value == pytest.approx(65)
    assert scores[D].tasks == 2
    assert (scores[C].value, scores[C].low, scores[C].tasks) == (None, None, 0)
    assert set(scores) == set(Dimension)


def test_values_are_mapped_to_0_100_with_higher_better() -> None:
    def alone(value: MetricValue, better: str) -> float | None:
        return dimension_scores([TaskResult("t", (C,), (), value, better)])[C].value

    assert alone(metric(-250, -300, -200), "higher") == 0
    assert alone(metric(30, 20, 40), "lower") == 70
    assert alone(metric(1, 1, 1, "score"), "lower") == 100
    assert alone(metric(5, 5, 5, "score"), "lower") == 0
    assert alone(metric(2, 2, 2, "score"), "lower") == 75
    assert alone(metric(1500, 1400, 1600, "rating"), "higher") is None
    assert alone(metric(None, None, None), "higher") is None


def test_a_task_without_an_interval_leaves_the_dimension_without_one() -> None:
    tasks = [TaskResult("a", (M,), (), metric(80, 70, 90)), TaskResult("b", (M,), (), metric(60, None, None))]
    score = dimension_scores(tasks)[M]
    assert (score.value, score.low, score.high, score.tasks) == (70, None, None, 2)


def test_a_dimension_stays_within_bounds() -> None:
    score = dimension_scores([TaskResult("a", (M,), (), metric(98, 80, 120))])[M]
    assert (score.low, score.high) == (80, 100)
