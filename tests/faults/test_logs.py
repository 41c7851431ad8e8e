"""What the engines write is kept a run apart, and not for ever; it may hold patients' words."""

from __future__ import annotations

import os
from pathlib import Path

from medic_console import api
from medic_console.core import logs, paths
from medic_console.core.logs import newest_log, run_log, usual_log
from medic_console.results.diagnostics import log_tail
from medic_console.session.audit import Audit
from tests.conftest import real_plan, sample_task


def test_each_run_has_a_log_of_its_own_that_only_its_owner_reads(random_model: Path, tmp_path: Path) -> None:
    plan = real_plan([sample_task("medqa", tmp_path, limit=1)], [random_model])
    runs = []
    for _ in range(2):
        audit = Audit(tmp_path / "a.db", plan)
        for _ in audit.events():
            pass
        runs.append(audit.run)
    found = [paths.log_dir() / f"engine-{run}.log" for run in runs]
    assert all(log.stat().st_mode & 0o777 == 0o600 and log.stat().st_size for log in found)
    assert newest_log() == found[-1]
    assert log_tail(3)


def test_logs_of_runs_of_long_ago_go_and_a_long_log_is_begun_anew(home: Path) -> None:
    for number in range(logs.KEPT + 5):
        log = run_log(f"2026-01-01-{number:03d}")
        log.write_text("x", "utf-8")
        os.utime(log, ns=(number, number))
    kept = sorted(paths.log_dir().glob("engine-*.log"))
    assert [kept[0].name, len(kept)] == ["engine-2026-01-01-005.log", logs.KEPT]
    usual_log().write_bytes(b"x" * (logs.LARGEST + 1))
    assert not usual_log().exists()
    assert (paths.log_dir() / "engine.log.1").exists()


def test_the_log_of_the_python_interface_is_begun_anew_too(home: Path) -> None:
    api._log().write_bytes(b"x" * (logs.LARGEST + 1))
    assert not api._log().exists() and api._log().with_name("engine.log.1").exists()
