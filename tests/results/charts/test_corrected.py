"""As judged, and corrected for the judge's errors, on one scale."""

from __future__ import annotations

from dataclasses import replace

from medic_console.archive.views import TaskView
from medic_console.core.records import Counts, MetricValue
from medic_console.results.charts.corrected import corrected_lines
from tests.results.charts.test_lines import TASKS

JUDGED = MetricValue("conformity", 80.0, 70.0, 90.0, 40, "percent")
CORRECTED = replace(JUDGED, value=60.0, low=40.0, high=75.0)


def view(**corrected: MetricValue) -> TaskView:
    task = TASKS["aci_bench"]
    metrics = {"conformity": JUDGED}
    return TaskView(task, "m", "j", 40, Counts(40, 0, 0), metrics, {}, "sample", "", (), corrected=corrected)


def test_both_figures_stand_on_one_scale_with_their_numbers() -> None:
    head, scale, raw, corrected = corrected_lines(view(conformity=CORRECTED), 80)
    assert head == "As judged, and corrected for the judge's measured errors; 95 % intervals"
    assert scale.split() == ["0", "50", "100"]
    assert raw.split()[-3:] == ["80.0", "[70.0,", "90.0]"] and "as judged" in raw
    assert corrected.split()[-3:] == ["60.0", "[40.0,", "75.0]"] and "corrected" in corrected
    assert raw.index("●") > corrected.index("●")
    assert all(len(line) <= 80 for line in (head, scale, raw, corrected))


def test_where_errors_are_not_measured_there_is_no_chart() -> None:
    assert corrected_lines(view(), 80) == []


def test_a_figure_that_cannot_be_corrected_says_why() -> None:
    none = replace(CORRECTED, value=None, low=None, high=None, note="too few probes")
    lines = corrected_lines(view(conformity=none, coverage=replace(CORRECTED, id="coverage")), 80)
    assert any(line.rstrip().endswith("too few probes") for line in lines)
    assert any("Coverage, corrected" in line for line in lines)
