from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medic_console.core.errors import ItemsError
from medic_console.core.records import SqlResult
from medic_console.scoring.sql.sandbox import GRACE_SECONDS, Sandbox, on_side
from medic_console.scoring.sql.statement import MAX_ROWS

DEADLINE = 0.3
ENDLESS = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) "
DOUBLING = "WITH a0(x) AS (SELECT 1)" + "".join(
    f", a{n}(x) AS (SELECT p.x FROM a{n - 1} p,a{n - 1} q)" for n in range(1, 30)
)
TRIPLING = "WITH a0(x) AS (SELECT subject_id FROM patients)" + "".join(
    f", a{n}(x) AS (SELECT x + x + x FROM a{n - 1})" for n in range(1, 40)
)


@pytest.fixture
def sandbox(database: Path) -> Iterator[Sandbox]:
    made = Sandbox(database, deadline=DEADLINE)
    yield made
    made.close()


def run(sandbox: Sandbox, sql: str) -> SqlResult:
    return sandbox.execute(sql).result


def test_a_query_gives_columns_rows_and_their_number(sandbox: Sandbox) -> None:
    result = run(sandbox, "SELECT subject_id AS id, weight FROM patients WHERE subject_id < 4 ORDER BY 1")
    assert result.columns == ("id", "weight")
    assert result.rows == ((1, 1.0001), (2, 2.0002), (3, None))
    assert (result.row_count, result.capped, result.error) == (3, False, "")


def test_a_hundred_rows_are_kept_and_all_are_counted(sandbox: Sandbox) -> None:
    result = run(sandbox, "SELECT * FROM patients")
    assert (len(result.rows), result.row_count, result.capped) == (100, 300, False)


def test_counting_stops_at_the_cap_and_says_so(database: Path) -> None:
    made = Sandbox(database, deadline=30)
    result = run(made, "SELECT a.subject_id FROM patients a, patients b, patients c")
    made.close()
    assert (len(result.rows), result.row_count, result.capped) == (100, MAX_ROWS, True)


def test_text_that_is_not_utf_8_loses_its_bad_bytes(sandbox: Sandbox) -> None:
    assert run(sandbox, "SELECT body FROM notes").rows == (("ab",),)


def test_a_statement_is_executed_once(sandbox: Sandbox) -> None:
    assert sandbox.execute("SELECT random()") is sandbox.execute("SELECT random()")


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("ATTACH 'other.db' AS other", "not allowed"),
        ("PRAGMA query_only = 0", "not allowed"),
        ("SELECT * FROM pragma_table_info('patients')", "not allowed"),
        ("INSERT INTO patients VALUES (999, 'm', 1)", "not allowed"),
        ("UPDATE patients SET gender = 'x'", "not allowed"),
        ("DELETE FROM patients", "not allowed"),
        ("DROP TABLE patients", "not allowed"),
        ("CREATE TABLE x (a)", "not allowed"),
        ("CREATE TEMP TABLE x (a)", "not allowed"),
        ("VACUUM INTO 'copy.db'", "not allowed"),
        ("BEGIN IMMEDIATE", "not allowed"),
        ("SELECT load_extension('x.so')", "load_extension"),
        ("SELECT randomblob(2000000000)", "too big"),
        ("SELECT zeroblob(2000000000)", "too big"),
        ("SELECT hex(zeroblob(60000))", "too big"),
        ("SELECT " + " + ".join(["instr(hex(zeroblob(30000)), hex(zeroblob(15000)) || 1)"] * 300), ""),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELECT 1\0", "null character"),
        ("SELECT '\ud800'", "Unicode"),
        ("SELECT '" + "a" * 1_000_000 + "'", "characters"),
        ("SELECT " + "(" * 5_000 + "1" + ")" * 5_000, "overflow"),
        (DOUBLING + " SELECT x FROM a29", ""),
        (TRIPLING + " SELECT x FROM a39", ""),
        ("SELECT " + ",".join(["printf('%.*c', 2147483647, 'x')"] * 20), "stopped after"),
        (ENDLESS + "SELECT count(*) FROM t", "stopped after 0.3 s"),
        ("SELECT count(*) FROM patients a, patients b, patients c, patients d, patients e", "stopped after"),
        ("SELECT a.subject_id FROM patients a, patients b, patients c ORDER BY random()", "stopped after"),
        (ENDLESS + "SELECT substr(hex(zeroblob(15000)), 1, 30000) FROM t", "stopped after"),
        (ENDLESS + "SELECT n, hex(randomblob(30000)) FROM t ORDER BY 2", ""),
        ("SELECT FROM", "syntax"),
        ("SELECT * FROM nowhere", "no such table"),
        ("SELECT ?", "binding"),
        ("", "not a query"),
        ("-- nothing", "not a query"),
    ],
    ids=lambda text: ascii(text[:50]),
)
def test_a_bad_statement_is_an_error_in_time_and_changes_nothing(
    sandbox: Sandbox, database: Path, sql: str, error: str
) -> None:
    before = hashlib.sha256(database.read_bytes()).hexdigest()
    files = sorted(database.parent.iterdir())
    started = time.monotonic()
    execution = sandbox.execute(sql)
    assert time.monotonic() - started < DEADLINE + GRACE_SECONDS + 4
    assert execution.result.error
    assert error in execution.result.error
    assert execution.key is None
    assert (execution.result.rows, execution.result.row_count) == ((), 0)
    assert hashlib.sha256(database.read_bytes()).hexdigest() == before
    assert sorted(database.parent.iterdir()) == files
    assert run(sandbox, "SELECT count(*) FROM patients").rows == ((300,),)


def test_what_models_write_is_allowed(sandbox: Sandbox) -> None:
    for sql in (
        "WITH t AS (SELECT gender, count(*) AS n FROM patients GROUP BY gender) SELECT * FROM t t1 JOIN t t2",
        "SELECT dense_rank() OVER (ORDER BY weight) FROM patients",
        "SELECT strftime('%Y', datetime('2100-12-31 23:59:00', '-1 year'))",
        "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t LIMIT 5) SELECT max(n) FROM t",
        "SELECT gender FROM patients UNION SELECT 'x' EXCEPT SELECT 'm'",
    ):
        assert run(sandbox, sql).error == ""


def test_a_database_that_is_gone_when_it_is_needed_is_named(tmp_path: Path, database: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(database.read_bytes())
    made = Sandbox(copy)
    copy.unlink()
    with pytest.raises(ItemsError, match=r"copy\.sqlite"):
        made.execute("SELECT 1")


def test_blobs_and_numbers_come_back_as_they_are(sandbox: Sandbox) -> None:
    result = run(sandbox, "SELECT x'00ff', 1e999, 1.5, 2, NULL, 'é', x''")
    assert result.rows == ((b"\x00\xff", float("inf"), 1.5, 2, None, "é", b""),)


def test_a_sandbox_may_be_used_from_another_thread(sandbox: Sandbox) -> None:
    results: list[SqlResult] = []
    thread = threading.Thread(target=lambda: results.append(run(sandbox, "SELECT 7")))
    thread.start()
    thread.join()
    assert results[0].rows == ((7,),)


def test_a_missing_or_foreign_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ItemsError, match=r"gone\.sqlite"):
        Sandbox(tmp_path / "gone.sqlite")
    text = tmp_path / "text.sqlite"
    text.write_text("not a database " * 100)
    with pytest.raises(ItemsError, match=r"text\.sqlite"):
        Sandbox(text)


def test_the_side_is_named_by_the_caller(sandbox: Sandbox) -> None:
    assert on_side(sandbox.execute("SELECT 1"), "gold").side == "gold"
