from __future__ import annotations

import pytest

from medic_console.records import Answer, Item
from medic_console.scoring.reading.sql import read_sql

ITEM = Item("1", {})


def read(text: str) -> str | None:
    answer = read_sql(text, ITEM)
    return answer.value if isinstance(answer, Answer) else None


@pytest.mark.parametrize(
    "text",
    [
        "SELECT drug FROM p",
        "SELECT drug FROM p;",
        "SELECT drug FROM p ;  ",
        "SQL: SELECT drug FROM p",
        "SQL query: SELECT drug FROM p;\nThis lists the drugs.",
        "```sql\nSELECT drug FROM p;\n```",
        "```\nSELECT drug FROM p\n```",
        "```sqlite\nSELECT drug FROM p",
        "Here is the query:\n\n```sql\nSELECT drug FROM p;\n```\nIt selects every drug.",
        "Here is the query:\nSELECT drug FROM p",
        "SELECT drug FROM p\n\nThis lists the drugs.",
        "SELECT drug FROM p; -- all of them",
    ],
)
def test_the_statement_is_found(text: str) -> None:
    assert read(text) == "SELECT drug FROM p"


@pytest.mark.parametrize(
    "text", ["null", "NULL", " Null. ", "'null'", '"null"', "`null`", "SQL: null", "```sql\nnull\n```"]
)
def test_the_lone_word_null_is_an_abstention(text: str) -> None:
    assert read(text) == "null"


def test_null_on_the_first_line_counts_and_prose_after_it_does_not() -> None:
    assert read("null\n\nThe tables hold no such column.") == "null"


@pytest.mark.parametrize(
    "text", ["I cannot answer", "the value is null here", "DROP TABLE p", "With regret, no.", "```"]
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert read(text) is None


def test_select_null_is_a_statement() -> None:
    assert read("SELECT null") == "SELECT null"


@pytest.mark.parametrize(
    "text",
    [
        "WITH t AS (SELECT 1) SELECT * FROM t",
        "with recursive t(n) as (select 1) select n from t",
        "SELECT ';' FROM p WHERE x = 'a;b'",
        "SELECT 'it''s; -- fine' FROM p",
        'SELECT ";" FROM p /* one; two */ WHERE 1',
        "SELECT drug\n\nFROM p\n\nWHERE (\n\n1)",
        "SELECT drug\nFROM p\nWHERE x = 1",
    ],
)
def test_statements_are_kept_whole(text: str) -> None:
    assert read(text) == text


def test_a_second_statement_is_kept_so_that_the_sandbox_refuses_both() -> None:
    text = "SELECT 1; DROP TABLE p"
    assert read(text) == text
