"""Form by form: the statement that a text's author meant, as a table of form and verdict."""

from __future__ import annotations

import sqlite3
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item
from medic_console.scoring.answers.sql import read_sql
from tests.scoring.answers.built import MANY

ITEM = Item("1", {})
PLAIN = "SELECT drug FROM p"


def read(text: str) -> str | None:
    answer = read_sql(text, ITEM)
    return answer.value if isinstance(answer, Answer) else None


FORMS = [
    "SELECT drug FROM p",
    "SELECT drug FROM p;",
    "SELECT drug FROM p ;  ",
    "\ufeffSELECT drug FROM p",
    "SQL: SELECT drug FROM p",
    "SQL query (SQLite): SELECT drug FROM p",
    "SQL query: SELECT drug FROM p;\nThis lists the drugs.",
    "Here is the query: SELECT drug FROM p",
    "Here is the query: `SELECT drug FROM p`",
    "Here is the query:\nSELECT drug FROM p",
    "The query is SELECT drug FROM p",
    "The query would be `SELECT drug FROM p`, which lists the drugs.",
    "`SELECT drug FROM p`",
    "`SELECT drug FROM p;`",
    "``SELECT drug FROM p``",
    '"SELECT drug FROM p"',
    "'SELECT drug FROM p;'",
    "**SELECT drug FROM p**",
    "> SELECT drug FROM p",
    "1. SELECT drug FROM p",
    "sqlite> SELECT drug FROM p;",
    "<sql>SELECT drug FROM p</sql>",
    '{"sql": "SELECT drug FROM p"}',
    '```json\n{"query": "SELECT drug FROM p;", "confidence": 1}\n```',
    "```sql\nSELECT drug FROM p;\n```",
    "```\nSELECT drug FROM p\n```",
    "```SELECT drug FROM p```",
    "```sqlite\nSELECT drug FROM p",
    "~~~sql\nSELECT drug FROM p\n~~~",
    "Here is the query:\n\n```sql\nSELECT drug FROM p;\n```\nIt selects every drug.",
    "-- all drugs\nSELECT drug FROM p",
    "/* all drugs */ SELECT drug FROM p",
    "SELECT drug FROM p -- all of them",
    "SELECT drug FROM p; -- all of them",
    "SELECT drug FROM p /* it's all */",
    "SELECT drug FROM p\n\nThis lists the drugs.",
    "SELECT drug FROM p\nThis lists the drugs.",
    "SELECT drug FROM p\n\nIn this query, every drug is listed.",
    "SELECT drug FROM p\n\nAs you can see, it is short.",
    "SELECT drug FROM p\n\n(It lists the drugs.)",
    "SELECT drug FROM p\n---\nDone.",
    "SELECT drug FROM p\n**Explanation:** all drugs",
    "SELECT drug FROM p;\nSelect the rows with care.",
    "SELECT drug FROM p;\nSelect rows with care.",
    "SELECT drug FROM p; With this query all is told.",
    "SELECT drug FROM p; Update the schema if it differs.",
    "Select the drugs of the table.\n\nSELECT drug FROM p",
    "We use SELECT, then FROM.\nSELECT drug FROM p",
]


@pytest.mark.parametrize("text", FORMS)
def test_the_statement_is_found(text: str) -> None:
    assert read(text) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "null",
        "NULL",
        " Null. ",
        "null;",
        "'null'",
        '"null"',
        "`null`",
        "**null**",
        "SQL: null",
        "The answer is null.",
        "```sql\nnull\n```",
        "```null```",
        '{"sql": null}',
        '{"query": "null"}',
        "It cannot be answered.\nnull",
        "null\n\nThe tables hold no such column.",
        "null\nSELECT drug FROM p",
        "null (no table holds it)",
        "null - there is no such column",
        "NULL because the tables hold no such column",
        "The question cannot be answered: null",
        "I cannot answer this. null",
    ],
)
def test_the_lone_word_null_is_an_abstention(text: str) -> None:
    assert read(text) == "null"


@pytest.mark.parametrize(
    "text",
    [
        "I cannot answer",
        "the value is null here",
        "The value is not null.",
        "null;SELECT drug FROM p",
        "If it cannot be answered: null",
        "DROP TABLE p",
        "With regret, no.",
        "With this as a start, no.",
        "Select the drugs of the table.",
        "select all patients who are male",
        "SELECT statements are needed here.",
        "The keyword `SELECT` is needed.",
        "```",
    ],
)
def test_anything_else_is_unreadable(text: str) -> None:
    assert read(text) is None


