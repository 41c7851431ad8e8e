"""MEDEC's official submission file, in and out, and stored runs that are scored anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item
from medic_console.results.reader import Reader
from medic_console.scoring.answers.medec import read_medec
from medic_console.session.outputs import is_submission, parse_line, submission_line
from tests.conftest import QUICK, Say, document, refused, sample_task

NOTE = Item("ms-1", {"text_id": "ms-1", "sentences": "0 He came.\n1 5 days ago he fell.\n2 He was given a drug."})


def golds(tmp_path: Path) -> list[str]:
    """Return the reference answers as a submission, in the form of the official example."""
    lines = []
    for item in sample_task("medec", tmp_path, limit=None).items:
        gold = item.gold
        said = f'"{gold["correction"]}"' if gold["flag"] else "NA"
        lines.append(f"{item.id} {gold['flag']} {gold['sentence_id']} {said}")
    return lines


def score(say: Say, path: Path, *words: str | Path) -> dict[str, Any]:
    return document(say("score", "medec", "--outputs", path, *words, "--json"))


def test_a_submission_of_the_reference_answers_is_perfect(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("\n".join(golds(tmp_path)) + "\n\n", "utf-8")
    record = score(say, path)
    assert record["counts"] == {"scored": 16, "unscored": 0, "failed": 0}
    for name in ("flag_accuracy", "sentence_accuracy", "rouge_l", "bleu_4"):
        assert record["metrics"][name]["value"] == pytest.approx(100.0)


def test_lines_of_another_form_are_ignored_and_missing_notes_count_as_wrong(say: Say, tmp_path: Path) -> None:
    lines = golds(tmp_path)
    path = tmp_path / "run.txt"
    path.write_text("\n".join([lines[0], "ms-sample-01 no line", *lines[2:]]), "utf-8")
    record = score(say, path)
    assert any(
        "1 line is not in the submission format and ignored; the first is line 2." in note for note in record["notes"]
    )
    assert record["counts"] == {"scored": 15, "unscored": 1, "failed": 0}
    flags = record["metrics"]["flag_accuracy"]
    assert (flags["value"], flags["answered"]["value"]) == (pytest.approx(100 * 15 / 16), 100.0)
    assert (flags["n"], flags["answered"]["n"], flags["chance"]) == (16, 15, 50.0)


def test_a_submission_for_an_unknown_note_or_twice_for_one_is_refused(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    path.write_text("ms-val-0 0 -1 NA\n", "utf-8")
    refused(say("score", "medec", "--outputs", path), "run.txt, line 1", "no item has the id ms-val-0")
    path.write_text("ms-sample-00 0 -1 NA\nms-sample-00 0 -1 NA\n", "utf-8")
    refused(say("score", "medec", "--outputs", path), "run.txt, line 2", "was given before")


def test_what_is_written_reads_as_what_was_said(say: Say, tmp_path: Path) -> None:
    said = {"ms-sample-00": "CORRECT", "ms-sample-01": '4 She is told "to rest".', "ms-sample-02": "I do not know."}
    outputs, written = tmp_path / "o.jsonl", tmp_path / "run.txt"
    outputs.write_text("".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in said.items()), "utf-8")
    record = score(say, outputs, "--submission", written)
    assert written.read_text("utf-8") == 'ms-sample-00 0 -1 NA\nms-sample-01 1 4 "She is told "to rest"."\n'
    assert any(note.startswith("2 of 16 answers were written to") for note in record["notes"])
    again = score(say, written)
    for name in ("flag_accuracy", "sentence_accuracy", "rouge_l"):
        assert again["metrics"][name] == record["metrics"][name]


ANSWERS = st.one_of(
    st.just({"flag": 0, "sentence_id": -1, "correction": None}),
    st.fixed_dictionaries(
        {
            "flag": st.just(1),
            "sentence_id": st.integers(0, 2),
            "correction": st.none() | st.text("aé1 \"'.,-", max_size=9),
        }
    ),
)


@given(ANSWERS)
def test_a_line_reads_back_as_the_answer_that_it_states(answer: dict[str, Any]) -> None:
    line = submission_line("ms-1", answer)
    assert is_submission(line) and parse_line(line) == "ms-1"
    read = read_medec(line, NOTE)
    assert isinstance(read, Answer)
    correction = " ".join((answer["correction"] or "").split()).strip('" ')
    assert read.value == {**answer, "correction": correction or None}


@pytest.mark.parametrize("text", ["", "{}", '{"id": "a", "text": "b"}', "ms-1 1", "ms-1 1 x y", "CORRECT"])
def test_what_is_no_submission_is_not_taken_for_one(text: str) -> None:
    assert not is_submission(text)


def test_a_task_without_a_submission_format_is_refused(say: Say, tmp_path: Path) -> None:
    outputs = tmp_path / "o.jsonl"
    outputs.write_text('{"id": "medqa-sample-01", "text": "A"}\n', "utf-8")
    words = ("--outputs", outputs, "--submission", tmp_path / "s.txt")
    refused(say("score", "medqa", *words), "medqa has no official submission file")
    assert not (tmp_path / "s.txt").exists()


def test_a_stored_run_is_scored_anew_with_the_same_figures_and_written_as_a_submission(
    say: Say, random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    archive, written = tmp_path / "a.db", tmp_path / "run.txt"
    words = ("--limit", "3", *QUICK, "--archive", archive, "--json")
    models = ("--model", random_model, "--model", other_model)
    run = document(say("run", "medec", "medqa", *models, *words))
    for result in run["models"]:
        for task in result["tasks"]:
            stored = ("--run", run["run"], "--model", result["name"], "--archive", archive)
            anew = document(say("score", task["task"], *stored, "--json"))
            assert {name: anew[name] for name in ("counts", "metrics", "multiple_choice")} == {
                name: task[name] for name in ("counts", "metrics", "multiple_choice")
            }
    say("score", "medec", "--run", run["run"], "--model", "one", "--archive", archive, "--submission", written)
    reader = Reader(archive)
    rows = reader.items(run["run"], "medec", run["models"][0]["sha256"], "")
    reader.close()
    assert written.read_text("utf-8").count("\n") == sum(row.outcome == "scored" for row in rows)


def test_a_run_that_is_not_there_or_a_candidate_that_is_not_named_is_refused(
    say: Say, random_model: Path, other_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"
    words = ("--limit", "1", *QUICK, "--archive", archive, "--json")
    run = document(say("run", "medec", "--model", random_model, "--model", other_model, *words))["run"]
    stored = ("--run", run, "--archive", archive)
    refused(say("score", "medec", *stored), "names no single candidate", "one, two")
    refused(say("score", "medec", *stored, "--model", "three"), "--model three names no single candidate")
    refused(say("score", "medqa", *stored, "--model", "one"), f"Run {run} has no task medqa")
    refused(say("score", "medec", "--run", "2000-01-01-001", "--archive", archive), "There is no run 2000-01-01-001")
