from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.results.comparison.overview import overview
from medic_console.results.measures import Measures
from medic_console.statistics.aggregates import dimension_scores
from tests.results.compared import CLINIC_Q4, CLINIC_Q8, HOSPITAL, RIGHT, WARD, WRONG, add_run, gguf, many

NAMES = [model.sha256 for model in (CLINIC_Q8, CLINIC_Q4, HOSPITAL, WARD)]


def test_tasks_become_known_one_by_one(reader: Measures) -> None:
    steps = [(len(found.glimpses), found.due, found.complete) for found in overview(reader, NAMES, {})]
    assert steps == [(number, 6, number == 6) for number in range(7)]


def test_every_model_is_ranked_on_the_items_that_it_shares_with_the_others(reader: Measures) -> None:
    *_, found = overview(reader, NAMES, {})
    medqa = next(glimpse for glimpse in found.glimpses if glimpse.task.id == "medqa")
    assert set(medqa.ranks) == set(NAMES)
    assert medqa.common == 30
    assert medqa.measures[WARD.sha256].run == "2026-03-02-001"
    assert found.tasks(WARD.sha256) == 6
    assert found.dimensions(WARD.sha256) == dimension_scores(found.results(WARD.sha256))
    assert found.gaps(WARD.sha256)["knowledge_execution"].value is not None
    assert found.has_samples(WARD.sha256)


def test_a_model_on_other_items_keeps_its_value_and_gets_no_rank(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    alpha, beta, gamma = (gguf(name, "Q8_0", 1.0) for name in ("alpha", "beta", "gamma"))
    skills = {name: (lambda t, n: RIGHT) for name in ("alpha", "beta", "gamma")}
    tasks = [many("medqa", tmp_path, 8)]
    add_run(path, tasks, skills, [alpha, beta])
    other = many("medqa", tmp_path, 20)
    add_run(path, [replace(other, items=other.items[12:])], skills, [gamma])
    with closing(Measures(path)) as reader:
        *_, found = overview(reader, [alpha.sha256, beta.sha256, gamma.sha256], {})
    (medqa,) = found.glimpses
    assert medqa.ranks == {alpha.sha256: 1.5, beta.sha256: 1.5}
    assert medqa.values[gamma.sha256].value == 100
    assert (medqa.common, medqa.counts[gamma.sha256].total) == (8, 8)


def test_own_figures_rest_on_all_own_items(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    alpha, beta = gguf("alpha", "Q8_0", 1.0), gguf("beta", "Q8_0", 1.0)
    add_run(path, [many("medqa", tmp_path, 20)], {"alpha": lambda t, n: RIGHT if n < 4 else WRONG}, [alpha])
    add_run(path, [many("medqa", tmp_path, 4)], {"beta": lambda t, n: WRONG}, [beta])
    with closing(Measures(path)) as reader:
        *_, found = overview(reader, [alpha.sha256, beta.sha256], {})
    (medqa,) = found.glimpses
    assert medqa.common == 4
    assert medqa.values[alpha.sha256].value == 20
    assert medqa.ranks == {alpha.sha256: 1, beta.sha256: 2}


def test_what_rests_on_finished_runs_is_read_once(reader: Measures) -> None:
    *_, first = overview(reader, NAMES, {})
    *_, second = overview(reader, NAMES, first.known)
    assert [a is b for a, b in zip(first.glimpses, second.glimpses, strict=True)] == [True] * 6
