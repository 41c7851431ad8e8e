"""What the inspectors write to files: every row of both SQL results, and questions with their evidence."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from medic_console.console.inspect.registry import inspector_for
from medic_console.console.inspect.sql.rows import export_results
from medic_console.console.widgets.table import Table
from medic_console.core import paths
from medic_console.core.records import SqlResult
from tests.console.conftest import Open, press, settle, told_by
from tests.console.inspected import place_of, start

WIDE = (120, 36)
SQL = "SELECT id, note FROM visits ORDER BY id"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """250 rows; the second note is NULL, the third is empty, the fourth would be a formula."""
    path = tmp_path / "visits.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE visits (id INTEGER, note TEXT)")
        notes = {1: None, 2: "", 3: "=1+1"}
        rows = [(number, notes.get(number, "seen")) for number in range(250)]
        connection.executemany("INSERT INTO visits VALUES (?, ?)", rows)
    return path


def kept(rows: int) -> SqlResult:
    """Return the result as the archive keeps it."""
    return SqlResult("gold", SQL, ("id", "note"), tuple((n, "seen") for n in range(rows)), 250)


def rows_of(folder: Path, kind: str) -> list[dict[str, object]]:
    (file,) = folder.glob(f"*gold*.{kind}")
    if kind == "json":
        return list(json.loads(file.read_text("utf-8")))
    return [dict(row) for row in csv.DictReader(file.read_text("utf-8-sig").splitlines())]


def test_a_long_result_is_executed_again_and_written_whole(database: Path, tmp_path: Path) -> None:
    said = export_results("ehrsql 7", [kept(100)], database, tmp_path / "out", "1")
    assert said.startswith("gold: 250 rows\n")
    rows = rows_of(tmp_path / "out", "csv")
    assert len(rows) == 250
    assert [row["note"] for row in rows[:5]] == ["seen", "∅ NULL", "", "'=1+1", "seen"]
    assert [row["note"] for row in rows_of(tmp_path / "out", "json")[:4]] == ["seen", None, "", "=1+1"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("DELETE FROM visits WHERE id = 0", "executed again it gave 249 rows"),
        ("DROP TABLE visits", "no such table: visits"),
    ],
)
def test_a_database_that_has_changed_gives_the_rows_of_the_archive(
    database: Path, tmp_path: Path, change: str, why: str
) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(change)
    said = export_results("ehrsql 7", [kept(100)], database, tmp_path / "out", "1")
    assert said.startswith("gold: 100 rows of 250")
    assert why in said
    assert len(rows_of(tmp_path / "out", "csv")) == 100


def test_a_database_that_is_gone_gives_the_rows_of_the_archive_too(tmp_path: Path) -> None:
    said = export_results("ehrsql 7", [kept(100)], tmp_path / "gone.db", tmp_path / "out", "1")
    assert "100 rows of 250" in said and "gone.db" in said
    failed = SqlResult("predicted", "SELECT x", error="no such column: x")
    assert export_results("ehrsql 7", [failed], None, tmp_path / "out", "1") == (
        "predicted: no rows (no such column: x)"
    )


async def test_the_sql_inspector_writes_both_results_whatever_it_shows(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(inspected, "ehrsql", 5)))
        await settle(pilot)
        await press(pilot, "d", "E")
        written = {
            side: len(json.loads(next(paths.export_dir().glob(f"ehrsql-*-{side}-*.json")).read_text("utf-8")))
            for side in ("predicted", "gold")
        }
        shown = [app.screen.query_one(f"#{side}-rows", Table).row_count for side in written]
        assert written == {"predicted": 6, "gold": 5}
        assert max(shown) < 5, "d leaves out the rows that are the same"
        assert "predicted: 6 rows" in told_by(app) and "gold: 5 rows" in told_by(app)


async def test_the_cef_inspector_writes_questions_with_answers_findings_and_evidence(
    open_app: Open, inspected: Path
) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(inspected, "aci_bench")))
        await settle(pilot)
        await press(pilot, "d", "E")
        (file,) = paths.export_dir().glob("aci-bench-*.json")
        records = {one["question"]: one for one in json.loads(file.read_text("utf-8"))}
        assert len(records) == 5
        fever = records["Does the patient deny fever?"]
        assert fever == {
            "from": "source",
            "question": "Does the patient deny fever?",
            "finding": "contradiction",
            "meaning": "The source says yes; the note says the opposite.",
            "answer clinic-8b": "NO",
            "probability clinic-8b": 0.93,
            "outside clinic-8b": pytest.approx(0, abs=1e-9),
            "answer ward-3b": "YES",
            "probability ward-3b": 0.96,
            "outside ward-3b": pytest.approx(0, abs=1e-9),
            "answer night-1b-instruct": "IDK",
            "probability night-1b-instruct": 0.88,
            "outside night-1b-instruct": pytest.approx(0, abs=1e-9),
            "evidence in the source": "[patient] No fever and no blood.",
            "evidence in the note": "Dry cough for three weeks with fever.",
        }
        assert records["Was a CT of the chest ordered?"]["answer ward-3b"] is None
