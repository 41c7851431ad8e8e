"""Multiple choice in two modes, and examples before an item."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.commands.run import CHOICE_MODES
from medic_console.core.errors import TaskFileError, UsageError
from medic_console.core.records import Message
from medic_console.core.run_settings import AUTO, Asking
from medic_console.suite.ask_options import MODES, as_asked
from medic_console.suite.prompts import check_examples, item_prompt
from medic_console.suite.task import Example, Task
from medic_console.suite.task_file import load_tasks, parse_task
from tests.conftest import ROOT, sample_task

TASKS = load_tasks(ROOT / "tasks").tasks
CHOICES = {"medqa", "medmcqa", "mmlu_pro", "pubmedqa", "toxigen"}
TEXT = (ROOT / "tasks" / "medqa" / "task.toml").read_text("utf-8")
PATH = Path("somewhere/task.toml")


def test_every_bundled_task_asks_without_examples_and_weighs_options_by_default() -> None:
    assert {task.id for task in TASKS.values() if task.multiple_choice} == CHOICES
    assert {TASKS[name].multiple_choice for name in CHOICES} == {"likelihood"}
    assert {task.prompt.shots for task in TASKS.values()} == {0}
    assert (AUTO, *MODES) == CHOICE_MODES


@pytest.mark.parametrize("name", sorted(CHOICES | {"gsm8k"}))
def test_examples_are_of_one_kind_with_the_items_and_none_of_them_is_one(name: str, tmp_path: Path) -> None:
    loaded = sample_task(name, tmp_path, limit=None)
    examples = loaded.task.prompt.examples
    asked = as_asked(loaded.task, Asking(shots=len(examples)))
    check_examples(asked, loaded.items, loaded.shared)
    turns = item_prompt(asked, loaded.items[0], loaded.shared, "p").messages
    assert [turn.role for turn in turns] == ["system", *["user", "assistant"] * len(examples), "user"]
    assert len(examples) >= 3
    plain = item_prompt(loaded.task, loaded.items[0], loaded.shared, "p")
    assert (turns[0], turns[-1]) == (plain.messages[0], plain.messages[-1])


def test_as_many_examples_are_shown_as_were_asked_for() -> None:
    task = as_asked(TASKS["medqa"], Asking(shots=2))
    item = sample_task("medqa", Path("unused")).items[0]
    turns = item_prompt(task, item, {}, "p").messages
    first, second = task.prompt.examples[:2]
    assert turns[2] == Message("assistant", first.answer)
    assert first.fields["question"] in turns[1].content and "A. Aspirin alone" in turns[1].content
    assert second.fields["question"] in turns[3].content
    assert len(turns) == 6


def test_a_choice_by_generated_text_asks_without_labels() -> None:
    item = sample_task("medqa", Path("unused")).items[0]
    generated = as_asked(TASKS["medqa"], Asking("generated"))
    prompt = item_prompt(generated, item, {}, "p")
    assert (prompt.labels, generated.multiple_choice) == ((), "generated")
    assert prompt.messages == item_prompt(TASKS["medqa"], item, {}, "p").messages
    assert as_asked(generated, Asking("likelihood")).prompt == TASKS["medqa"].prompt


def test_a_task_that_is_no_multiple_choice_asks_as_ever() -> None:
    assert as_asked(TASKS["medcalc"], Asking("generated")) is TASKS["medcalc"]
    assert as_asked(TASKS["medcalc"], Asking(shots=0)) is TASKS["medcalc"]


def test_what_a_run_changes_is_part_of_the_tasks_digest() -> None:
    asked = [Asking(), Asking("generated"), Asking(shots=1), Asking(shots=2), Asking("generated", 1)]
    assert len({as_asked(TASKS["medqa"], one).digest for one in asked}) == len(asked)
    assert as_asked(TASKS["medqa"], Asking("likelihood", 0)).digest == TASKS["medqa"].digest


def test_examples_are_part_of_the_files_digest() -> None:
    plain = parse_task(TEXT, PATH).digest
    for old, new in (("shots = 0", "shots = 1"), ("Aspirin alone", "Aspirin"), ('answer = "B"', 'answer = "C"')):
        assert TEXT.replace(old, new, 1) != TEXT
        assert parse_task(TEXT.replace(old, new, 1), PATH).digest != plain


def test_more_examples_than_there_are_is_refused() -> None:
    with pytest.raises(UsageError, match="--shots 6: the task medqa has 5 examples") as caught:
        as_asked(TASKS["medqa"], Asking(shots=6))
    assert "0 to 5" in caught.value.hint
    with pytest.raises(UsageError, match="--shots -1"):
        as_asked(TASKS["medqa"], Asking(shots=-1))


def with_example(task: Task, example: Example) -> Task:
    return replace(task, prompt=replace(task.prompt, examples=(example,), shots=1))


def test_an_example_that_is_asked_too_is_refused_whatever_its_blanks(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path, limit=None)
    item = loaded.items[4]
    question = "  " + str(item.fields["question"]).upper().replace(" ", "\n")
    task = with_example(loaded.task, Example({**item.fields, "question": question}, "A"))
    with pytest.raises(TaskFileError, match=f"an example of the prompt is item {item.id} itself"):
        check_examples(task, loaded.items, loaded.shared)
    check_examples(task, loaded.items[:4], loaded.shared)


def test_an_example_without_a_field_of_the_prompt_is_named(tmp_path: Path) -> None:
    loaded = sample_task("medqa", tmp_path)
    task = with_example(loaded.task, Example({"question": "Which?"}, "A"))
    with pytest.raises(TaskFileError, match='names "options", which example 1 does not have'):
        item_prompt(task, loaded.items[0], {}, "p")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("shots = 0", "shots = 6", '"prompt.shots" is 6, it must be 0 to 5'),
        ("shots = 0", "shots = -1", '"prompt.shots" is -1'),
        ('answer = "B"', 'answer = "E"', '"answer" of example 1 is "E", its labels are A, B, C, D'),
        ('answer = "B"', "answer = 2", '"prompt.examples.answer" must be of type text'),
        ('answer = "B"\n', "", 'missing key "prompt.examples.answer"'),
        ('question = "A 58', 'question = ["A"]\nx = "A 58', '"prompt.examples.fields" must be of type values'),
        ('user = """\nQuestion: {question}\n{options}"""', 'conversation = "turns"', '"prompt.examples" goes with'),
    ],
)
def test_examples_that_cannot_be_used_are_named_with_their_line(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(TaskFileError) as caught:
        parse_task(TEXT.replace(old, new, 1), PATH)
    assert message in caught.value.message
    assert f"{PATH}, line " in caught.value.message
