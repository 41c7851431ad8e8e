"""Models of an archive beside each other, across runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.archive.views import ModelView
from medic_console.core.errors import UsageError
from medic_console.results.comparison.choosing import best_measures
from medic_console.results.comparison.compare import (
    Comparison,
    begin,
    compare_pairs,
    compared,
    drift_verdict,
    near_best,
)
from medic_console.results.comparison.pairs import Change
from medic_console.results.comparison.rank_spans import placed, rank_span
from medic_console.results.measures import Measures
from medic_console.statistics.comparing import holm
from medic_console.statistics.equivalence import Verdict
from tests.results.compared import CLINIC_Q4, CLINIC_Q8, HOSPITAL, RIGHT, UNREADABLE, WARD, WRONG, add_run, gguf, many

ALPHA, BETA, GAMMA = (gguf(name, "Q8_0", 3.0) for name in ("alpha", "beta", "gamma"))


def models(reader: Measures, *names: str) -> list[ModelView]:
    known = {model.name: model for model in reader.models()}
    return [known[name] for name in names]


def whole(reader: Measures, *names: str, **more: float) -> Comparison:
    return compared(begin(reader, models(reader, *names), **more))  # type: ignore[arg-type]


def test_models_of_different_runs_are_compared_on_the_same_items(reader: Measures) -> None:
    found = whole(reader, HOSPITAL.name, WARD.name)
    assert [task.task.id for task in found.tasks] == ["aci_bench", "ehrsql", "medcalc", "medec", "medmcqa", "medqa"]
    assert {task.task.id: task.common for task in found.tasks}["medqa"] == 30
    runs = {measure.run for task in found.tasks for measure in task.measures.values()}
    assert runs == {"2026-03-02-001", "2026-03-04-001"}
    assert not found.drift


def test_a_run_in_which_a_models_turn_never_came_does_not_stand_for_it(tmp_path: Path) -> None:
    path, skills = tmp_path / "a.db", {"alpha": lambda *_: RIGHT, "beta": lambda *_: WRONG}
    first = add_run(path, [many("medqa", tmp_path / "cache", 4)], skills, (ALPHA, BETA))
    later = add_run(path, [many("medqa", tmp_path / "cache", 8)], skills, (BETA, ALPHA))
    with closing(sqlite3.connect(path)) as connection, connection:
        ended = "SELECT id FROM scores WHERE run = ? AND candidate = ?"
        for table, name in (("score_values", "score"), ("scores", "id")):
            connection.execute(f"DELETE FROM {table} WHERE {name} IN ({ended})", [later, ALPHA.sha256])
        connection.execute("UPDATE runs SET status = 'interrupted'")
    with closing(Measures(path)) as reader:
        assert best_measures(reader.measures(), ALPHA.sha256)["medqa"].run == first
        (task,) = whole(reader, "alpha", "beta").tasks
        assert task.measures[ALPHA.sha256].run == first and task.common == 4
        assert task.values[ALPHA.sha256].value == 100.0


def test_figures_agree_with_the_run_itself(reader: Measures) -> None:
    found = whole(reader, HOSPITAL.name, WARD.name)
    for result in reader.results("2026-03-02-001"):
        if result.model.name == WARD.name:
            expected = {view.task.id: view.primary for view in result.tasks}
            assert {task.task.id: task.values[WARD.sha256] for task in found.tasks} == expected


def test_two_quantisations_of_one_base_are_drift_with_the_larger_file_as_reference(reader: Measures) -> None:
    found = whole(reader, CLINIC_Q4.name, CLINIC_Q8.name)
    assert found.drift
    assert [model.quantisation for model in found.models] == ["Q8_0", "Q4_K_M"]
    (key,) = found.pair_keys
    changes = [flip.change for _, flip in found.flips(key)]
    assert changes[0] is Change.LOST
    assert changes == sorted(changes, key=list(Change).index)
    assert drift_verdict(found, key) in (Verdict.WORSE, Verdict.UNDECIDED)


def test_p_values_are_corrected_over_every_task_of_every_pair(reader: Measures) -> None:
    found = whole(reader, CLINIC_Q8.name, HOSPITAL.name, WARD.name)
    results = [found.pairs[task.task.id][key] for task in found.tasks for key in found.pair_keys]
    raw = [r.difference.p for r in results if r.difference and r.difference.p is not None]
    assert [r.p_holm for r in results if r.p_holm is not None] == pytest.approx(holm(raw))
    assert len(raw) == len(results) == 6 * 3


def test_pairs_come_one_by_one_and_the_reference_first(reader: Measures) -> None:
    start = begin(reader, models(reader, CLINIC_Q8.name, HOSPITAL.name, WARD.name))
    assert (start.pairs_done, start.pairs_due) == (0, 18)
    steps = list(compare_pairs(start))
    assert [step.pairs_done for step in steps] == [*range(1, 19), 18]
    early = steps[11]
    assert all(CLINIC_Q8.sha256 in key for found in early.pairs.values() for key in found)


def test_ranks_are_shared_by_equals_and_near_ones_are_named(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("medqa", tmp_path, 24)]
    skills = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: WRONG if n == 0 else RIGHT, "gamma": lambda t, n: WRONG}
    add_run(path, tasks, skills, [ALPHA, BETA, GAMMA])
    with closing(Measures(path)) as reader:
        found = whole(reader, "alpha", "beta", "gamma")
    (task,) = found.tasks
    assert task.ranks == {ALPHA.sha256: 1, BETA.sha256: 2, GAMMA.sha256: 3}
    assert near_best(found, task) == {ALPHA.sha256, BETA.sha256}
    assert [rank_span(found, task, one.sha256) for one in (ALPHA, BETA, GAMMA)] == [(1, 2), (1, 2), (3, 3)]
    assert placed(found, task, BETA.sha256) == "2 of 3 [1, 2]"
    assert placed(replace(found, pairs={}), task, BETA.sha256) == "2 of 3"
    assert found.points[GAMMA.sha256].beaten_by == (ALPHA.sha256, BETA.sha256)


def test_items_without_an_answer_take_the_worst_value_or_are_left_out(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("medcalc", tmp_path, 8)]
    skills = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: UNREADABLE if n < 6 else RIGHT}
    add_run(path, tasks, skills, [ALPHA, BETA])
    with closing(Measures(path)) as reader:
        plain = compared(begin(reader, models(reader, "alpha", "beta"), answered_only=True))
        strict = compared(begin(reader, models(reader, "alpha", "beta")))
    assert plain.tasks[0].values[BETA.sha256].n == 2
    assert plain.tasks[0].values[BETA.sha256].value == 100
    assert strict.tasks[0].values[BETA.sha256].value == 25
    assert strict.tasks[0].counts == plain.tasks[0].counts
    (key,) = strict.pair_keys
    assert {flip.change for _, flip in plain.flips(key)} == {Change.DROPPED}
    assert {flip.change for _, flip in strict.flips(key)} == {Change.LOST}


def test_differing_settings_of_the_runs_are_told(tmp_path: Path) -> None:
    path, tasks = tmp_path / "a.db", [many("medqa", tmp_path, 4)]
    first = add_run(path, tasks, {"alpha": lambda t, n: RIGHT}, [ALPHA], thinking_budget=0, threads=1, max_failures=5)
    second = add_run(path, tasks, {"beta": lambda t, n: RIGHT}, [BETA], thinking_budget=64, threads=2, max_failures=6)
    with closing(Measures(path)) as reader:
        notes = whole(reader, "alpha", "beta").notes
    assert f"The runs differ in thinking budget: 0 in {first}, 64 in {second}." in notes
    assert f"The runs differ in threads: 1 in {first}, 2 in {second}." in notes
    assert not [note for note in notes if "failures" in note]


def test_models_without_a_common_item_are_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    add_run(path, [many("medqa", tmp_path, 4)], {"alpha": lambda t, n: RIGHT}, [ALPHA])
    add_run(path, [many("medcalc", tmp_path, 4)], {"beta": lambda t, n: RIGHT}, [BETA])
    with closing(Measures(path)) as reader, pytest.raises(UsageError, match="No task was measured") as caught:
        begin(reader, models(reader, "alpha", "beta"))
    assert "MedCalc, MedQA" in caught.value.message
    assert "in one run" in caught.value.hint


def test_a_run_can_be_named_and_tasks_of_one_model_alone_are_listed(tmp_path: Path) -> None:
    path, few, more = tmp_path / "a.db", many("medqa", tmp_path, 4), many("medcalc", tmp_path, 4)
    right = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: WRONG}
    older = add_run(path, [few], right, [ALPHA, BETA])
    add_run(path, [few], {"alpha": lambda t, n: WRONG, "beta": lambda t, n: RIGHT}, [ALPHA, BETA])
    add_run(path, [more], right, [ALPHA])
    with closing(Measures(path)) as reader:
        newest = begin(reader, models(reader, "alpha", "beta"))
        named = begin(reader, models(reader, "alpha", "beta"), [older])
    assert newest.tasks[0].values[BETA.sha256].value == 100
    assert named.tasks[0].values[BETA.sha256].value == 0
    assert newest.alone == ("MedCalc",)
    assert newest.notes[-1] == "Not compared, as one of the models alone was measured: MedCalc."


def test_a_task_that_was_measured_otherwise_of_each_model_is_told_as_not_compared(tmp_path: Path) -> None:
    path, few, more = tmp_path / "a.db", many("medqa", tmp_path, 4), many("medcalc", tmp_path, 4)
    other = replace(more, items=tuple(replace(one, fields={**one.fields, "more": "x"}) for one in more.items))
    right = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: WRONG}
    add_run(path, [few, more], right, [ALPHA])
    add_run(path, [few, other], right, [BETA])
    with closing(Measures(path)) as reader:
        found = begin(reader, models(reader, "alpha", "beta"))
    assert found.alone == ("MedCalc",)
    assert any(
        note.startswith("MedCalc: not compared: ") and note.endswith(" on other items or under another rule each.")
        for note in found.notes
    ), found.notes


@pytest.mark.parametrize("margin", [0.0, -1.0, 100.0, float("nan")])
def test_a_margin_that_says_nothing_is_refused(reader: Measures, margin: float) -> None:
    with pytest.raises(UsageError, match="no margin"):
        begin(reader, models(reader, CLINIC_Q4.name, CLINIC_Q8.name), margin=margin)


def test_gaps_and_correlations_rest_on_the_compared_items(reader: Measures) -> None:
    found = whole(reader, CLINIC_Q8.name, HOSPITAL.name, WARD.name)
    gap = found.gaps[HOSPITAL.sha256]["knowledge_execution"]
    assert gap.tasks == ("medqa", "medmcqa", "medcalc", "ehrsql")
    assert gap.from_value is not None and gap.to_value is not None and gap.value is not None
    assert gap.to_value - gap.from_value == pytest.approx(gap.value)
    assert found.correlations["medqa", "medqa"].value == pytest.approx(1.0)
    assert found.correlations["medqa", "medcalc"].n == 3
