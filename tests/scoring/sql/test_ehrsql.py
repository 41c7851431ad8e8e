"""Rules: EHRSQL 2024, reliability score (glee4810/ehrsql-2024, scoring_program/scoring_utils.py)."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from medic_console.core.errors import ItemsError
from medic_console.core.records import Answer, Item, Outcome, Reason
from medic_console.scoring.sql.ehrsql import score

GOLD = "SELECT count(*) FROM patients WHERE gender = 'm'"
SAME = "SELECT sum(gender = 'm')\nFROM patients"


def answer(sql: str) -> Answer:
    return Answer(sql, sql)


@pytest.mark.parametrize(
    ("gold", "given", "rs", "verdict"),
    [
        (GOLD, SAME, 1, "right"),
        (GOLD, GOLD, 1, "right"),
        (GOLD, "SELECT 7", -1, "wrong rows"),
        (GOLD, "SELECT nothing", -1, "query error"),
        (GOLD, "null", 0, "abstained wrongly"),
        ("null", "null", 1, "abstained rightly"),
        ("null", GOLD, -1, "should have abstained"),
        ("null", "SELECT nothing", -1, "should have abstained"),
    ],
)
def test_each_case_of_the_reliability_score(database: Path, gold: str, given: str, rs: int, verdict: str) -> None:
    scored = score(Item("1", {}, gold), answer(given), {"database": database})
    assert scored.outcome is Outcome.SCORED
    assert scored.values == {"rs": rs}
    assert scored.verdict == verdict
    assert [result.side for result in scored.sql] == ["predicted", "gold"]


def test_both_results_and_the_difference_are_kept(database: Path) -> None:
    scored = score(Item("1", {}, GOLD), answer("SELECT subject_id FROM patients"), {"database": database})
    assert scored.detail == "got 300 rows, gold 1 row"
    assert scored.sql[0].row_count == 300
    assert scored.sql[1].rows == ((150,),)


def test_an_abstention_has_no_statement(database: Path) -> None:
    scored = score(Item("1", {}, GOLD), answer("null"), {"database": database})
    assert (scored.sql[0].sql, scored.sql[0].error) == ("", "")


def test_queries_are_normalised_before_they_are_compared_and_executed(database: Path) -> None:
    scored = score(
        Item("1", {}, "SELECT current_time"),
        answer("SELECT\n  '2100-12-31 23:59:00'"),
        {"database": database},
    )
    assert scored.verdict == "right"
    assert scored.sql[1].sql == "SELECT '2100-12-31 23:59:00'"


@pytest.mark.parametrize(
    "clock",
    [
        *(
            "current_time",
            "CURRENT_TIME",
            "current_timestamp",
            "CURRENT_TIMESTAMP",
            "datetime('now')",
            "datetime('Now')",
        ),
        *("datetime()", "datetime(julianday())", "datetime(unixepoch(), 'unixepoch')", "strftime('%Y-%m-%d %H:%M:%S')"),
        *("CURRENT_DATE || ' ' || time()", "date() || ' 23:59:00'", "datetime('now', 'localtime')", "NOW()"),
        "DATE_ADD('2100-12-30 23:59:00', INTERVAL 1 DAY)",
    ],
)
def test_no_word_for_now_tells_the_day_of_the_scoring(database: Path, clock: str) -> None:
    scored = score(Item("1", {}, "SELECT current_time"), answer(f"SELECT {clock}"), {"database": database})
    assert scored.verdict == "right", scored.sql[0]


@pytest.mark.parametrize(
    ("gold", "given", "verdict"),
    [
        ("SELECT count(*) FROM patients", "SELECT count(*) * 1.0 FROM patients", "right"),
        ("SELECT 2.5", "SELECT '2.50'", "right"),
        ("SELECT 0.12345", "SELECT 0.124", "wrong rows"),
        ("SELECT 0.12345", "SELECT 0.123", "right"),
        ("SELECT subject_id FROM patients", "SELECT subject_id FROM patients ORDER BY subject_id DESC", "right"),
        ("SELECT subject_id AS a FROM patients", "SELECT subject_id AS b FROM patients", "right"),
        ("SELECT 1 WHERE 0", "SELECT 2 WHERE 0", "right"),
        ("SELECT 1, 2", "SELECT 2, 1", "wrong rows"),
    ],
)
def test_results_are_compared_as_the_official_script_does(database: Path, gold: str, given: str, verdict: str) -> None:
    assert score(Item("1", {}, gold), answer(given), {"database": database}).verdict == verdict


@pytest.mark.parametrize(
    ("given", "outcome", "verdict"),
    [
        ("SELECT x  FROM gone", Outcome.SCORED, "right"),
        ("null", Outcome.SCORED, "abstained wrongly"),
        ("SELECT 1", Outcome.UNSCORED, Reason.GOLD_UNUSABLE),
    ],
)
def test_a_gold_query_that_fails(database: Path, given: str, outcome: Outcome, verdict: str) -> None:
    scored = score(Item("1", {}, "SELECT x FROM gone"), answer(given), {"database": database})
    assert (scored.outcome, scored.verdict) == (outcome, verdict)
    assert "no such table" in scored.sql[1].error


def test_a_very_long_statement_is_a_query_error(database: Path) -> None:
    scored = score(Item("1", {}, GOLD), answer("SELECT '" + "a " * 500_000 + "'"), {"database": database})
    assert scored.verdict == "query error"
    assert "characters" in scored.detail


def test_a_replaced_database_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite"
    for number in (1, 2):
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        connection.execute(f"CREATE TABLE t AS SELECT {number} AS n")
        connection.commit()
        connection.close()
        os.utime(path, ns=(number, number))
        scored = score(Item("1", {}, "SELECT n FROM t"), answer(f"SELECT {number}"), {"database": path})
        assert scored.verdict == "right"


def test_a_missing_database_is_said(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match="database"):
        score(Item("1", {}, GOLD), answer(GOLD), {})
    with pytest.raises(ItemsError, match=r"gone\.sqlite"):
        score(Item("1", {}, GOLD), answer(GOLD), {"database": tmp_path / "gone.sqlite"})
