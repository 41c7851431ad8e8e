"""Ratings have no rank among runs, and no place says that they have no score."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from medic_console.console.compare.rows import rank_grid, rank_note
from medic_console.console.home.rows import rank_rows, ranks_note
from medic_console.console.reference_points import ReferencePoints
from medic_console.results.comparison.compare import begin, compared
from medic_console.results.comparison.overview import overview
from medic_console.results.comparison.values import AGAINST
from medic_console.results.measures import Measures


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
