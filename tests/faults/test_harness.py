"""What `python -m benchmarks.faults` does large is done here small: each fault, and that it would be seen."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.faults import Faults, scripted_run
from medic_console.archive.database import clear_parts
from medic_console.testing.kills import many_items, verdicts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at by /proc")
SHARES = {
    "hostile statements": 0.2,
    "damaged GGUF files": 0.02,
    "damaged task files": 0.2,
}
SLOW = {
    "parent killed": 0.02,
    "child killed": 0.02,
    "killed while migrating": 0.04,
    "killed while backing up": 0.04,
    "killed while merging": 0.04,
    "killed while exporting": 0.04,
    "killed while reviewing": 0.04,
    "killed while reporting": 0.04,
    "many items": 0.01,
    "two runs on one archive": 0.02,
}


@pytest.mark.parametrize(("name", "share"), SHARES.items())
def test_a_fault_ends_what_it_must_and_no_more(name: str, share: float, tmp_path: Path) -> None:
    tried, wrong, _ = Faults(tmp_path, share).parts[name]()
    assert tried > 1 and not wrong


@pytest.mark.slow
@pytest.mark.parametrize(("name", "share"), SLOW.items())
def test_runs_that_are_killed_or_share_an_archive_end_like_others(name: str, share: float, tmp_path: Path) -> None:
    tried, wrong, _ = Faults(tmp_path, share).parts[name]()
    assert tried > 1 and not wrong


def test_all_faults_are_done_here_too(tmp_path: Path) -> None:
    assert Faults(tmp_path, 0.01).parts.keys() == {**SHARES, **SLOW}.keys()


def test_a_row_that_differs_is_seen(random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    scripted_run(archive, random_model, many_items(tmp_path / "items.jsonl", 20))
    before = verdicts(archive)
    assert len({row[3] for row in before}) == 20
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("UPDATE score_values SET value = 1 - value WHERE score = 7")
    assert verdicts(archive) != before


def test_what_a_killed_process_left_of_a_copy_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    left = [tmp_path / f"a.db.part-{gone.pid}{end}" for end in ("", "-journal")]
    kept = [tmp_path / name for name in (f"a.db.part-{os.getpid()}", f"b.db.part-{gone.pid}", "a.db.part-", "a.db")]
    for file in (*left, *kept):
        file.touch()
    clear_parts(tmp_path / "a.db")
    assert {file.name for file in tmp_path.iterdir()} == {file.name for file in kept}
