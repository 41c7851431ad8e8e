"""Figures of matches rest on the opponents of one run: those of two runs are never held against each other."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.archive.store import Store
from medic_console.core.paths import tasks_dir
from medic_console.engine.files.model import ModelFile
from medic_console.results.comparison import words
from medic_console.results.comparison.compare import begin, compared
from medic_console.results.comparison.overview import overview
from medic_console.results.comparison.portfolio import CaseResult, evaluate
from medic_console.results.comparison.portfolio_file import Requirement, UseCase
from medic_console.results.comparison.values import AGAINST
from medic_console.results.measures import Measures
from medic_console.session.audit import Audit
from medic_console.suite.task_file import load_tasks
from tests.archive.test_judged_results import FAIR, GOOD, POOR, judge
from tests.conftest import Scripts, fake_model, make_plan, sample_task
from tests.results.compared import RIGHT, WRONG, add_run, many

TASKS = load_tasks(tasks_dir()).tasks
TASK = "medication_qa"
APART = ("2026-03-01-001", "2026-03-02-001")
"""Runs in which good and fair each met poor alone."""
TOGETHER = "2026-03-03-001"
WON = Requirement(TASK, "win_share", 40.0, "higher", items=1)
ELO = Requirement(TASK, "elo", 900.0, "higher", items=1)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("against")
    path, loaded = folder / "archive.db", sample_task(TASK, folder, limit=4)
    scripts = Scripts(
        good=lambda prompt: "good", fair=lambda prompt: "fair", poor=lambda prompt: "poor", strict=judge({})
    )

    def audit(day: int, models: Sequence[ModelFile]) -> None:
        store = Store(path)
        plan = make_plan([loaded], models, [fake_model("strict")])
        plan = replace(plan, id=store.create_run(plan, datetime.date(2026, 3, day)))
        store.close()
        list(Audit(path, plan, scripts.start).events())

    for day, models in enumerate(([GOOD, POOR], [FAIR, POOR], [GOOD, FAIR, POOR]), 1):
        audit(day, models)
    return path


def case(archive: Path, runs: Sequence[str], *required: Requirement) -> CaseResult:
    with closing(Measures(archive)) as reader:
        models = [model for model in reader.models() if model.name in ("good", "fair")]
        (found,) = evaluate(reader, models, [UseCase("u", "U", "Why.", required)], runs)
    return found


def test_a_comparison_says_why_ratings_have_no_value_and_no_difference(archive: Path) -> None:
    with closing(Measures(archive)) as reader:
        found = compared(begin(reader, [model for model in reader.models() if model.name != "strict"]))
    (task,) = found.tasks
    note = f"MedicationQA: Elo {AGAINST}; ratings of one run: medic-console archive results RUN."
    assert found.notes.count(note) == 1
    assert {(value.value, bool(value.note)) for value in task.values.values()} == {(None, True)}
    result = found.result(TASK, found.pair_keys[0])
    assert result is not None
    assert not result.left_out
    assert words.changes(result, task.metric) == "Elo is no mean of item values: not compared item by item"


def test_home_says_it_too(archive: Path) -> None:
    with closing(Measures(archive)) as reader:
        *_, found = overview(reader, [GOOD.sha256, FAIR.sha256], {})
    (glimpse,) = found.glimpses
    assert all(value.note.startswith(AGAINST) for value in glimpse.values.values())


def test_a_threshold_on_matches_says_what_they_rest_on(archive: Path) -> None:
    (won,) = case(archive, APART, WON).candidacies[0].findings
    assert won.value is not None
    assert won.value.value == 100.0
    assert f"; {AGAINST};" in words.finding(won, TASKS)
    (rated,) = case(archive, APART, ELO).candidacies[0].findings
    assert f"no value; {AGAINST}; ratings of one run" in words.finding(rated, TASKS)


def test_shares_of_matches_won_are_held_against_each_other_in_one_run_alone(archive: Path) -> None:
    apart, together = (case(archive, runs, WON).lead for runs in (APART, [TOGETHER]))
    assert apart is not None and together is not None
    assert (apart.value, apart.sure) == (None, False)
    assert words.lead(apart, "fair") == f"not compared with fair: Share of matches won {AGAINST}"
    assert (together.value, together.apart) == (50.0, "")


def test_a_lead_says_that_a_metric_is_no_mean_rather_than_that_no_items_are_shared(tmp_path: Path) -> None:
    skills = {"good": lambda task, number: RIGHT, "fair": lambda task, number: WRONG}
    add_run(tmp_path / "a.db", [many("pubmedqa", tmp_path, 4)], skills, [GOOD, FAIR])
    lead = case(tmp_path / "a.db", [], Requirement("pubmedqa", "macro_f1", 40.0, "higher", items=1)).lead
    assert lead is not None
    assert (lead.value, lead.apart) == (None, "Macro-F1 is no mean of item values")
