"""What is said before a run starts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.console.new_run.preflight import FileEntry, RunForm, Severity, remarks
from medic_console.core.errors import ItemsError, MedicError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.protocol.features import Device, Features
from medic_console.suite.items import LoadedTask
from tests.conftest import fake_model, sample_task

ALPHA = FileEntry(Path("/m/a.gguf"), fake_model("alpha"), candidate=True)
JUDGE = FileEntry(Path("/m/j.gguf"), fake_model("judge"), judge=True)


@pytest.fixture
def tasks(tmp_path: Path) -> dict[str, LoadedTask | MedicError]:
    return {name: sample_task(name, tmp_path, 2) for name in ("medqa", "aci_bench")}


def _said(form: RunForm, level: Severity) -> list[str]:
    return [remark.text for remark in remarks(form) if remark.level is level]


def test_nothing_stops_a_run_with_candidate_judge_and_tasks(tasks: dict[str, LoadedTask | MedicError]) -> None:
    form = RunForm([ALPHA, JUDGE], tasks)
    assert _said(form, Severity.STOPS) == []
    assert _said(form, Severity.WARNS) == []
    assert _said(form, Severity.TELLS)[0] == "1 candidate × 2 tasks: 4 scores in all."


def test_a_judged_task_without_a_judge_is_warned_of(tasks: dict[str, LoadedTask | MedicError]) -> None:
    assert "ACI-Bench: every item will be unscored: no judge" in _said(RunForm([ALPHA], tasks), Severity.WARNS)[0]


def test_a_judge_that_is_a_candidate_is_warned_of(tasks: dict[str, LoadedTask | MedicError]) -> None:
    form = RunForm([replace(ALPHA, judge=True)], tasks)
    assert _said(form, Severity.WARNS) == ["alpha will judge its own texts: it is a candidate and the judge."]


def test_no_candidate_and_no_task_stop_the_run() -> None:
    assert [text.split(":")[0] for text in _said(RunForm([JUDGE], {}), Severity.STOPS)] == [
        "No candidate",
        "No task is in",
    ]


def test_a_file_that_is_being_read_stops_the_run(tasks: dict[str, LoadedTask | MedicError]) -> None:
    form = RunForm([FileEntry(Path("/m/a.gguf"), share=0.3, candidate=True)], tasks)
    assert _said(form, Severity.STOPS) == ["A model is still being read."]


def test_a_task_without_items_stops_the_run_and_says_where_to_get_them() -> None:
    form = RunForm([ALPHA], {"medqa": ItemsError("no file was recognised.", "Take it from there.")})
    assert _said(form, Severity.STOPS) == ["medqa cannot run: no file was recognised. Take it from there."]


def test_more_context_than_the_model_was_trained_on_stops_the_run(tasks: dict[str, LoadedTask | MedicError]) -> None:
    form = RunForm([ALPHA], tasks, RunSettings(context=9000))
    assert _said(form, Severity.STOPS) == ["Context 9,000 is more than alpha was trained on (4,096)."]


def test_what_is_taken_of_each_task_is_said_and_a_limit_beside_a_sample_stops(
    tasks: dict[str, LoadedTask | MedicError],
) -> None:
    first, drawn = (
        RunForm([ALPHA, JUDGE], tasks, limit=1),
        RunForm([ALPHA, JUDGE], tasks, RunSettings(sample=1, seed=5)),
    )
    assert "MedQA: The first 1 of 2 items, not a random sample." in _said(first, Severity.TELLS)
    assert "MedQA: A random sample of 1 of 2 items, seed 5." in _said(drawn, Severity.TELLS)
    assert [len(loaded.items) for loaded in drawn.plan().tasks] == [1, 1]
    both = RunForm([ALPHA, JUDGE], tasks, RunSettings(sample=1), limit=1)
    assert _said(both, Severity.STOPS) == [
        "Limit takes the first items, Sample draws them at random: empty one of them."
    ]


def test_the_limit_cuts_every_task(tasks: dict[str, LoadedTask | MedicError]) -> None:
    plan = RunForm([ALPHA, JUDGE], tasks, limit=1).plan()
    assert [len(loaded.items) for loaded in plan.tasks] == [1, 1]
    assert [judge.name for judge in plan.judges] == ["judge"]


def test_each_model_is_told_with_its_place_in_memory_or_that_there_is_none(
    tasks: dict[str, LoadedTask | MedicError],
) -> None:
    card = Device("CUDA0", "a card", 12 * 10**9, 12 * 10**9)
    build = Features("b", "s", True, (card,))
    small = replace(ALPHA, build=build)
    said = _said(RunForm([small], tasks), Severity.TELLS)
    assert any(
        re.match(r"alpha: all 2 layers on device 0 \(.* of 12\.0 GB\); 16 sequences: the most", text) for text in said
    )
    assert small.model is not None
    large = replace(small, model=replace(small.model, size=10**15))
    stops = _said(RunForm([large], tasks), Severity.STOPS)
    assert len(stops) == 1 and "the model needs about" in stops[0] and "smaller model" in stops[0]
