"""A report is written run by run: figures are those of the archive, and files of rows hold every row once."""

from __future__ import annotations

import gc
import json
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks import report_archive
from medic_console.archive.ledger import content_digest, leaves_digest
from medic_console.audit.prepare import known_tasks
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.core.garbage import seldom_sought
from medic_console.reports import helper
from medic_console.reports.evidence import Asked, Scope
from medic_console.reports.folder import write_report
from medic_console.reports.reader import EvidenceReader
from medic_console.reports.run_rows import RunRows
from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio
from medic_console.results.reader import Reader
from medic_console.review.reader import ReviewReader
from medic_console.statistics import intervals


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("streamed") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(path.parent / "home"))
        patch.setattr(report_archive, "MODELS", 2)
        report_archive.write(path, 7, 3, 1)
    return path


def test_rows_and_figures_of_a_report_are_those_of_the_archive(archive: Path, home: Path, tmp_path: Path) -> None:
    portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, tmp_path / "none", known_tasks().tasks)
    run, told, folder = "2026-03-02-001", list[str](), tmp_path / "out"
    write_report(archive, Asked((run,), verified=False), portfolio, folder, tell=told.append)
    record = json.loads((folder / "report.json").read_text("utf-8"))
    with closing(Reader(archive)) as reader:
        wanted = {
            (result.model.sha256, view.task.id, name): (found.value, found.low, found.high, found.n)
            for result in reader.results(run)
            for view in result.tasks
            for name, found in view.metrics.items()
        }
    shown = {
        (one["model_sha256"], one["task"], one["metric"]): (one["value"], one["low"], one["high"], one["n"])
        for one in record["figures"]
    }
    assert shown == wanted
    files = list((folder / "items" / run).glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("ascii").splitlines()]
    with closing(sqlite3.connect(archive)) as db:
        (scores,) = db.execute("SELECT count(*) FROM scores").fetchone()
        values = sorted(value for (value,) in db.execute("SELECT value FROM score_values"))
    assert len(rows) == scores == 7 * 2 * len(files)
    assert sorted(value for row in rows for value in row["values"].values()) == values, "every digit of them"
    found = [json.loads(line) for line in (folder / "findings.jsonl").read_text("ascii").splitlines()]
    assert len(found) == sum(one["findings"] for one in record["hazards"]) > 0
    assert "question" not in found[0]
    with closing(EvidenceReader(archive)) as reader:
        assert len(reader.engines(run)) == 3, "two candidates and a judge, each once"
    assert told[0].startswith("Figures of run") and told[-1] == "Digests of all files"


def test_a_process_beside_writes_rows_and_reads_them_as_this_one_does(
    archive: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, told, found = "2026-03-02-001", list[str](), list[Mapping[str, RunRows]]()
    asked = Asked((run,), scope=Scope.COMMENTS)
    for name in ("here", "apart"):
        (tmp_path / name).mkdir()
        with helper.rows_beside(archive, asked, tmp_path / name, told.append) as rows:
            found.append(rows())
        monkeypatch.setattr(helper, "MANY", 1)
    here, apart = (
        {file.relative_to(tmp_path / name): file.read_bytes() for file in (tmp_path / name).rglob("*.*")}
        for name in ("here", "apart")
    )
    assert here == apart and len(here) == 2 * len(known_tasks().tasks) + 1
    assert found[0] == found[1] and len(found[0][run].hazards) > 20, "every digit and text of the classes"
    assert found[0][run].rows.scores == 7 * 2 * len(known_tasks().tasks)
    assert told == [f"Items of run {run}, 1 of 1"] * 2
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageError, match="A report's files cannot be written"),
        helper.rows_beside(archive, asked, tmp_path / "file", told.append) as rows,
    ):
        rows()


def test_a_report_finds_the_notes_of_items_without_reading_each_item(archive: Path, home: Path, tmp_path: Path) -> None:
    run, path = "2026-03-02-001", tmp_path / "archive.db"
    with closing(sqlite3.connect(archive)) as db, closing(sqlite3.connect(path)) as copy:
        db.backup(copy)
        copy.execute("UPDATE items SET grouping = 'note ' || (substr(id, -1) % 2) WHERE substr(id, -1) < '4'")
        copy.execute("""UPDATE items SET gold = '{"tags": ["theme"]}' WHERE substr(id, -1) = '5'""")
        copy.commit()
    with closing(Reader(path)) as plain, closing(EvidenceReader(path)) as reader:
        columns = [
            [
                one._columns.column(run, one.task(run, task), model.sha256, judge)
                for task in plain.run(run).tasks
                for model in plain.run_models(run, "candidate")
                for judge in ("", plain.run_models(run, "judge")[0].sha256)
            ]
            for one in (plain, reader)
        ]
        numbers = reader.groups(run, "medqa")
    assert columns[0] == columns[1] and sum(map(len, columns[0])) == 7 * 2 * len(known_tasks().tasks)
    groups = {found.group for column in columns[1] for found in column.values()}
    assert groups == {"", "note 0", "note 1"}
    assert any(found.themes == ("theme",) for column in columns[1] for found in column.values())
    assert [*numbers.values()] == [1, 2, 1, 2], "in the order of the run"


def test_python_looks_for_garbage_as_before_once_a_report_is_gathered() -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(700, 11, 12)
        with pytest.raises(ValueError, match="stop"), seldom_sought():
            assert gc.get_threshold() == (50_000, 11, 12)
            raise ValueError("stop")
        assert gc.get_threshold() == (700, 11, 12)
    finally:
        gc.set_threshold(*before)


def test_questions_of_a_task_are_found_by_its_task_and_not_among_all_of_the_run(archive: Path) -> None:
    with closing(ReviewReader(archive)) as reader:
        seen: list[str] = []
        reader._db.set_trace_callback(seen.append)
        assert sum(1 for _ in reader.questions("2026-03-02-001"))
        asked = [text for text in seen if "grouping" in text]
        steps = [row[3] for text in asked for row in reader._db.execute(f"EXPLAIN QUERY PLAN {text}").fetchall()]
    assert len(asked) > 12
    assert not [step for step in steps if "scores_by_outcome" in step], steps


def test_a_process_beside_holds_no_weights_of_intervals() -> None:
    script = "import sys, medic_console.reports.serve; print(*sorted({'numpy', 'scipy'} & sys.modules.keys()))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout == "\n"


def test_the_digest_of_many_numbers_and_texts_is_that_of_rows() -> None:
    rows = [(1, "ab"), (2**62, 'quoted "é" \U0001f600'), (-3, "")]
    assert leaves_digest(iter(rows)) == content_digest(rows)


def test_kept_weights_give_the_same_draws() -> None:
    values = np.random.default_rng(3).random(400).tolist()
    alone = intervals.mean_draws(values, [""] * 400)
    intervals._ratio_draws.cache_clear()
    with intervals.weights_kept():
        first, second = (intervals.mean_draws([*values], [""] * 400) for _ in range(2))
    assert np.array_equal(alone, first) and np.array_equal(first, second)
    low, high = np.quantile(alone, (0.025, 0.975))
    spread = 1.96 * np.std(values) / 20
    assert (high - low) / 2 == pytest.approx(spread, rel=0.08)
    assert np.mean(values) == pytest.approx((low + high) / 2, abs=spread / 10)
