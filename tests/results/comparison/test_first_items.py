"""Figures of the first items of more: marked at home, in comparisons and portfolios, and never a pass."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from medic_console.results.comparison import words as sentences
from medic_console.results.comparison.compare import begin, compared
from medic_console.results.comparison.overview import overview
from medic_console.results.comparison.portfolio import CaseResult, CaseStanding, evaluate
from medic_console.results.comparison.portfolio_file import Requirement, UseCase
from medic_console.results.measures import Measures
from medic_console.statistics import words
from medic_console.suite.item_sample import take
from medic_console.suite.task_file import load_tasks
from tests.conftest import ROOT
from tests.results.compared import RIGHT, UNREADABLE, WRONG, add_run, gguf, many

ALPHA, BETA = (gguf(name, "Q8_0", 3.0) for name in ("alpha", "beta"))
FIRST = "the first 80 of 120 items"
CASE = UseCase("u", "U", "Why.", (Requirement("medec", "flag_accuracy", 60.0, "higher"),))
SKILLS = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: UNREADABLE if n % 2 else WRONG}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Measures:
    folder = tmp_path_factory.mktemp("first")
    add_run(folder / "a.db", [take(many("medec", folder, 120), 80)], SKILLS, [ALPHA, BETA])
    return Measures(folder / "a.db")


def _portfolio(reader: Measures) -> CaseResult:
    (found,) = evaluate(reader, [model for model in reader.models() if model.runs], [CASE])
    return found


def test_home_marks_the_figure_and_what_is_made_of_it(reader: Measures) -> None:
    *_, found = overview(reader, [ALPHA.sha256, BETA.sha256], {})
    (medec,) = found.glimpses
    assert medec.values[ALPHA.sha256].part == FIRST
    assert words.marked(medec.values[ALPHA.sha256]).endswith("†")
    assert {words.mark(mean) for mean in found.dimensions(ALPHA.sha256).values() if mean.value is not None} == {"†"}


def test_a_comparison_marks_figures_and_differences_and_notes_what_was_taken(reader: Measures) -> None:
    found = compared(begin(reader, [model for model in reader.models() if model.runs]))
    assert f"MEDEC: {FIRST}, not a random sample." in found.notes
    (task,) = found.tasks
    assert {value.part for value in task.values.values()} == {FIRST}
    assert [result.part for result in found.results(found.pair_keys[0])] == [FIRST]


def test_a_portfolio_neither_passes_nor_fails_by_them(reader: Measures) -> None:
    found = _portfolio(reader)
    assert [one.standing for one in found.candidacies] == [CaseStanding.NOT_SURE] * 2
    assert found.candidacies[0].findings[0].doubts == (f"only {FIRST}, not a random sample",)
    doubts = found.candidacies[1].findings[0].doubts
    assert "the whole interval lies on the wrong side" in doubts and "the interval holds the threshold" not in doubts
    assert found.lead is not None and found.lead.low is not None and found.lead.low > 0
    assert not found.lead.sure
    said = sentences.finding(found.candidacies[0].findings[0], load_tasks(ROOT / "tasks").tasks)
    assert "]†, n 80" in said


def test_all_items_and_random_samples_carry_no_mark(tmp_path: Path) -> None:
    add_run(tmp_path / "a.db", [take(many("medec", tmp_path, 120), sample=80)], SKILLS, [ALPHA, BETA])
    with closing(Measures(tmp_path / "a.db")) as reader:
        found = _portfolio(reader)
    assert [one.standing for one in found.candidacies] == [CaseStanding.PASSES, CaseStanding.FAILS]
    finding = found.candidacies[0].findings[0]
    assert finding.value is not None and finding.value.part == ""
    assert "; a random sample of 80 of 120 items, seed 0" in sentences.finding(finding, {})
