"""A report of 20 models and 23 tasks over about 1,000,000 outputs, beside reading the same rows with plain sqlite3."""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

SHAPES = {"plain": (2174, 0, 20), "one-run": (2174, 0, 1), "judged": (224, 20, 20)}
"""Items a task, questions a side, runs: each about 1,000,000 outputs."""
_READ = ("runs", "run_tasks", "run_models", "run_items", "items", "calls", "outputs", "scores", "score_values")
_TRACES = ("cef_questions", "question_lists", "matches", "criteria", "sql_results", "score_digests")


def main() -> None:
    """Make the archive, measure in processes of their own and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="made there when it is not there yet; else in a temporary folder")
    parser.add_argument("--shape", choices=SHAPES, default="plain", help="how the outputs are spread (plain)")
    parser.add_argument("--measure", choices=("make", "read", "report"), help=argparse.SUPPRESS)
    parser.add_argument("--verify", action="store_true", help="check the archive against its ledger first")
    options = parser.parse_args()
    if options.measure == "make":
        _make(options.archive, options.shape)
    elif options.measure:
        _read(options.archive) if options.measure == "read" else _report(options.archive, options.verify)
    if options.measure:
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = options.archive or Path(folder) / "archive.db"
        more = ["--shape", options.shape, *(["--verify"] if options.verify else [])]
        # a process has the peak of the one that it was forked from, so that this one stays small
        for kind in (*(() if archive.exists() else ("make",)), "read", "read", "report"):
            words = ["--archive", str(archive), "--measure", kind, *more]
            subprocess.run([sys.executable, "-m", "benchmarks.report_scale", *words], check=True)


def _make(archive: Path, shape: str) -> None:
    from benchmarks.report_archive import write

    begun = time.perf_counter()
    write(archive, *SHAPES[shape])
    print(
        f"making the archive: {time.perf_counter() - begun:.1f} s, {archive.stat().st_size / 1e6:,.0f} MB", flush=True
    )


def _read(archive: Path) -> None:
    begun, rows = time.perf_counter(), 0
    with closing(sqlite3.connect(archive)) as db:
        for table in (*_READ, *_TRACES):
            for _ in db.execute(f"SELECT * FROM {table}"):
                rows += 1
    _tell(f"reading {rows:,} rows with sqlite3", begun)


def _report(archive: Path, verify: bool) -> None:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command does
    from medic_console.audit.prepare import known_tasks
    from medic_console.core import paths
    from medic_console.reports.evidence import Asked
    from medic_console.reports.folder import write_report
    from medic_console.results.comparison.portfolio_file import FILE_NAME, load_portfolio

    portfolio = load_portfolio(paths.tasks_dir() / FILE_NAME, archive.parent / "none", known_tasks().tasks)
    with closing(sqlite3.connect(archive)) as db:
        runs = tuple(run for (run,) in db.execute("SELECT id FROM runs ORDER BY id"))
    folder = archive.with_name("report")
    shutil.rmtree(folder, ignore_errors=True)
    begun = time.perf_counter()
    write_report(archive, Asked(runs, verified=verify), portfolio, folder)
    _tell("report", begun)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    print(f"  its folder: {size / 1e6:,.0f} MB")
    shutil.rmtree(folder)


def _tell(what: str, begun: float) -> None:
    taken = time.perf_counter() - begun
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    peaks = [one.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3) for one in each]
    used = sum(one.ru_utime + one.ru_stime for one in each)
    told = " + ".join(f"{peak:,.0f}" for peak in peaks if peak)
    print(f"{what}: {taken:.1f} s, {used:.1f} s of processors, at most {told} MB a process", flush=True)


if __name__ == "__main__":
    main()
