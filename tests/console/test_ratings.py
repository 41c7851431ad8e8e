"""Ratings have no rank among runs, and no place says that they have no score."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.console.compare.rows import rank_grid, rank_note
from medic_console.console.home.rows import rank_rows, ranks_note
from medic_console.console.reference_points import ReferencePoints
from medic_console.console.run.rows import task_told
from medic_console.results.comparison.compare import begin, compared
from medic_console.results.comparison.overview import overview
from medic_console.results.comparison.values import AGAINST
from medic_console.results.measures import Measures
from medic_console.results.task_lines import remarks
from medic_console.statistics.words import RATING_SCALE


def test_home_and_ranks_say_why_a_rating_has_no_rank(panel: Path) -> None:
    with closing(Measures(panel)) as reader:
        models = [model for model in reader.models() if model.runs]
        *_, found = overview(reader, [model.sha256 for model in models], {})
        both = compared(begin(reader, models))
    fields = dict(rank_rows(found, models))["MedicationQA"]
    assert [field.text for field in fields] == ["Elo", "Elo"]
    assert f"Elo: {AGAINST}, no rank" in ranks_note(found)
    grid = dict(rank_grid(both, ReferencePoints()))["MedicationQA"]
    assert [field.text for field in grid] == ["Elo", "Elo"]
    assert f"MedicationQA: Elo {AGAINST}" in rank_note(both).plain
    assert "Elo" not in ranks_note(type(found)())


def test_the_scale_of_a_rating_is_told_beside_it(panel: Path) -> None:
    with closing(Measures(panel)) as reader:
        run = next(run for run in reader.runs() if "medication_qa" in run.tasks)
        view = next(one for one in reader.results(run.id)[0].tasks if one.task.id == "medication_qa")
        other = next((one for one in reader.results(run.id)[0].tasks if one.task.id != "medication_qa"), None)
    assert RATING_SCALE in task_told(view, "").plain
    assert [one.text for one in remarks(view) if RATING_SCALE in one.text] == [f"Elo, Bradley-Terry: {RATING_SCALE}"]
    if other is not None:
        assert RATING_SCALE not in task_told(other, "").plain
