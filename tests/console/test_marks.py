"""Marks beside figures, what explains them, and every number of a figure for a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from medic_console.archive.views import ModelView
from medic_console.console.compare import rows as compare_rows
from medic_console.console.compare.charts import _meaning
from medic_console.console.inspect.item.parts import CUT, meaning
from medic_console.console.marks import beside, left_out, marks, provisional_note, whole
from medic_console.console.widgets.charts import Dot, scatter
from medic_console.console.widgets.heat_map import Heat, _fitting
from medic_console.console.widgets.table import Cell
from medic_console.core.records import OWN_DOING, Counts, Figure, MetricValue, Reason
from medic_console.results.comparison.compare import Comparison
from medic_console.results.comparison.models import Drift
from medic_console.results.comparison.pairs import PairResult
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.sheets import FIGURE_LABELS, figure_values
from medic_console.statistics import words
from medic_console.statistics.equivalence import LEAST
from medic_console.statistics.gaps import Gap
from tests.console.conftest import TASKS
from tests.console.test_compare_rows import result_of

ALL = Figure(100.0, 97.0, 100.0, 100)
SOME = Figure(20.0, 13.0, 28.7, 100)


def value(share: Figure = ALL, provisional: str = "", chance: float | None = None) -> MetricValue:
    answered = Figure(100.0, 86.1, 100.0, 20) if share is SOME else Figure(20.0, 13.0, 28.7, 100)
    return MetricValue(
        *("accuracy", 20.0, 13.0, 28.7, 100, "percent"),
        answered=answered,
        share=share,
        provisional=provisional,
        chance=chance,
    )


@pytest.mark.parametrize(
    ("found", "shown"),
    [(value(), ""), (value(SOME), "°"), (value(provisional="kin"), "*"), (value(SOME, "kin"), "*°")],
)
def test_a_figure_without_words_has_a_mark_for_a_doubted_judge_and_one_for_missing_answers(
    found: MetricValue, shown: str
) -> None:
    assert marks(found) == shown


def test_where_there_is_no_figure_there_is_no_mark_but_the_reason() -> None:
    none = MetricValue("accuracy", None, None, None, 0, "percent", "score the run anew", provisional="kin")
    assert marks(none) == ""
    assert whole(none) == "– score the run anew"
    assert provisional_note([("Harm", none)]) == ""


def test_a_figure_is_told_whole_or_in_short() -> None:
    found = value(SOME, "kin", 25.0)
    assert whole(found) == (
        "20.0 [13.0, 28.7]* n 100 · 20 % [13, 29] answered, of those 100.0 [86.1, 100.0] n 20 · chance 25.0"
    )
    assert beside(found) == "20 % ans. 100 [86, 100] · chance 25"
    assert beside(value()) == "all ans."


def test_a_share_under_100_percent_is_never_rounded_to_all() -> None:
    nearly = value(Figure(99.9, 99.0, 100.0, 1000))
    assert words.share_short(nearly) == "99 %"
    assert words.answered_short(nearly).startswith("99 % ans.")
    assert words.share(nearly).startswith("99 % ")
    assert words.share_short(value()) == "all"


def test_weighted_shares_of_100_percent_are_all() -> None:
    assert words.all_answered(value(Figure(99.99999999999999, 90.0, 100.0, 100)))
    assert not words.all_answered(value(Figure(99.999, 90.0, 100.0, 100_000)))


def test_a_reason_that_is_not_of_every_doubted_figure_names_those_that_it_is_of() -> None:
    figures = [("Harm", value(provisional="not qualified; kin")), ("CEF", value(provisional="not qualified"))]
    assert provisional_note(figures) == "* provisional: not qualified; kin (Harm)"
    assert provisional_note([("MedQA", value())]) == ""


def test_items_that_a_headline_does_not_rest_on_are_left_out() -> None:
    assert left_out(value(SOME), Counts(20, 83, 1)) == 4
    matches = MetricValue("elo", 1000.0, None, None, 500, "rating")
    assert left_out(matches, Counts(20, 2, 1)) == 3


def test_a_file_has_every_number_of_a_figure() -> None:
    found = dict(zip(FIGURE_LABELS, figure_values(value(SOME, "kin", 25.0)), strict=True))
    assert list(found.values()) == [20.0, 13.0, 28.7, 100, 100.0, 86.1, 100.0, 20, 20.0, 13.0, 28.7, 25.0, "kin"]
    assert set(figure_values(None)) == {None}


def test_a_field_shows_the_longest_form_that_fits() -> None:
    field = Heat("1*", longer=("1 20 [13, 29]* n 100", "1 20 [13, 29]*"))
    assert [_fitting(field, width) for width in (20, 19, 14, 13)] == [
        "1 20 [13, 29]* n 100",
        "1 20 [13, 29]*",
        "1 20 [13, 29]*",
        "1*",
    ]


def test_points_beside_each_other_keep_their_marks() -> None:
    dots = [Dot(5, 50, name, "●", "", mark="*") for name in "ABCDEF"]
    drawn = scatter(dots, 40, 12, "T", "x").plain
    assert all(f"●{name}*" in drawn for name in "ABCDEF")


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_how_its_item_counts(reason: Reason) -> None:
    worst = "It takes the worst value in the headline, and is not among the items answered."
    assert (worst in meaning(reason)) is (reason in OWN_DOING)
    assert ("It is left out of every figure" in meaning(reason)) is (reason not in OWN_DOING)
    assert CUT.startswith("truncated, judged as it stands")


def compared(gaps: Mapping[str, Gap], results: Mapping[str, PairResult]) -> Comparison:
    """Return a comparison of models `a`, `b` and so on with these gaps, and these pairs of `a` and `b` by task."""
    models = tuple(ModelView(name, name, 1, "llama", "Q8_0", 1, 4096) for name in "abc")
    tasks = tuple(
        TaskValues(TASKS[name], TASKS[name].primary_metric, {}, {"a": value(), "b": value()}, {}, 6, {}, {}, ())
        for name in results
    )
    return Comparison(
        models=models,
        drift=Drift.NONE,
        margin=2.0,
        tasks=tasks,
        alone=(),
        correlations={},
        gaps={name: {"knowledge_execution": gap} for name, gap in gaps.items()},
        points={},
        notes=(),
        conditions={},
        pairs={name: {("a", "b"): result} for name, result in results.items()},
        answered_only=False,
    )


def gap(value: float, low: float, high: float) -> Gap:
    return Gap("Knowledge to execution", value, low, high, (), 50.0, 50.0 + value)


def test_gaps_of_several_models_are_told_by_what_is_sure() -> None:
    def told(*gaps: Gap) -> str:
        return _meaning(compared(dict(zip("abc", gaps, strict=False)), {}), "knowledge_execution")

    lagging, ahead, unsure = gap(-30, -40, -20), gap(30, 20, 40), gap(-3, -9, 2)
    assert told(lagging, lagging, unsure) == (
        "Knowledge to execution: A, B know more than they carry out; C no sure gap."
    )
    assert told(lagging, ahead) == (
        "Knowledge to execution: A knows more than it carries out; B carries out more than it knows."
    )
    assert told(Gap("Knowledge to execution", None, None, None, ())) == ""


def test_worse_waits_until_every_p_is_corrected() -> None:
    result = result_of(LEAST)
    early, late = compared({}, {"medqa": result}), compared({}, {"medqa": replace(result, p_holm=0.01)})
    rows = [compare_rows.task_row(found, found.tasks[0], ("a", "b"), False)[1] for found in (early, late)]
    assert [str(row[-1].text) for row in rows if isinstance(row[-1], Cell)] == ["…", "✗ worse"]
    assert [row[5] for row in rows] == ["…", ".010"]
