"""What keeps a large archive quick: few queries, indexes, figures that are computed when they are looked at."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks import large_archive
from medic_console.audit.plan import Plan
from medic_console.core.records import Counts
from medic_console.results.lazy_mappings import LazyMapping, LazyValues
from medic_console.results.measures import Measures
from medic_console.results.reader import Reader, read_results
from medic_console.results.result_cache import ResultCache
from medic_console.session.audit import Audit
from tests.conftest import Scripts, fake_model, make_plan, sample_task

SHARES = {"A": 0.7, "B": 0.1, "C": 0.1, "D": 0.1}


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan([sample_task("medqa", tmp_path, 3), sample_task("gsm8k", tmp_path, 3)])


def audit(path: Path, plan: Plan, models: int = 1) -> str:
    """Run a plan under scripted models and return the run's id."""
    names = [f"model{number}" for number in range(models)]
    scripts = Scripts(**{name: lambda prompt: dict(SHARES) if prompt.labels else "The answer is 7" for name in names})
    run = Audit(path, replace(plan, candidates=tuple(fake_model(name) for name in names)), start=scripts.start)
    for _ in run.events():
        pass
    return run.run


@contextmanager
def counted(reader: Reader) -> Iterator[Callable[[], int]]:
    """Count the queries that a reader runs."""
    seen: list[str] = []
    reader._db.set_trace_callback(seen.append)
    try:
        yield lambda: sum(text.startswith("SELECT") for text in seen)
    finally:
        reader._db.set_trace_callback(None)


def test_the_list_of_runs_takes_as_many_queries_for_many_runs_as_for_one(plan: Plan, tmp_path: Path) -> None:
    path, numbers = tmp_path / "a.db", []
    for _ in range(3):
        audit(path, plan)
        with closing(Reader(path)) as reader, counted(reader) as number:
            reader.runs()
            numbers.append(number())
    assert numbers[1] == numbers[2]
    assert numbers[0] <= 8


def test_the_list_tells_of_each_run_what_the_run_alone_tells(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    runs = [audit(path, plan, models) for models in (1, 2)]
    with closing(Reader(path)) as reader:
        listed = {view.id: view for view in reader.runs()}
        assert [listed[run] for run in runs] == [reader.run(run) for run in runs]
        assert [view.counts for view in (listed[run] for run in runs)] == [Counts(6, 0, 0), Counts(12, 0, 0)]
        assert [listed[run].total for run in runs] == [6, 12]
        assert list(listed) == sorted(runs, reverse=True)


def test_a_run_that_goes_on_is_counted_anew_each_time(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    run = Audit(path, plan, start=Scripts(alpha=lambda prompt: "The answer is 7").start)
    seen = []
    for _ in run.events():
        with closing(Reader(path)) as reader:
            seen.append(reader.runs()[0].counts.total)
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert len(set(seen)) == 7


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("SELECT run, outcome, count(*) FROM scores WHERE run IN ('a', 'b') GROUP BY run, outcome", ()),
        ("SELECT task, count(*), max(id) FROM scores WHERE run = 'a' GROUP BY task", ()),
        ("SELECT max(position) FROM run_items WHERE run = 'a' AND task = 'b'", ()),
    ],
)
def test_counting_reads_an_index_and_no_row(plan: Plan, tmp_path: Path, sql: str, values: tuple[str, ...]) -> None:
    audit(tmp_path / "a.db", plan)
    with closing(sqlite3.connect(tmp_path / "a.db")) as db:
        steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert any("COVERING INDEX" in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN")], steps


def test_measures_look_at_tasks_first_and_never_at_every_item(plan: Plan, tmp_path: Path) -> None:
    audit(tmp_path / "a.db", plan)
    with closing(Measures(tmp_path / "a.db")) as reader:
        seen: list[str] = []
        reader._db.set_trace_callback(seen.append)
        found = reader.measures()
        assert [(one.items, bool(one.outline[1]), bool(one.outline[2])) for one in found] == [(3, True, True)] * 2
        sql = next(text for text in seen if "CROSS JOIN" in text)
        steps = [row[3] for row in reader._db.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall()]
    assert not [step for step in steps if step.startswith("SCAN") and "run_tasks" not in step], steps


def test_a_task_without_new_scores_is_not_computed_again(plan: Plan, tmp_path: Path) -> None:
    path, known = tmp_path / "a.db", ResultCache()
    run = audit(path, plan)
    first = read_results(path, run, known)
    again = read_results(path, run, known)
    assert [view is other for view, other in zip(first[0].tasks, again[0].tasks, strict=True)] == [True, True]
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM score_values WHERE score = (SELECT max(id) FROM scores)")
        db.execute("DELETE FROM scores WHERE id = (SELECT max(id) FROM scores)")
    third = read_results(path, run, known)
    assert [view is other for view, other in zip(first[0].tasks, third[0].tasks, strict=True)] == [True, False]
    assert third[0].tasks[1].counts.total == 2


def test_only_the_runs_that_were_asked_for_last_are_kept(plan: Plan, tmp_path: Path) -> None:
    path, known = tmp_path / "a.db", ResultCache()
    runs = [audit(path, plan) for _ in range(3)]
    first = read_results(path, runs[0], known)
    for run in runs[1:]:
        read_results(path, run, known)
    assert read_results(path, runs[0], known)[0].tasks[0] is not first[0].tasks[0]


@given(st.lists(st.text(), unique=True))
def test_a_later_value_is_computed_once_and_only_when_it_is_looked_at(keys: list[str]) -> None:
    asked: list[str] = []

    def value(key: str) -> int:
        asked.append(key)
        return len(key)

    later = LazyValues(keys, value)
    assert list(later) == keys
    assert asked == []
    assert dict(later) == {key: len(key) for key in keys} == later
    assert asked == keys
    with pytest.raises(KeyError):
        later["\0 not a key"]


def test_a_whole_is_made_once_and_only_when_it_is_looked_into() -> None:
    made: list[int] = []

    def make() -> dict[str, int]:
        made.append(1)
        return {"a": 1}

    whole = LazyMapping(make)
    assert made == []
    assert whole == {"a": 1}
    assert len(whole) == 1
    assert made == [1]


def test_the_large_archive_of_the_benchmark_reads_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_archive, "RUNS", 4)
    monkeypatch.setattr(large_archive, "ITEMS", 50)
    large_archive.write(tmp_path / "large.db")
    with closing(Reader(tmp_path / "large.db")) as reader:
        runs = reader.runs()
        assert [view.counts.total for view in runs] == [view.total for view in runs] == [50] * 4
        assert [len(reader.results(view.id)[0].tasks) for view in runs] == [5, 1, 5, 1]
        items = reader.items(runs[1].id, "medmcqa", runs[1].candidates[0].sha256, "")
        assert [row.position for row in items] == list(range(50))
        assert {row.outcome for row in items} == {"scored", "unscored"}
        trace = reader.trace(runs[1].id, "medmcqa", items[7].item, runs[1].candidates[0].sha256, "")
        assert trace.calls[0].output.text == f"The answer to {items[7].item} is A."
    with closing(sqlite3.connect(tmp_path / "large.db")) as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
