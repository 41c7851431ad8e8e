"""Templates that lose what is asked, from the file to the figures: made whole and told everywhere, or refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.events import ItemScored
from medic_console.audit.sizing import fits
from medic_console.core.records import Outcome
from medic_console.results import diagnostics
from medic_console.session.audit import Audit
from medic_console.testing.random_model import CHATML, Shape, write_random_model
from tests.conftest import QUICK, Say, document, real_plan, refused, sample_task
from tests.engine.test_template import NO_BRANCH, TYPED

PARTS = "the chat template takes turns as lists of typed parts: each text is given as one"
MERGED = "the chat template takes no system turn: it is put before the first user turn"
LAST = "[user]{{ messages[-1]['content'] }}[assistant]"
LOSES_STOP = CHATML.replace("['content']", "['content'].split('STOP')[0]")


def model(folder: Path, template: str, name: str = "lossy") -> Path:
    """Write a small model whose file carries a template."""
    return write_random_model(folder / f"{name}.gguf", Shape(seed=4, name=name, template=template))


@pytest.mark.parametrize(("template", "note"), [(TYPED, PARTS), (NO_BRANCH, MERGED)])
def test_every_prompt_of_a_run_is_whole_and_how_it_was_made_is_told_everywhere(
    template: str, note: str, tmp_path: Path, say: Say
) -> None:
    file, archive = model(tmp_path, template), tmp_path / "a.db"
    inspected = document(say("models", "inspect", file, "--json"))
    assert inspected["prompt_notes"] == [note]
    assert "SYSTEM TURN" in inspected["prompt"]
    options = ("--model", file, "--limit", "3", "--archive", archive, *QUICK, "--multiple-choice", "likelihood")
    fit = document(say("run", "pubmedqa", *options, "--dry-run", "--json"))
    assert fit["warnings"][0] == f"lossy: {note}."
    assert fit["models"][0]["notes"] == [note]
    (task,) = fit["models"][0]["tasks"]
    assert "one word: yes, no or maybe" in task["prompt"]
    assert f"! {note}" in " ".join(say("run", "pubmedqa", *options, "--dry-run")[1].split())
    found = document(say("run", "pubmedqa", *options, "--json"))
    assert found["models"][0]["prompt_notes"] == [note]
    assert f"! {note}" in " ".join(say("archive", "results", "--archive", archive)[1].split())
    items = document(say("archive", "items", "pubmedqa", "--archive", archive, "--json"))["items"]
    texts = set()
    for item in items:
        shown = document(say("archive", "items", "pubmedqa", "--item", item["item"], "--archive", archive, "--json"))
        (request,) = shown["traces"][0]["requests"]
        assert request["rendered"]["note"].endswith("the digest agrees")
        assert "one word: yes, no or maybe" in request["rendered"]["text"]
        assert note in request["granted"]["notes"]
        texts.add(request["rendered"]["text"])
    assert len(texts) == 3
    assert note in diagnostics.chat_templates(archive).popitem()[1]


def test_marks_of_thoughts_that_nobody_knows_are_told_everywhere(tmp_path: Path, say: Say) -> None:
    file, archive = model(tmp_path, CHATML + "{% if 0 %}<|deep_reason|>{% endif %}"), tmp_path / "a.db"
    note = (
        "the chat template names marks of thoughts that are not known; thoughts in them are read as answers: "
        "<|deep_reason|>"
    )
    assert document(say("models", "inspect", file, "--json"))["prompt_notes"] == [note]
    options = ("--model", file, "--limit", "1", "--archive", archive, *QUICK, "--json")
    assert document(say("run", "medqa", *options, "--dry-run"))["models"][0]["notes"] == [note]
    assert document(say("run", "medqa", *options))["models"][0]["prompt_notes"] == [note]


def test_models_that_were_asked_otherwise_are_compared_with_a_note(
    tmp_path: Path, random_model: Path, say: Say
) -> None:
    file, archive = model(tmp_path, NO_BRANCH), tmp_path / "a.db"
    options = ("--limit", "2", "--archive", archive, *QUICK, "--json")
    document(say("run", "medqa", "--model", file, "--model", random_model, *options))
    compared = document(say("compare", "lossy", "one", "--archive", archive, "--json"))
    assert f"lossy: {MERGED}." in compared["notes"]
    assert not [note for note in compared["notes"] if note.startswith("one:")]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("A constant text.", "it writes the same prompt whatever is asked"),
        (CHATML.replace("{{ message['content'] }}", ""), "the text of the user turn does not reach the prompt"),
        ("{{ 1 / 0 }}", "ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_whose_template_loses_the_question_is_refused_and_no_run_is_made(
    template: str, why: str, tmp_path: Path, say: Say
) -> None:
    file, archive = model(tmp_path, template), tmp_path / "a.db"
    code, out, _ = say("models", "inspect", file)
    assert code == 2
    for part in ("no:", why, "--chat-template"):
        assert part in " ".join(out.split())
    refused(say("run", "medqa", "--model", file, "--archive", archive), "lossy.gguf", why, "--chat-template")
    assert not archive.exists()


def test_a_template_of_one_user_turn_asks_no_task_with_more(tmp_path: Path, say: Say) -> None:
    file = model(tmp_path, LAST)
    options = ("--model", file, "--limit", "2", *QUICK)
    said = say("run", "medqa", *options, "--shots", "3")
    refused(said, "takes one user turn alone, and medqa asks with examples", "--shots 0")
    refused(say("run", "healthbench", *options[:2]), "healthbench asks with earlier turns", "Leave healthbench out")
    assert document(say("run", "medqa", *options, "--json"))["models"][0]["tasks"][0]["counts"]["failed"] == 0


def test_a_prompt_that_one_item_alone_loses_is_counted_before_and_fails_in_the_run(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path)
    first, others = loaded.items[0], loaded.items[1:]
    stopped = replace(first, fields={**first.fields, "question": "Doses: 1 mg. STOP if in pain."})
    lossy = replace(loaded, items=(stopped, *others))
    plan = real_plan([lossy], [model(tmp_path, LOSES_STOP)])
    (fit,) = fits(plan, tmp_path / "log")
    (task,) = fit.tasks
    assert (task.unformed, task.prompts) == (1, 3)
    assert "the text of the user turn does not reach the prompt" in task.fault
    assert str(others[0].fields["question"]) in task.shown
    scored = [event for event in Audit(tmp_path / "a.db", plan).events() if isinstance(event, ItemScored)]
    failed = [event for event in scored if event.score.outcome is Outcome.FAILED]
    assert [event.ref.item for event in failed] == [first.id]
    assert failed[0].score.detail == task.fault
    assert len(scored) == 3
