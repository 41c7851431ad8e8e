"""Thoughts in outputs made elsewhere are set apart as those of the engine are; unfinished ones are no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.test_score import jsonl
from tests.conftest import Say, document, sample_task

RIGHT = {"medqa": "A", "pubmedqa": "yes", "ehrsql": "SELECT 1", "medec": "CORRECT", "gsm8k": "#### 7"}
"""What the scorer of each task reads as an answer."""
FORMS = (
    "<think>It may be {wrong}.</think>\n{answer}",
    "[THINK]It may be {wrong}.[/THINK]{answer}",
    "It may be {wrong}.\n</think>\n\n{answer}",
    "<|channel|>analysis<|message|>It may be {wrong}.<|end|><|start|>assistant<|channel|>final<|message|>{answer}",
)


def said(say: Say, tmp_path: Path, task: str, text: str) -> dict[str, str]:
    """Return what comes of a text as the first item's output."""
    first = sample_task(task, tmp_path).items[0]
    outputs = jsonl(tmp_path / "o.jsonl", {"id": first.id, "text": text})
    document_ = document(say("score", task, "--outputs", outputs, "--json"))
    item: dict[str, str] = document_["items"][0]
    return item | {"notes": " ".join(document_["notes"])}


@pytest.mark.parametrize("task", list(RIGHT))
@pytest.mark.parametrize("form", FORMS)
def test_the_answer_behind_thoughts_is_read_and_nothing_in_them(task: str, form: str, say: Say, tmp_path: Path) -> None:
    plain = said(say, tmp_path, task, RIGHT[task])
    found = said(say, tmp_path, task, form.format(wrong="B, no, SELECT 2", answer=RIGHT[task]))
    assert found.pop("notes").startswith("1 of 1 outputs begin with thoughts")
    assert plain.pop("notes") == ""
    assert found == plain


@pytest.mark.parametrize("task", list(RIGHT))
def test_thoughts_that_are_not_finished_are_unscored(task: str, say: Say, tmp_path: Path) -> None:
    found = said(say, tmp_path, task, f"<think>So the answer is {RIGHT[task]}")
    assert (found["outcome"], found["reason"]) == ("unscored", "thinking not finished")
    assert found["detail"] == "no end of thinking"


def test_a_mark_that_is_not_known_at_the_beginning_is_told(say: Say, tmp_path: Path) -> None:
    found = said(say, tmp_path, "medqa", "<musing>It may be B.</musing> Answer: A")
    assert "1 of 1 outputs begin with a mark that is not known, such as <musing>" in found["notes"]


def test_thoughts_behind_a_turns_head_are_unscored(say: Say, tmp_path: Path) -> None:
    found = said(say, tmp_path, "medqa", "<|im_start|>assistant\n<THINK>\nSo the answer is A")
    assert (found["outcome"], found["reason"]) == ("unscored", "thinking not finished")
