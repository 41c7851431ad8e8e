"""Runs that do not go together, and texts that are not meant well, in the files of a report."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks import report_archive
from medic_console.reports import items
from medic_console.reports.reader import ScoreRow
from tests.conftest import Say

RUNS = ("2026-03-02-001", "2026-03-02-002")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bad") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(path.parent / "home"))
        patch.setattr(report_archive, "MODELS", 2)
        report_archive.write(path, 3, 0, 2)
    return path


def test_runs_that_asked_a_task_in_two_ways_are_told_apart_on_page_one(archive: Path, say: Say, tmp_path: Path) -> None:
    words = ("report", *RUNS, "--archive", archive, "--no-verify")
    say(*words, "--out", tmp_path / "alike")
    assert "in different ways" not in (tmp_path / "alike" / "report.md").read_text("utf-8")
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("INSERT INTO tasks SELECT 'sha256:other', id, '0', title, text FROM tasks WHERE id = 'medqa'")
        db.execute("UPDATE run_tasks SET digest = 'sha256:other' WHERE task = 'medqa' AND run = ?", [RUNS[1]])
    say(*words, "--out", tmp_path / "apart")
    first = (tmp_path / "apart" / "report.md").read_text("utf-8").split("## 2.")[0]
    assert "The runs asked medqa in different ways" in first
    record = json.loads((tmp_path / "apart" / "report.json").read_text("utf-8"))
    assert record["task_versions_differ"] == ["medqa"]
    with (tmp_path / "apart" / "figures.csv").open(encoding="utf-8-sig", newline="") as sheet:
        rows = list(csv.DictReader(sheet))
    assert len(rows) == len(record["figures"]) and {row["run"] for row in rows} == set(RUNS)


def test_an_item_that_failed_is_listed_among_those_without_a_score(archive: Path, say: Say, tmp_path: Path) -> None:
    with closing(sqlite3.connect(archive)) as db, db:
        failed = "SELECT min(id) FROM scores WHERE run = ? AND task = 'gsm8k'"
        db.execute(f"UPDATE scores SET outcome = 'failed', reason = '' WHERE id = ({failed})", [RUNS[0]])
    say("report", RUNS[0], "--archive", archive, "--no-verify", "--out", tmp_path / "out")
    page = (tmp_path / "out" / "report.md").read_text("utf-8").split("## 6.")[1].split("## 7.")[0]
    rows = [line for line in page.splitlines() if "failed: an error of the program" in line]
    assert len(rows) == 1 and f"gsm8k | failed: an error of the program | [1](<items/{RUNS[0]}/gsm8k.csv>)" in rows[0]
    assert "Every item that has ended was scored" not in page


@given(st.text(), st.text(), st.text())
@example('=HYPERLINK("http://x")', "<script>alert(1)</script>", "\u202eevil\x1b[31m")
@example("@SUM(A1)", "\r\n=1+1", "\ud800")
def test_no_cell_of_items_is_obeyed_and_every_line_of_json_holds_the_text(name: str, said: str, detail: str) -> None:
    same = {"run": "2026-03-02-001", "task": "medqa", "task_version": "1"}
    made = items._Rows(same, {"sha256:m": name}, True, ["accuracy"], {said: 3})
    row = ScoreRow(said, "sha256:m", "", "scored", "", 0, "choice 7", {"accuracy": -1.0}, said, detail, detail)
    cells, line = made.both(row)
    record = json.loads(line)
    assert (record["item"], record["verdict"], record["answer"], record["model"]) == (said, said, detail, name)
    assert record["group"] == 3
    line.encode("ascii")
    head, read = csv.reader(io.StringIO(f"{made.head}\r\n{cells}", newline=""))
    assert len(read) == len(head) and read[-1] == "-1.0"
    for cell in read:
        assert not cell.startswith(("=", "@", "\t", "\r"))
        assert cell[:1] not in ("+", "-") or cell[1:2].isdigit()
        assert not set(cell) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\x1b")
