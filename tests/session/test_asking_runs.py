"""What a run changes in how its tasks ask: from the command line to the archive and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from medic_console.audit.sizing import fits
from medic_console.core.records import Outcome
from medic_console.core.run_settings import Asking
from medic_console.results.reader import Reader
from medic_console.session.audit import restore_plan
from medic_console.suite.ask_options import as_asked
from tests.conftest import CHOOSE, QUICK, Say, document, fake_model, make_plan, real_plan, refused, sample_task


@pytest.mark.parametrize("mode", ["likelihood", "generated"])
def test_the_mode_of_multiple_choice_is_kept_with_every_score(
    mode: str, say: Say, random_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"
    words = ("--limit", "2", *QUICK, "--archive", archive, "--multiple-choice", mode)
    record = document(say("run", "medqa", "medcalc", "--model", random_model, *words, "--json"))
    by_task = {task["task"]: task for task in record["models"][0]["tasks"]}
    assert by_task["medqa"]["multiple_choice"] == mode
    assert by_task["medcalc"]["multiple_choice"] == ""
    reader = Reader(archive)
    sha256 = record["models"][0]["sha256"]
    trace = reader.trace(record["run"], "medqa", "medqa-sample-01", sha256, "")
    reader.close()
    assert trace.scorer == f"choice 7, {mode}"
    assert trace.task.multiple_choice == mode
    assert bool(trace.calls[0].prompt["labels"]) is (mode == "likelihood")
    assert restore_plan(archive, record["run"]).tasks[0].task.multiple_choice == mode


def test_the_tables_say_how_a_task_asked(say: Say, random_model: Path, tmp_path: Path) -> None:
    words = ("--limit", "1", *QUICK, "--archive", tmp_path / "a.db", "--shots", "2", "--multiple-choice", "generated")
    code, out, _ = say("run", "medqa", "--model", random_model, *words)
    assert code == 0
    assert "by generated text, 2 examples before each item" in " ".join(out.split())


def test_two_modes_are_two_runs() -> None:
    one, two, three = (
        make_plan([], [fake_model("a")], **asked).key()
        for asked in ({}, {"multiple_choice": "generated"}, {"shots": 1})
    )
    assert len({one, two, three}) == 3


def test_a_mode_that_no_task_has_is_refused(say: Say, random_model: Path) -> None:
    refused(
        say("run", "medcalc", "--model", random_model, "--multiple-choice", "generated"),
        "none of the tasks is multiple choice",
    )


def test_examples_that_a_task_does_not_have_are_refused_before_a_run(say: Say, random_model: Path) -> None:
    refused(say("run", "medec", "--model", random_model, "--shots", "2"), "the task medec has no examples", "[[prompt")


def test_examples_count_in_the_fit_and_are_read_once(say: Say, random_model: Path, tmp_path: Path) -> None:
    loaded = sample_task("gsm8k", tmp_path)
    asked = as_asked(loaded.task, Asking(shots=3))
    plans = [real_plan([sample_task("gsm8k", tmp_path, task=task)], [random_model]) for task in (loaded.task, asked)]
    (plain,), (longer,) = (list(fits(plan, tmp_path / "log")) for plan in plans)
    assert longer.tasks[0].longest > plain.tasks[0].longest + 400
    archive = tmp_path / "a.db"
    words = ("--limit", "3", "--threads", "1", "--context", "2048", "--gpu-layers", "0", "--parallel", "2", *CHOOSE)
    record = document(
        say("run", "medqa", "--model", random_model, *words, "--shots", "3", "--archive", archive, "--json")
    )
    assert record["models"][0]["tasks"][0]["shots"] == 3
    reader = Reader(archive)
    sha256 = record["models"][0]["sha256"]
    rows = reader.items(record["run"], "medqa", sha256, "")
    traces = [reader.trace(record["run"], "medqa", row.item, sha256, "") for row in rows]
    reader.close()
    assert [row.outcome for row in rows] == [Outcome.SCORED] * 3
    assert max(trace.calls[0].output.reused_tokens for trace in traces) > 400


def test_outputs_made_elsewhere_count_as_generated(say: Say, tmp_path: Path) -> None:
    outputs = tmp_path / "o.jsonl"
    outputs.write_text('{"id": "medqa-sample-01", "text": "A"}\n')
    assert document(say("score", "medqa", "--outputs", outputs, "--json"))["multiple_choice"] == "generated"
