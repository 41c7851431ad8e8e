"""Answers of MEDEC are said in words, beside their keys."""

from __future__ import annotations

import pytest

from medic_console.results.answer_words import MEDEC, answer_in_words
from medic_console.results.item_kinds import key_in_words, short_key
from medic_console.suite.task_file import load_tasks
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 -1 NA", "no error"),
        ('1 4 "She is told to rest."', "error in sentence 4: She is told to rest."),
        ('1 4 "She is told "to rest"."', 'error in sentence 4: She is told "to rest".'),
        ("1 2 NA", "error in sentence 2"),
        ("1 -1 NA", "an error, sentence not named"),
        ("4 She is told to rest.", "4 She is told to rest."),
    ],
)
def test_an_official_line_is_said_in_words(line: str, said: str) -> None:
    assert answer_in_words(MEDEC, line) == said
    assert answer_in_words("choice", line) == line


def test_it_is_the_scorer_of_the_task() -> None:
    assert load_tasks(ROOT / "tasks").tasks["medec"].scorer == MEDEC


def test_a_key_is_said_in_the_same_words() -> None:
    gold = {"flag": 1, "sentence_id": 4, "correction": "She is told to rest."}
    assert short_key(gold) == answer_in_words(MEDEC, '1 4 "She is told to rest."')
    assert key_in_words({"flag": 0, "sentence_id": -1, "correction": "NA"}) == "no error"
    assert key_in_words({"lower": 1, "upper": 2}) == "lower 1, upper 2"
