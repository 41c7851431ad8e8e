"""How many answers stay in another shape of the computation: over scripted engines, and by `run --stability`."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.views import Stability, TaskView
from medic_console.commands.demo import SMALL
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Granted
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.statistics.shares import share
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import Say, document, make_plan, refused, sample_task

BATCH = Granted(build="scripted", context=4096, parallel=8, cells=32768, threads=2, cache="streams")
ALONE = replace(BATCH, parallel=1, cells=4096, threads=1, cache="unified", shares_prefixes=False)


def run(archive: Path, granted: Granted, letters: str, task: str = "medqa", **settings: Any) -> str:
    """Run a task whose items are answered by one letter each, and return the run's id."""
    loaded = sample_task(task, archive.parent, limit=len(letters))
    left = iter(letters)

    def script(prompt: Prompt) -> Reply:
        letter = next(left)
        return {label: 0.7 if label == letter else 0.1 for label in prompt.labels} if prompt.labels else letter

    def start(model: ModelFile, cache: str) -> ScriptedEngine:
        return ScriptedEngine(script, granted)

    audit = Audit(archive, make_plan([loaded], **settings), start)
    list(audit.events())
    return audit.run


def view_of(archive: Path, run: str) -> TaskView:
    with closing(Reader(archive)) as reader:
        return reader.results(run)[0].tasks[0]


def stability_of(archive: Path, run: str) -> Stability | None:
    return view_of(archive, run).stability


def test_of_answers_in_two_shapes_the_share_that_stays_is_told(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = run(archive, BATCH, "ABCDA")
    assert stability_of(archive, first) is None
    second = run(archive, ALONE, "ABBD", seed=0, parallel=2)
    found = stability_of(archive, first)
    assert found is not None
    held = share([True, True, False, True])
    assert (found.share.value, found.share.n) == (75.0, 4)
    assert (found.share.low, found.share.high) == (100 * (held.low or 0), 100 * (held.high or 0))
    assert found.shapes == "here 8 sequences, streams, 2 threads; there one sequence, nothing shared, 1 thread"
    (third,) = [item.id for item in sample_task("medqa", tmp_path).items][2:]
    assert found.changed == (third,)
    other = stability_of(archive, second)
    assert other is not None
    assert (other.share, other.changed, other.here, other.there) == (found.share, (third,), found.there, found.here)


@pytest.mark.parametrize(
    "granted",
    [
        BATCH,
        replace(ALONE, kv_type="q8_0"),
        replace(ALONE, build="another"),
        replace(ALONE, flash_attention="on"),
        replace(ALONE, gpu_layers=2),
        replace(ALONE, packed=False),
        replace(ALONE, thinking_budget=5),
        replace(ALONE, rendering=replace(ALONE.rendering, template="sha256:other")),
    ],
)
def test_runs_that_differ_in_more_than_the_shape_or_in_nothing_tell_nothing(tmp_path: Path, granted: Granted) -> None:
    archive = tmp_path / "a.db"
    first = run(archive, BATCH, "ABC")
    run(archive, granted, "BBB", parallel=2)
    assert stability_of(archive, first) is None


def test_another_prompt_is_no_second_shape(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = run(archive, BATCH, "ABC")
    run(archive, ALONE, "BBB", seed=1, temperature=0.5)
    assert stability_of(archive, first) is None


def test_of_judged_texts_every_word_counts(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = run(archive, BATCH, "xyz", task="aci_bench")
    run(archive, ALONE, "xyw", task="aci_bench", parallel=2)
    found = stability_of(archive, first)
    assert found is not None
    assert (found.share.n, len(found.changed), found.compared) == (3, 1, "texts, word for word")


def test_the_newest_run_in_another_shape_is_taken(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = run(archive, BATCH, "ABC")
    run(archive, ALONE, "BBB", parallel=2)
    run(archive, replace(ALONE, threads=2), "ABC", parallel=3)
    found = stability_of(archive, first)
    assert found is not None
    assert found.share.value == 100.0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reading_threads": 8}, "here 8 sequences, streams; there 8 sequences, streams, 8 reading threads"),
        (
            {"batch": 64},
            "here 8 sequences, streams; there 8 sequences, streams, 64 tokens in a batch",
        ),
        (
            {"cells": 8},
            "here 8 sequences, streams, 32,768 tokens in the cache; there 8 sequences, streams, 8 tokens in the cache",
        ),
    ],
)
def test_shapes_of_as_many_sequences_are_told_apart(tmp_path: Path, fields: dict[str, Any], words: str) -> None:
    archive = tmp_path / "a.db"
    first = run(archive, BATCH, "ABC")
    run(archive, replace(BATCH, **fields), "ABC", parallel=2)
    found = stability_of(archive, first)
    assert found is not None and found.shapes == words


def test_a_part_is_asked_again_and_the_first_run_tells_it(say: Say, tmp_path: Path) -> None:
    words = ("run", "medqa", "medcalc", "--limit", "4", "--stability", "3", "--model", SMALL, "--threads", "1")
    said = document(say(*words, "--context", "2048", "--archive", tmp_path / "a.db", "--json"))
    with closing(Reader(tmp_path / "a.db")) as reader:
        second, first = reader.runs()
    assert (said["run"], first.status, second.status) == (first.id, "done", "done")
    assert (first.total, second.total) == (8, 6)
    for task in said["models"][0]["tasks"]:
        assert task["stability"]["n"] == 3
        assert task["stability"]["shapes"]["there"] == "one sequence, nothing shared"
        assert task["stability"]["shapes"]["here"].startswith("8 sequences")
        assert task["shapes"] == [task["stability"]["shapes"]["here"]]
    _, said_in_words, _ = say("archive", "results", first.id, "--archive", tmp_path / "a.db")
    assert said_in_words.count("Same in another shape") == 2
    assert all(f"failed  {task['shapes'][0]}" in said_in_words for task in said["models"][0]["tasks"])
    assert "another shape: here 8 sequences, " in said_in_words


def test_a_part_of_nothing_is_refused(say: Say) -> None:
    refused(say("run", "medqa", "--model", SMALL, "--stability", "0"), "--stability 0 leaves no items")
