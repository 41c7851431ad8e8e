from __future__ import annotations

import pytest

from medic_console.core.paths import tasks_dir
from medic_console.results.comparison.reference import published_gaps, published_models, references
from medic_console.statistics.published import FILE_NAME, load_published
from medic_console.suite.task_file import load_tasks

TASKS = load_tasks(tasks_dir()).tasks
TABLE = load_published(tasks_dir() / FILE_NAME)
FOUND = references(TASKS, TABLE)


def test_fractions_stand_in_percent_beside_a_percentage() -> None:
    assert FOUND["medqa"].scores["Qwen3-8B"] == 64.0
    assert (FOUND["medqa"].low, FOUND["medqa"].high) == (63, 85)
    assert FOUND["med_safety"].high == pytest.approx(1.42)


def test_rows_whose_unit_is_none_of_ours_have_no_reference() -> None:
    assert "dischargeme" not in FOUND
    assert "expert_qa" not in FOUND


def test_a_row_that_covers_two_tasks_says_so() -> None:
    assert FOUND["clinical_trials"].shared_by == 2
    assert FOUND["medqa"].shared_by == 1


def test_published_models_show_both_gaps() -> None:
    found = published_gaps(TASKS, FOUND, published_models(TABLE))
    assert len(found) == 14
    knowledge = [gaps["knowledge_execution"].value for gaps in found.values()]
    assert all(value is not None and value < 0 for value in knowledge)
    assert all(gaps["passive_active"].low is None for gaps in found.values())
