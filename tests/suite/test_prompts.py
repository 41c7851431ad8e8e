from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import TaskFileError
from medic_console.core.records import Item, Message
from medic_console.suite.prompts import fill, item_prompt, messages
from medic_console.suite.task import Task
from medic_console.suite.task_file import read_task
from tests.conftest import ROOT

NAMES = st.sampled_from(["a", "b", "note_1"])


def task(**prompt: object) -> Task:
    plain = read_task(ROOT / "tasks" / "medqa" / "task.toml")
    return replace(plain, prompt=replace(plain.prompt, **prompt))  # type: ignore[arg-type]


ITEM = Item("i", {"question": "Which one?", "options": {"A": "this", "B": "that"}})


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("Dear {name},", "Dear Ann,"),
        ("{name}{name}", "AnnAnn"),
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{Ann}"),
        ("{options}", "A. one\nB. two"),
        ("{list}", "x\ny"),
        ("{number}", "7"),
        ("{ name } {1} {}", "{ name } {1} {}"),
        ("", ""),
    ],
)
def test_placeholders_are_filled(template: str, filled: str) -> None:
    values = {"name": "Ann", "options": {"A": "one", "B": "two"}, "list": ["x", "y"], "number": 7}
    assert fill(template, values) == filled


def test_what_a_value_holds_is_not_filled_again() -> None:
    assert fill("{a} {b}", {"a": "{b} {{ }} {a}", "b": "x"}) == "{b} {{ }} {a} x"


@given(st.text(), st.text(), NAMES)
def test_any_value_comes_through_whole(before: str, value: str, name: str) -> None:
    template = before.replace("{", "{{").replace("}", "}}") + "{" + name + "}"
    assert fill(template, {name: value}) == before + value


def test_a_placeholder_without_a_value_is_an_error() -> None:
    with pytest.raises(KeyError, match="missing"):
        fill("{missing}", {"a": 1})


def test_turns_lose_their_outer_blank_lines_and_an_empty_system_turn_goes() -> None:
    assert messages("", "\n ask {x}\n\n", {"x": 1}) == (Message("user", "ask 1"),)
    assert messages("\nbe {x}\n", "ask", {"x": "brief"}) == (Message("system", "be brief"), Message("user", "ask"))


def test_a_choice_asks_for_the_keys_of_its_field() -> None:
    prompt = item_prompt(task(), ITEM, {}, "p", seed=3)
    assert (prompt.id, prompt.labels, prompt.seed, prompt.max_tokens) == ("p", ("A", "B"), 3, 512)
    assert prompt.messages[-1] == Message("user", "Question: Which one?\nA. this\nB. that")


def test_text_is_asked_for_without_labels() -> None:
    prompt = item_prompt(task(mode="generate", stop=("END",)), ITEM, {}, "p")
    assert (prompt.labels, prompt.stop) == ((), ("END",))


def test_an_items_own_field_goes_before_a_shared_one() -> None:
    shared = {"question": "The shared one?", "schema": "beds (n)"}
    prompt = item_prompt(task(user="{schema} {question}"), ITEM, shared, "p")
    assert prompt.messages[-1].content == "beds (n) Which one?"


@pytest.mark.parametrize("prompt", [{"user": "{queston}"}, {"system": "{queston}"}, {"labels": "queston"}])
def test_a_prompt_that_names_an_unknown_field_is_a_fault_of_the_task_file(prompt: dict[str, str]) -> None:
    with pytest.raises(TaskFileError, match='names "queston", which item i does not have') as caught:
        item_prompt(task(**prompt), ITEM, {"schema": "x"}, "p")
    assert caught.value.hint == "Its fields are: options, question, schema."
    assert str(Path("medqa") / "task.toml") in caught.value.message
