"""Statements that make much of little: what comes back is bounded in bytes, and the deadline holds."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from medic_console.scoring.sql import sandbox as sandboxes
from medic_console.scoring.sql.result_sets import comparison_key
from medic_console.scoring.sql.sandbox import Sandbox
from medic_console.scoring.sql.statement import KEPT_BYTES
from medic_console.scoring.sql.wire import execution_line

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) SELECT "


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path = tmp_path_factory.mktemp("sql") / "a.sqlite"
    with closing(sqlite3.connect(path)) as made:
        made.execute("CREATE TABLE t (a)")
    box = Sandbox(path, deadline=2.0)
    box.execute("SELECT 1")
    yield box
    box.close()


def test_rows_are_kept_by_bytes_too_and_all_are_counted(sandbox: Sandbox) -> None:
    wide = NUMBERS + ", ".join(["'x' || hex(zeroblob(30000)) || i"] * 6) + " FROM n"
    execution = sandbox.execute(wide)
    result = execution.result
    assert (result.error, result.row_count, result.capped) == ("", 200, False)
    assert 0 < len(result.rows) < 100
    assert sum(len(cell) for row in result.rows for cell in row) <= KEPT_BYTES
    assert len(execution_line(execution)) < 2 * KEPT_BYTES, "what is compared is small too"


def test_long_cells_are_compared_to_their_last_character() -> None:
    one = [("x" * 10_000 + end, 1) for end in ("a", "b")]
    assert comparison_key(one) == comparison_key(one[::-1])
    assert comparison_key(one) != comparison_key([("x" * 10_000 + "a", 1)] * 2)
    assert comparison_key([("x", 1)]) == (("x", "1.0"),)


def test_a_statement_of_many_columns_is_refused(sandbox: Sandbox) -> None:
    assert "too many columns" in sandbox.execute("SELECT " + ", ".join(["1"] * 300)).result.error


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n a, n b",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT sum(length(replace(hex(zeroblob(15000)), '00', hex(randomblob(2))))) FROM n",
    ],
)
def test_the_deadline_holds_within_half_a_second(sandbox: Sandbox, sql: str) -> None:
    begun = time.monotonic()
    assert sandbox.execute(sql).result.error == "stopped after 2 s"
    assert time.monotonic() - begun < sandbox.deadline + 0.5
    assert sandboxes.GRACE_SECONDS < 0.5, "past it the process is killed"
