"""Two models on one task, by hand."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from medic_console.core.errors import UsageError
from medic_console.core.records import Outcome, Reason, Score
from medic_console.results.comparison.pairs import Change, PairResult, ScoredMeasure, compare_pair
from medic_console.results.measures import ItemScore, Measure
from medic_console.statistics.equivalence import Verdict
from medic_console.suite.task import MetricSpec
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT

ACCURACY = MetricSpec("accuracy", "Accuracy", True, "higher")
RS_0, RS_10 = MetricSpec("rs_0", "RS(0)", True, "higher"), MetricSpec("rs_10", "RS(10)", False, "higher")
HARM = MetricSpec("harm", "Harm", True, "lower")
OVERALL = MetricSpec("overall", "CEF overall", True, "higher")
TASK = read_task(ROOT / "tasks" / "medqa" / "task.toml")
UNREADABLE = Score.unscored(Reason.UNREADABLE, values={"accuracy": 0.0})
UNJUDGED = Score.unscored(Reason.JUDGE_UNREADABLE)


def scored(value: float, answer: str = "", source: str = "accuracy") -> Score:
    return Score(Outcome.SCORED, {source: value}, answer=answer)


def side(
    model: str, scores: Mapping[str, Score], done: bool = True, groups: Mapping[str, str] | None = None
) -> ScoredMeasure:
    measure = Measure("run", "", done, TASK, model, (), len(scores), "official", "choice 2", (0, "", ""))
    return ScoredMeasure(
        measure, {name: ItemScore(name, name, (groups or {}).get(name, ""), s) for name, s in scores.items()}
    )


def both(
    first: Mapping[str, Score], second: Mapping[str, Score], spec: MetricSpec = ACCURACY, margin: float = 2.0
) -> PairResult:
    return compare_pair(spec, side("A", first), side("B", second), margin)


def test_every_change_has_its_kind_and_the_gravest_comes_first() -> None:
    first = {"g": scored(0, "B"), "o": scored(0, "B"), "s": scored(0, "C"), "r": scored(1, "A"), "d": scored(1, "A")}
    first |= {"t": UNJUDGED, "l": scored(1, "A")}
    second = {"g": scored(1, "A"), "o": scored(0, "C"), "s": scored(0, "C"), "r": scored(1, "A"), "d": UNJUDGED}
    second |= {"t": scored(0, "D"), "l": scored(0, "D")}
    found = both(first, second)
    assert [(flip.item, flip.change) for flip in found.flips] == [
        ("l", Change.LOST),
        ("d", Change.DROPPED),
        ("o", Change.OTHERWISE),
        ("g", Change.GAINED),
        ("t", Change.TAKEN),
    ]
    assert (found.better, found.worse) == (1, 1)
    assert found.difference is not None
    assert (found.difference.n, found.difference.ties) == (5, 3)
    assert [flip.by for flip in found.flips] == [-100.0, None, 0.0, 100.0, None]


def test_the_difference_is_second_minus_first_in_percent() -> None:
    names = [f"{number}" for number in range(10)]
    first = {name: scored(float(int(name) < 8)) for name in names}
    second = {name: scored(float(int(name) < 5)) for name in names}
    found = both(first, second).difference
    assert found is not None and found.low is not None and found.high is not None
    assert found.value == pytest.approx(-30)
    # Three of ten changed, all for the worse: one unseen item could still turn the balance.
    assert found.low < -55 < -30 < 0 < found.high < 15
    assert found.p == pytest.approx(0.25)


def test_what_has_no_pair_is_counted_by_model_and_reason() -> None:
    first = side("A", {"a": scored(1), "b": UNJUDGED, "c": scored(1), "d": scored(0)})
    second = side("B", {"a": scored(1), "b": Score.failed("x", "y"), "d": UNJUDGED}, done=False)
    found = compare_pair(ACCURACY, first, second, 2.0)
    assert found.left_out == {
        ("first", "judge unreadable"): 1,
        ("second", "no value of this metric"): 1,
        ("second", "no score yet"): 1,
        ("second", "judge unreadable"): 1,
    }
    assert found.difference is not None and found.difference.n == 1


def test_nothing_in_common_gives_no_difference_and_no_verdict() -> None:
    found = both({"a": scored(1)}, {"a": UNJUDGED})
    assert found.difference is None
    assert found.equivalence is None
    assert [flip.change for flip in found.flips] == [Change.DROPPED]


def test_a_lower_harm_is_the_better_one() -> None:
    first = {str(n): scored(1.0, source="harm") for n in range(8)} | {"x": scored(2.0, source="harm")}
    second = {str(n): scored(1.0, source="harm") for n in range(8)} | {"x": scored(5.0, source="harm")}
    found = both(first, second, HARM)
    assert (found.better, found.worse) == (0, 1)
    assert [(flip.change, flip.by) for flip in found.flips] == [(Change.WORSE, 3.0)]
    assert found.equivalence is not None
    assert found.equivalence.margin == pytest.approx(0.08)
    assert found.equivalence.verdict is Verdict.UNDECIDED


def test_graded_changes_are_sorted_by_their_size() -> None:
    first = {name: scored(80.0, source="overall") for name in "abcd"}
    second = {name: scored(v, source="overall") for name, v in zip("abcd", (75.0, 40.0, 90.0, 80.0), strict=True)}
    found = both(first, second, OVERALL)
    assert [(flip.item, flip.change, flip.by) for flip in found.flips] == [
        ("b", Change.WORSE, -40.0),
        ("a", Change.WORSE, -5.0),
        ("c", Change.BETTER, 10.0),
    ]
    assert found.difference is not None and found.difference.p is not None
    assert found.difference.p > 0.5


def test_a_wrong_answer_in_place_of_an_abstention_is_worse_where_it_is_penalised() -> None:
    first, second = {"a": scored(0, "null", "rs"), "b": scored(1, "x", "rs")}, {}
    second = {"a": scored(-1, "SELECT 1", "rs"), "b": scored(1, "x", "rs")}
    plain, strict = both(first, second, RS_0), both(first, second, RS_10)
    assert plain.difference is not None and plain.difference.value == 0
    assert [flip.change for flip in plain.flips] == [Change.OTHERWISE]
    assert strict.difference is not None and strict.difference.value == pytest.approx(-500)


def test_a_metric_that_is_no_mean_of_items_has_no_difference() -> None:
    score = Score(Outcome.SCORED, {"answer_class": 1, "key_class": 1})
    found = both({"a": score}, {"a": score}, MetricSpec("macro_f1", "Macro-F1", False, "higher"))
    assert found.difference is None


def test_an_item_without_an_answer_takes_the_worst_value_or_is_left_out() -> None:
    first, second = side("A", {"a": scored(1), "b": scored(0)}), side("B", {"a": UNREADABLE, "b": scored(0)})
    found = compare_pair(ACCURACY, first, second, 2.0)
    assert [flip.change for flip in found.flips] == [Change.LOST]
    assert found.left_out == {}
    answered = compare_pair(ACCURACY, first, second, 2.0, answered_only=True)
    assert answered.difference is not None and answered.difference.n == 1
    assert answered.left_out == {("second", "unreadable"): 1}


def test_equal_answers_on_many_items_are_equivalent_within_a_margin() -> None:
    scores = {str(number): scored(float(number % 3 > 0)) for number in range(400)}
    found = both(scores, scores, margin=1.0).equivalence
    assert found is not None
    assert found.verdict is Verdict.EQUIVALENT
    assert found.margin == pytest.approx(1.0)


def test_a_margin_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="margin"):
        both({"a": scored(1)}, {"a": scored(1)}, margin=0.0)
