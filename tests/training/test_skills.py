"""Each skill writes answers that the package's own readers and scorers take for right."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.core.records import Answer, FinishReason, Item, Label, Output
from medic_console.scoring.answers.read import read_answer
from medic_console.scoring.methods.replies import parse_questions, read_label
from medic_console.scoring.sql.ehrsql import score
from training import notes
from training.facts import story
from training.measures import Told, error, note, number, questions, refusal, sql
from training.mixture import SKILLS, write
from training.shipped import Example, ask, shipped
from training.skills import cef, instructions
from training.world import World


def examples(name: str, count: int = 60, seed: int = 11) -> list[Example]:
    """Return examples of a skill itself."""
    world = World(random.Random(seed), facts=(3, 9))
    found: list[Example] = []
    while len(found) < count:
        found += [example for example in write(world, name) if example.skill == name]
    return found[:count]


def said(example: Example, text: str | None = None) -> Output:
    """Return the output of a model that gives the example's answer, or another text."""
    return Output(example.answer if text is None else text, FinishReason.STOP)


@pytest.mark.parametrize("name", sorted(SKILLS))
def test_every_skill_writes_answers_to_prompts_of_the_shipped_tasks(name: str) -> None:
    world = World(random.Random(1))
    for _ in range(5):
        for example in write(world, name):
            assert example.answer.strip()
            assert example.open or example.answer.strip() == example.answer
            assert example.messages[-1].role == "user"
            assert "{" not in example.messages[-1].content.replace("\\boxed{", "")


def test_a_list_of_questions_is_read_whole_and_asks_nothing_twice() -> None:
    for example in examples("questions"):
        listed = parse_questions(example.answer, cef.COUNT)
        assert list(listed.questions) == example.facts
        assert not listed.dropped


def test_an_answer_to_a_question_begins_with_its_label() -> None:
    labels: dict[Label | None, int] = {}
    for example in examples("cross", 200):
        label = read_label(example.answer.split(",", 1)[0])
        labels[label] = labels.get(label, 0) + 1
        assert label is not None and label.value == example.facts
    assert min(labels.values()) > 30 and len(labels) == 3


def test_every_query_runs_on_the_shipped_database() -> None:
    for example in examples("sql", 200):
        item = Item("one", {"question": ""}, example.answer)
        answer = read_answer("sql", example.answer, item)
        assert isinstance(answer, Answer)
        result = score(item, answer, shipped("ehrsql").resources)
        assert result.values == {"rs": 1.0}
        assert result.sql is None or not any(side.error for side in result.sql)


def test_the_letter_of_a_choice_is_that_of_its_key() -> None:
    for example in examples("choice"):
        letter, key = example.answer.split(". ", 1)
        assert f"\n{letter}. {key}" in example.messages[-1].content
        assert letter == example.facts


@pytest.mark.parametrize("task", ["medcalc", "gsm8k", "aime24"])
def test_the_last_line_of_a_sum_is_read_as_its_value(task: str) -> None:
    reader = shipped(task).task.answer_reader
    system = ask(task, note="", question="", problem="")[0]
    mine = [example for example in examples("numbers", 200) if example.messages[0] == system]
    assert mine
    for example in mine:
        answer = read_answer(reader, example.answer, Item("one", {"output_type": "decimal"}, example.facts))
        assert isinstance(answer, Answer)
        assert float(re.findall(r"-?[0-9.]+", answer.shown)[-1]) == float(example.facts)


def test_a_corrected_sentence_replaces_the_one_that_its_number_names() -> None:
    found = examples("errors", 100)
    for example in found:
        if example.answer != "CORRECT":
            wrong, corrected = example.answer.split(" ", 1)
            lines = dict(line.split(" ", 1) for line in example.messages[-1].content.splitlines())
            assert lines[wrong] != corrected
            shown, right = lines[wrong].split(), corrected.split()
            assert shown[0] == right[0] or shown[-1] == right[-1]
    assert 30 < sum(example.answer == "CORRECT" for example in found) < 70


@pytest.mark.parametrize("maker", instructions.MAKERS, ids=lambda maker: maker.__name__)
def test_the_answer_to_an_instruction_follows_it(maker: Callable[[World, str, str], tuple[str, str]]) -> None:
    world = World(random.Random(4))
    for _ in range(4):
        asked, answer = maker(world, "Tell a patient about fever.", "fever|rest, water and sleep")
        assert asked != answer
        if "all capital" in asked:
            assert answer == answer.upper()
        if "lowercase" in asked:
            assert answer == answer.lower()
        if "commas" in asked:
            assert "," not in answer
        if "exact phrase: " in asked:
            assert answer.endswith(asked.split("exact phrase: ")[1].split(" No other")[0])


def test_measures_give_the_right_answer_everything_and_a_wrong_one_nothing() -> None:
    for measure, name in ((sql, "sql"), (refusal, "safety"), (number, "numbers")):
        for example in examples(name, 20):
            assert set(measure(example, said(example)).values()) == {1.0}
            wrong = "I cannot help." if example.facts == "help" else "It is 1e9 then -5.25"
            assert set(measure(example, said(example, wrong)).values()) == {0.0}
    for example in examples("errors", 20):
        assert set(error(example, said(example)).values()) == {1.0}
        assert error(example, said(example, "77 Nothing."))["sentence"] == 0.0


def test_a_note_of_all_facts_is_measured_whole_and_one_with_an_invented_sentence_is_not() -> None:
    world = World(random.Random(8))
    for _ in range(20):
        told = story(world, 7)
        for text in (notes.soap(world, told), notes.headed(world, told)):
            each = Told(Example("soap", (), ""), tuple(told.facts))
            assert note(each, Output(text, FinishReason.STOP)) == {"recall": 1.0, "precision": 1.0}
            spoilt = note(each, Output(f"{text} Sees a dragon.", FinishReason.STOP))
            assert spoilt["precision"] < 1 and spoilt["recall"] == 1


def test_a_list_with_a_question_about_something_else_is_not_grounded() -> None:
    world = World(random.Random(9))
    told = story(world, 6)
    example = cef.listed(told, notes.prose(world, told))
    each = Told(example, tuple(told.facts))
    assert set(questions(each, said(example)).values()) == {1.0}
    strange = example.answer.replace('"]', '", "Does the patient fly?"]')
    assert questions(each, said(example, strange))["grounded"] == 0.0
    twice = example.answer.replace('"]', f'", "{example.facts[0]}"]')
    assert questions(each, said(example, twice))["distinct"] == 0.0
    cut = replace(said(example, example.answer[:-3]), finish=FinishReason.LENGTH)
    assert questions(each, cut)["valid"] == 0.0


def test_the_shipped_database_is_where_the_scorer_finds_it() -> None:
    assert Path(shipped("ehrsql").resources["database"]).is_file()