def test_select_null_is_a_statement() -> None:
    assert read("SELECT null") == "SELECT null"
    assert read("This cannot be: null\nSELECT dod FROM p") == "SELECT dod FROM p"
    assert read("Null values are left out.\nSELECT dod FROM p") == "SELECT dod FROM p"
    assert read("Note: dod null\nSELECT dod FROM p") == "SELECT dod FROM p"


@pytest.mark.parametrize(
    "text",
    [
        "WITH t AS (SELECT 1) SELECT * FROM t",
        "WITH t AS (SELECT 1)\n\nSELECT * FROM t",
        "WITH t AS (\n\nSELECT 1\n),\n\nu AS (SELECT 2)\n\nSELECT * FROM t, u",
        "WITH t AS (SELECT 1)\nThis AS (SELECT 2)\nSELECT 1",
        "WITH t(n) AS (SELECT 1)\n\n\nSELECT n FROM t",
        "with recursive t(n) as (select 1) select n from t",
        "with t as materialized (select 1) select * from t",
        "SELECT ';' FROM p WHERE x = 'a;b'",
        "SELECT 'it''s; -- fine' FROM p",
        "SELECT '/* no */' FROM p",
        "SELECT `a` FROM `p` WHERE `b` = 1",
        "SELECT drug\n\nFROM p\n\nWHERE (\n\n1)",
        "SELECT drug\nFROM p\nWHERE x = 1",
        "SELECT drug,\n\n  dose\nFROM p",
        "SELECT drug\nFrom p\nWhere x = 1",
        "Select drug From p\n\nWhere x = 1",
        "SELECT\n  drug\nFROM p",
        "SELECT 1\nUNION\n\nSELECT 2",
        "SELECT*FROM p",
    ],
)
def test_statements_are_kept_whole(text: str) -> None:
    assert read(text) == text


def test_comments_are_left_out_before_lines_are_joined() -> None:
    text = "SELECT drug -- the drug's name\nFROM p /* one; two */ WHERE 1 -- all"
    assert " ".join(str(read(text)).split()) == "SELECT drug FROM p WHERE 1"


def test_names_in_backticks_do_not_end_a_quotation() -> None:
    assert read("`SELECT `a` FROM `p`` lists it.") == "SELECT `a` FROM `p`"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1; DROP TABLE p",
        "SELECT 1; SELECT 2",
        "SELECT 1; -- then\nselect 2",
        "SELECT 1;; SELECT 2",
        "SELECT 1;\nPRAGMA table_info(p)",
    ],
)
def test_a_second_statement_is_kept_so_that_the_sandbox_refuses_both(text: str) -> None:
    assert read(text) == text


COLUMNS = st.sampled_from(["drug", "count(*)", "'it''s; -- x'", '"dose"', "`drug`", "drug, dose", "max(dose) AS m"])
TAILS = st.sampled_from(["", " WHERE dose > 1", "\nWHERE drug = 'a;b'", " GROUP BY drug\n\nORDER BY drug", " LIMIT 3"])
COMMENTS = st.sampled_from(["", " -- the drug's rows\n", " /* it's; all */ "])
BEFORE = st.sampled_from(["", "Here is the query:\n", "SQL: ", "-- it's all\n", "The table p has it.\n\n", "/* a */ "])
BEHIND = st.sampled_from(["", ";", ";\nSelect it with care.", "\n\nThis lists it.", "; -- done", "\nNote: it's short."])


@MANY
@given(COLUMNS, TAILS, COMMENTS, BEFORE, BEHIND, st.sampled_from(["", "```", "WITH q AS (SELECT 1)\n\n"]))
def test_a_statement_gives_what_it_gives_without_the_words_around_it(
    columns: str, tail: str, comment: str, before: str, behind: str, around: str
) -> None:
    with_part = around if around.startswith("WITH") else ""
    plain = f"{with_part}SELECT {columns} FROM p{tail}"
    text = f"{with_part}SELECT {columns}{comment or ' '}FROM p{tail}{behind}"
    text = f"{before}\n```sql\n{text}\n```" if around == "```" else f"{before}{text}"
    connection = sqlite3.connect(":memory:")
    connection.executescript("CREATE TABLE p (drug, dose); INSERT INTO p VALUES ('x', 2), ('a;b', 3);")
    found = str(read(text)).replace("\n", " ")
    assert connection.execute(found).fetchall() == connection.execute(plain).fetchall()
    connection.close()


@pytest.mark.parametrize(
    "part", [":/*", "; --\n", "\n", "`", "SELECT ", "(", "'", ": SELECT `", "WITH a AS (", '"sql": ']
)
def test_a_long_text_is_read_in_no_time(part: str) -> None:
    began = time.monotonic()
    read(part * 30_000)
    read("SELECT 1 " + part * 30_000)
    assert time.monotonic() - began < 5
