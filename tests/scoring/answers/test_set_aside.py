"""Queries that a text sets aside, and answers of which it says that nothing can be said, or that hold for some."""

from __future__ import annotations

import pytest

from tests.scoring.answers.test_letter import read as letter
from tests.scoring.answers.test_sql import read as sql
from tests.scoring.answers.test_yes_no_maybe import read as word


@pytest.mark.parametrize(
    "text",
    [
        "Replace `SELECT 1` with `SELECT 2`",
        "Change the query `SELECT 1` to `SELECT 2`",
        "`SELECT 1` is wrong; use `SELECT 2`",
        "A common mistake is `SELECT 1`. The right query is `SELECT 2`",
        "```sql\nSELECT 1\n```\nThis is wrong.\n```sql\nSELECT 2\n```",
        "First draft:\nSELECT 1\n\nFinal:\nSELECT 2",
        "First draft: `SELECT 1`\nFinal: `SELECT 2`",
    ],
)
def test_a_query_that_is_set_aside_is_not_the_answer(text: str) -> None:
    assert sql(text) == "SELECT 2"


def test_a_query_that_is_called_wrong_alone_or_followed_by_null_is_unreadable() -> None:
    assert sql("`SELECT 1` is wrong.") is None
    assert sql("```sql\nSELECT 1\n```\nBut the table does not hold this, so: null") is None


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("[SQL]SELECT 1[/SQL]", "SELECT 1"),
        ("```sql\nSELECT 1\n```\nThis query is right.", "SELECT 1"),
        ("SELECT 1;\n\nThis returns null if there is none.", "SELECT 1"),
    ],
)
def test_what_stands_around_a_query_leaves_it(text: str, query: str) -> None:
    assert sql(text) == query


@pytest.mark.parametrize(
    "before",
    [
        *("It is too early to conclude that", "It is premature to say", "Insufficient evidence to say that"),
        *("Evidence is lacking that", "Little supports that", "There is not enough data to say that"),
        *("Nothing shows that", "It is hard to say whether", "The data are too limited to claim that"),
    ],
)
def test_where_nothing_can_be_said_nothing_is_claimed(before: str) -> None:
    assert word(f"{before} the answer is yes.") is None
    assert letter(f"{before} the answer is B.") is None
    assert word(f"{before} it helps all, but the answer is yes.") == "yes"


def test_an_answer_for_some_and_another_for_others_are_two() -> None:
    assert word('The answer is "yes" if smokers, "no" otherwise') is None
    assert letter("The answer is B for adults and C for children.") is None
    assert letter("The answer is B in adults but C in children.") is None
    assert letter("The answer is B for adults and children.") == "B"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        *(("Answer (A-D): B", "B"), ("Answer [A/B/C/D]: C", "C"), ("Answer (A, B, C or D): B", "B")),
        *(("Final: C", "C"), ("Final - C", "C")),
    ],
)
def test_a_mark_with_the_labels_there_are_is_read(text: str, label: str) -> None:
    assert letter(text) == label
