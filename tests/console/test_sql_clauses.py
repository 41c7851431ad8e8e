"""Two queries clause by clause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.console.inspect.item.parts import state_of
from medic_console.console.inspect.sql.clauses import compare, tables_of
from medic_console.core.records import Outcome, Score


@pytest.mark.parametrize(
    ("predicted", "gold", "differing"),
    [
        ("SELECT max(a) FROM t", "SELECT min(a) FROM t", ("SELECT",)),
        ("SELECT a, b FROM t", "SELECT b, a FROM t", ("SELECT",)),
        ("SELECT DISTINCT a FROM t", "SELECT a FROM t", ("SELECT",)),
        ("SELECT a FROM t", "SELECT a FROM t JOIN u ON t.x = u.x", ("FROM",)),
        ("SELECT a FROM t WHERE x = 1", "SELECT a FROM t WHERE x = 2", ("WHERE",)),
        ("SELECT a FROM t WHERE x = 'Ab'", "SELECT a FROM t WHERE x = 'ab'", ("WHERE",)),
        ("SELECT a FROM t GROUP BY a HAVING count(*) > 1", "SELECT a FROM t GROUP BY a", ("GROUP",)),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC LIMIT 1", ("ORDER", "LIMIT")),
        ("SELECT a FROM t UNION SELECT b FROM u", "SELECT a FROM t UNION ALL SELECT b FROM u", ("UNION",)),
        ("WITH c AS (SELECT 1) SELECT a FROM c", "WITH c AS (SELECT 2) SELECT a FROM c", ("WITH",)),
        ("SELECT a FROM t WHERE x IN (SELECT b FROM u)", "SELECT a FROM t WHERE x IN (SELECT b FROM v)", ("WHERE",)),
    ],
)
def test_the_clauses_that_differ_are_named(predicted: str, gold: str, differing: tuple[str, ...]) -> None:
    found = compare(predicted, gold)
    assert found.by_clause
    assert found.differing == differing
    assert not set(found.same) & set(differing)


def test_layout_case_and_the_order_of_conditions_make_no_difference() -> None:
    found = compare("select A\nfrom T where X = 1 and y = 2", "SELECT a FROM t WHERE Y = 2 AND x = 1")
    assert (found.differing, found.same) == ((), ("SELECT", "FROM", "WHERE"))


def test_conditions_joined_by_or_are_not_taken_for_conditions_joined_by_and() -> None:
    assert compare("SELECT a FROM t WHERE x = 1 OR y = 2", "SELECT a FROM t WHERE x = 1 AND y = 2").differing == (
        "WHERE",
    )


def test_changed_words_are_marked_in_clauses_that_differ_only() -> None:
    found = compare("SELECT a FROM t WHERE y = 2 AND x = 1 LIMIT 1", "SELECT a FROM t WHERE x = 1 AND y = 2 LIMIT 5")
    for query, words in ((found.predicted, ["1"]), (found.gold, ["5"])):
        assert [query.text[slice(*span)] for span in query.changed] == words


def test_every_line_names_its_clause() -> None:
    found = compare("SELECT a FROM t LEFT JOIN u ON t.x = u.x WHERE b IN (SELECT c FROM v) LIMIT 1 OFFSET 2", "null")
    lines = dict(zip(found.predicted.text.split("\n"), found.predicted.clauses, strict=True))
    assert lines["LEFT JOIN u"] == "FROM"
    assert lines["    FROM v"] == "WHERE"
    assert lines["OFFSET 2"] == "LIMIT"


@pytest.mark.parametrize("text", ["SELEC a FRO t", "", "(" * 5000, "'", "SELECT a FROM t; DROP TABLE t", "x " * 20_000])
def test_what_does_not_parse_is_compared_as_text(text: str) -> None:
    found = compare(text, "SELECT a FROM t")
    assert not found.by_clause
    assert found.predicted.text == text


def test_an_abstention_has_no_clauses() -> None:
    assert not compare(" NULL ", "SELECT a FROM t").by_clause


def test_the_tables_of_a_query_are_those_of_its_subqueries_too() -> None:
    assert tables_of("SELECT a FROM T JOIN u WHERE x IN (SELECT y FROM v)") == {"t", "u", "v"}


@given(st.text(max_size=60))
def test_no_text_breaks_the_comparison(text: str) -> None:
    found = compare(text, f"SELECT {text}")
    for query in (found.predicted, found.gold):
        assert len(query.clauses) == query.text.count("\n") + 1
        assert all(0 <= start < end <= len(query.text) for start, end in query.changed)


@pytest.mark.parametrize(
    ("verdict", "glyph", "variable"),
    [
        ("wrong rows", "✗", "label-no"),
        ("query error", "✗", "label-no"),
        ("should have abstained", "✗", "label-no"),
        ("abstained wrongly", "○", "label-idk"),
        ("abstained rightly", "✓", "label-yes"),
    ],
)
def test_another_models_query_is_marked_as_on_its_own_screen(verdict: str, glyph: str, variable: str) -> None:
    shown = state_of(Score(Outcome.SCORED, {}, verdict=verdict))
    assert (shown.glyph, shown.word, shown.variable) == (glyph, verdict, variable)
