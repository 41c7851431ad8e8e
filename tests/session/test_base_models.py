"""A base model without a chat template: plain prompts for completion, told beside every figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.driver import Control
from medic_console.audit.prepare import NO_TEMPLATE, Choice, build_plan, known_tasks
from medic_console.audit.runner import Runner
from medic_console.core.records import FinishReason, Message, Output, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.template.chat_template import ChatTemplate
from medic_console.engine.template.completion import COMPLETION, NOTE
from medic_console.suite.prompts import another_question
from medic_console.suite.task_file import read_task
from medic_console.testing.random_model import CHATML, Shape, write_random_model
from tests.audit.test_runner import Notes
from tests.conftest import QUICK, ROOT, Say, Scripts, document, fake_model, make_plan, refused, sample_task

SHOTS = (
    Message("system", "Answer with one letter."),
    Message("user", "Question: Which?\nA. this"),
    Message("assistant", "A"),
    Message("user", "Question: And now?\nA. that"),
)


@pytest.fixture(scope="session")
def base_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model whose file has no chat template."""
    return write_random_model(tmp_path_factory.mktemp("base") / "base.gguf", Shape(seed=6, name="base", template=""))


def test_a_prompt_for_completion_is_plain_text_that_ends_where_the_answer_begins() -> None:
    assert ChatTemplate(COMPLETION).render(SHOTS) == (
        "Answer with one letter.\n\nQuestion: Which?\nA. this\nAnswer: A\n\nQuestion: And now?\nA. that\nAnswer:"
    )
    assert ChatTemplate(COMPLETION).render(SHOTS[1:2]) == "Question: Which?\nA. this\nAnswer:"
    assert ChatTemplate(COMPLETION).notes == (NOTE,)


@pytest.mark.parametrize(
    ("task", "stops"),
    [
        ("pubmedqa", ("\nAbstract:", "\nAnswer:")),
        ("ehrsql", ("\nQuestion:", "\nAnswer:")),
        ("medec", ("\nAnswer:",)),
        ("healthbench", ("\nAnswer:",)),
    ],
)
def test_an_answer_ends_where_the_model_goes_on_with_a_question_of_its_own(task: str, stops: tuple[str, ...]) -> None:
    assert another_question(read_task(ROOT / "tasks" / task / "task.toml"), "Answer:") == stops


def test_such_ends_are_asked_of_a_base_model_alone(tmp_path: Path) -> None:
    def script(prompt: Prompt) -> Output:
        return Output("SELECT 1", FinishReason.STOP)

    base, other = replace(fake_model("base"), template=COMPLETION), fake_model("other")
    scripts = Scripts(base=script, other=script)
    plan = make_plan([sample_task("ehrsql", tmp_path, limit=1)], [base, other])
    list(Runner(plan, scripts.start, Notes(), Control()).events())
    assert [prompt.stop for prompt in scripts.seen] == [("\nQuestion:", "\nAnswer:"), ()]


def test_a_file_without_a_template_is_audited_for_completions_where_that_is_asked(
    base_model: Path, tmp_path: Path, say: Say
) -> None:
    archive = tmp_path / "a.db"
    options = ("--limit", "2", "--model", base_model, "--archive", archive, *QUICK, "--json")
    refused(say("run", "medqa", "pubmedqa", *options), "no chat template", "--chat-template none")
    assert not archive.exists()
    found = document(say("run", "medqa", "pubmedqa", *options, "--chat-template", "none"))
    (model,) = found["models"]
    assert model["prompt_notes"] == [NOTE]
    assert [task["counts"]["failed"] for task in model["tasks"]] == [0, 0]
    items = document(say("archive", "items", "medqa", "--archive", archive, "--json"))["items"]
    shown = ("archive", "items", "medqa", "--item", items[0]["item"], "--archive", archive)
    request, weighed = document(say(*shown, "--json"))["traces"][0]["requests"]
    assert (request["step"], weighed["step"]) == ("answer", "labels")
    assert request["rendered"]["text"].endswith("\nAnswer:")
    assert request["rendered"]["note"].endswith("the digest agrees")
    assert NOTE in " ".join(say(*shown)[1].split())


def test_runs_with_and_without_a_template_are_told_apart(random_model: Path, tmp_path: Path, say: Say) -> None:
    archive = tmp_path / "a.db"
    options = ("--limit", "2", "--model", random_model, "--archive", archive, *QUICK, "--json")
    plain = document(say("run", "medqa", *options, "--chat-template", "none"))["run"]
    tasks = known_tasks().tasks
    chosen = Choice(["medqa"], [random_model], settings=RunSettings(gpu_layers="0"))
    own, none = (build_plan(replace(chosen, template=named), tasks) for named in (None, NO_TEMPLATE))
    assert (own.settings.chat_template, none.settings.chat_template) == ("own", "none")
    assert own.key() != none.key()
    named = tmp_path / "named.jinja"
    named.write_text(CHATML)
    assert build_plan(replace(chosen, template=named), tasks).settings.chat_template.startswith("sha256:")
    other = write_random_model(tmp_path / "two.gguf", Shape(seed=2, name="two"))
    usual = document(say("run", "medqa", *options[:2], "--model", other, *options[4:]))["run"]
    notes = document(say("compare", "one", "two", "--archive", archive, "--json"))["notes"]
    assert f"The runs differ in chat template: none in {plain}, own in {usual}." in notes
    assert f"one: {NOTE}." in notes


def test_a_judge_keeps_the_template_that_it_has(base_model: Path, random_model: Path) -> None:
    settings = RunSettings(gpu_layers="0")
    chosen = Choice(["aci_bench"], [base_model], [random_model], limit=1, template=NO_TEMPLATE, settings=settings)
    plan = build_plan(chosen, known_tasks().tasks)
    assert plan.candidates[0].template == COMPLETION
    assert plan.judges[0].template == CHATML
    swapped = build_plan(replace(chosen, candidates=[random_model], judges=[base_model]), known_tasks().tasks)
    assert {model.template for model in (*swapped.candidates, *swapped.judges)} == {COMPLETION}
