from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest

from medic_console.engine.files.model import ModelFile
from medic_console.results.comparison.compare import Comparison, begin, compared
from medic_console.results.comparison.overview import overview
from medic_console.results.comparison.portfolio import evaluate
from medic_console.results.comparison.portfolio_file import Requirement, UseCase
from medic_console.results.measures import Measures
from medic_console.results.tasks import PANEL
from medic_console.statistics.aggregates import Aggregate
from tests.conftest import make_plan, sample_task
from tests.console.inspected import CLINIC, JUDGE, WARD, run_plan
from tests.console.judged import SECOND, THIRD, panel_start

ORDERS = list(permutations((JUDGE, SECOND, THIRD)))[::3]
"""The panel's judges in two orders, each with another one first."""
LIMITS = {"med_safety": 2, "healthbench": 1, "aci_bench": 2, "medqa": 1}


@pytest.fixture(scope="module", params=ORDERS, ids=["judge first", "strict first"])
def judged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("panel")
    judges: Sequence[ModelFile] = request.param
    tasks = [sample_task(name, folder, limit) for name, limit in LIMITS.items()]
    run_plan(folder / "archive.db", make_plan(tasks, (CLINIC, WARD), judges), panel_start)
    return folder / "archive.db"


def _compared(reader: Measures) -> Comparison:
    models = [model for model in reader.models() if model.runs]
    return compared(begin(reader, models))


def test_every_place_shows_the_panels_figure_whichever_judge_was_named_first(judged: Path) -> None:
    with closing(Measures(judged)) as reader:
        (run,) = reader.runs()
        panel = {result.model.sha256: result for result in reader.results(run.id)}
        found = _compared(reader)
        *_, home = overview(reader, list(panel), {})
        case = UseCase("harm", "Harm", "", (Requirement("med_safety", "harm", 2.5, "lower"),))
        (result,) = evaluate(reader, found.models, [case])
    for sha256, model in panel.items():
        views = {view.task.id: view for view in model.tasks}
        for task in found.tasks:
            assert task.values[sha256] == views[task.task.id].primary
        for glimpse in home.glimpses:
            assert glimpse.values[sha256] == views[glimpse.task.id].primary
        for dimension, mean in home.dimensions(sha256).items():
            assert (mean.value, mean.low, mean.high) == _figure(model.dimensions[dimension])
        (held,) = (one.findings[0] for one in result.candidacies if one.model == sha256)
        assert held.value == views["med_safety"].primary
        assert "panel of 3 (" in held.judged_by
    harm = next(task for task in found.tasks if task.task.id == "med_safety")
    assert harm.values[CLINIC.sha256].value == 2.0
    assert harm.measures[CLINIC.sha256].judge == PANEL


def _figure(mean: Aggregate) -> tuple[float | None, float | None, float | None]:
    return mean.value, mean.low, mean.high


def test_who_judged_is_named_beside_the_figures(judged: Path) -> None:
    with closing(Measures(judged)) as reader:
        found = _compared(reader)
    assert any("Med-Safety" in note and "judged by panel of 3 (" in note for note in found.notes)
    assert {task.task.id: task.judged_by[:10] for task in found.tasks if task.judged_by} == dict.fromkeys(
        ("aci_bench", "healthbench", "med_safety"), "panel of 3"
    )
