"""A small audit of a real instruct model; `.ci/run` fetches one and names its file in MEDIC_REAL_MODEL."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.views import ItemTrace
from medic_console.results.reader import Reader
from medic_console.results.rendered import rendered_prompt
from tests.conftest import Say, document

VARIABLE = "MEDIC_REAL_MODEL"
FILE = os.environ.get(VARIABLE, "")
TASKS = {"medqa": "question", "pubmedqa": "question", "medcalc": "question", "medec": "sentences", "ifeval": "prompt"}
"""The tasks, and the field of an item that its prompt must hold."""
LIMIT = 2
WORDS = ("--model", FILE, "--limit", str(LIMIT), "--threads", "1", "--gpu-layers", "0", "--json")

pytestmark = pytest.mark.skipif(not FILE, reason=f"{VARIABLE} names no GGUF file of a real instruct model")


def traces(archive: Path, record: dict[str, Any], task: str) -> list[ItemTrace]:
    """Return what the archive holds of each item of a task."""
    sha256 = record["models"][0]["sha256"]
    with closing(Reader(archive)) as reader:
        rows = reader.items(record["run"], task, sha256, "")
        return [reader.trace(record["run"], task, row.item, sha256, "") for row in rows]


def test_a_real_model_is_asked_whole_and_every_item_has_an_outcome(say: Say, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    record = document(say("run", *TASKS, *WORDS, "--archive", archive))
    (model,) = record["models"]
    assert model["file_name"] == Path(FILE).name
    assert model["name"]
    assert [task["task"] for task in model["tasks"]] == list(TASKS)
    prompts: list[str] = []
    for task in model["tasks"]:
        assert task["counts"]["failed"] == 0
        assert sum(task["counts"].values()) == LIMIT
        told = traces(archive, record, task["task"])
        assert len(told) == LIMIT
        for trace in told:
            shown = rendered_prompt(trace.calls[0])
            assert shown.agrees
            assert str(trace.fields[TASKS[task["task"]]]).strip() in shown.text
            prompts.append(shown.text)
    assert len(set(prompts)) == LIMIT * len(TASKS)


def test_a_sequential_run_of_a_real_model_repeats_itself(say: Say, tmp_path: Path) -> None:
    written = []
    for name in ("a.db", "b.db"):
        record = document(say("run", "medec", *WORDS, "--sequential", "--archive", tmp_path / name))
        written.append([trace.generated for trace in traces(tmp_path / name, record, "medec")])
    assert written[0] == written[1]
    assert all(text.strip() for text in written[0])
