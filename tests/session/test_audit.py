"""Runs that are stored as they happen, broken off in every way, and finished by a second sitting."""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.lock import RunLock, is_locked
from medic_console.audit.events import ItemScored, OutputReady, PromptStarted, RunEnded, RunEvent, RunStarted
from medic_console.audit.plan import Plan
from medic_console.core.errors import EngineError, ItemsError, ModelFileError, UsageError
from medic_console.core.records import Outcome
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.supervisor import SupervisedEngine
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.models import start_model
from tests.conftest import (
    CHOOSE,
    Scripts,
    command,
    command_environment,
    make_plan,
    real_plan,
    run_command,
    sample_task,
    wait_until,
)

Row = tuple[Any, ...]


def rows(archive: Path, sql: str) -> list[Row]:
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


def count(archive: Path, table: str) -> int:
    """Return a table's rows; 0 as long as there is no such table."""
    try:
        return int(rows(archive, f"SELECT count(*) FROM {table}")[0][0])
    except sqlite3.OperationalError:
        return 0


def verdicts(archive: Path) -> list[Row]:
    """Return every score with its values, but for when and by whom it was given."""
    return rows(
        archive,
        "SELECT candidate, judge, task, item, outcome, reason, answer, verdict, name, value FROM scores "
        "LEFT JOIN score_values ON score = id ORDER BY 1, 2, 3, 4, 9",
    )


def answers(archive: Path) -> list[Row]:
    """Return which output answered which call, and in which sitting it was made."""
    return rows(
        archive,
        "SELECT candidate, calls.model, task, item, step, outputs.id, text, created, sitting FROM calls "
        "JOIN outputs ON outputs.id = calls.output ORDER BY 1, 2, 3, 4, 5",
    )


def words_of_run(archive: Path, candidates: list[Path]) -> list[str]:
    models = [word for path in candidates for word in ("--model", str(path))]
    options = [
        "--archive",
        str(archive),
        "--limit",
        "3",
        "--sequential",
        "--threads",
        "1",
        "--context",
        "2048",
        *CHOOSE,
        "--json",
    ]
    return command("run", "medqa", "medcalc", *models, *options)


def kill_when(words: list[str], reached: Callable[[], bool]) -> None:
    """Start a command and kill it with -9 as soon as `reached` holds."""
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=command_environment()
    ) as process:
        try:
            wait_until(lambda: reached() or process.poll() is not None, "the run makes no headway")
            assert process.poll() is None, "the run was over before it could be killed"
        finally:
            process.kill()


def test_a_run_killed_in_the_middle_ends_after_resume_like_one_that_was_not(
    endless_model: Path, random_model: Path, tmp_path: Path
) -> None:
    killed, whole = tmp_path / "killed.db", tmp_path / "whole.db"
    candidates = [endless_model, random_model]
    kill_when(words_of_run(killed, candidates), lambda: count(killed, "outputs") >= 4)
    before = answers(killed)
    assert 4 <= len(before) < 6
    with closing(Reader(killed)) as reader:
        assert [view.status for view in reader.runs()] == ["died"]
    resumed = run_command("resume", "--archive", killed, "--json", check=True)
    subprocess.run(words_of_run(whole, candidates), check=True, capture_output=True, env=command_environment())
    assert verdicts(killed) == verdicts(whole)
    assert count(killed, "scores") == 2 * 2 * 3
    assert json.loads(resumed.stdout)["status"] == "done"
    after = answers(killed)
    assert [row for row in after if row[-1] == 1] == before
    assert len(after) == count(killed, "outputs") == 2 * 2 * 3
    assert {row[-1] for row in after} == {1, 2}
    assert rows(killed, "SELECT status FROM sittings ORDER BY id") == [("died",), ("done",)]


def test_a_judge_killed_in_the_middle_is_not_asked_again_what_it_has_answered(
    random_model: Path, endless_model: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "a.db"
    models = ["--model", str(random_model), "--judge", str(endless_model)]
    options = [
        "--archive",
        str(archive),
        "--limit",
        "3",
        "--sequential",
        "--threads",
        "1",
        "--gpu-layers",
        "0",
        "--context",
        "2048",
    ]
    kill_when(command("run", "aci_bench", *models, *options), lambda: count(archive, "outputs") >= 5)
    before = answers(archive)
    assert len(before) >= 5
    run_command("resume", "--archive", archive, check=True)
    after = answers(archive)
    assert [row for row in after if row[-1] == 1] == before
    assert len(after) > len(before)
    assert count(archive, "outputs") == len({row[5] for row in after})
    twice = rows(archive, "SELECT content_key FROM outputs GROUP BY content_key HAVING count(*) > 1")
    assert twice == []
    with closing(Reader(archive)) as reader:
        (run,) = reader.runs()
    assert (run.status, run.counts.total) == ("done", run.total)


def events_until(audit: Audit, ends: Callable[[RunEvent], bool]) -> list[RunEvent]:
    """Iterate an audit; it is told to stop at the first event for which `ends` holds."""
    events = []
    for event in audit.events():
        events.append(event)
        if ends(event):
            audit.control.stop()
    return events


def real_audit(archive: Path, plan: Plan, **more: Any) -> Audit:
    return Audit(archive, plan, log=archive.with_suffix(".log"), **more)


def test_with_its_engine_killed_in_the_middle_a_run_ends_like_one_whose_engine_was_not(
    endless_model: Path, tmp_path: Path
) -> None:
    plan = real_plan([sample_task(name, tmp_path) for name in ("medqa", "medcalc")], [endless_model])
    engines: list[SupervisedEngine] = []

    def start(model: ModelFile, cache: str) -> SupervisedEngine:
        engine = start_model(model, plan.settings, cache, tmp_path / "log")
        assert isinstance(engine, SupervisedEngine)
        engines.append(engine)
        return engine

    killed, whole = tmp_path / "killed.db", tmp_path / "whole.db"
    deaths = 0
    for event in Audit(killed, plan, start).events():
        if isinstance(event, PromptStarted) and event.ref.task == "medcalc" and deaths == 0:
            os.kill(engines[0].pid, signal.SIGKILL)
            deaths = 1
    assert deaths == 1
    assert list(real_audit(whole, plan).events())[-1] == RunEnded(plan_id(whole), "done")
    assert verdicts(killed) == verdicts(whole)
    assert count(killed, "outputs") == count(killed, "calls") == 6


def plan_id(archive: Path) -> str:
    with closing(Reader(archive)) as reader:
        return reader.runs()[0].id


@pytest.fixture
def interrupted(random_model: Path, tmp_path: Path) -> Iterator[tuple[Path, Path, str]]:
    """An archive, its model file and the id of a run that a person stopped after the first score."""
    model = tmp_path / "model.gguf"
    shutil.copy(random_model, model)
    archive = tmp_path / "archive.db"
    audit = real_audit(archive, real_plan([sample_task("medqa", tmp_path, limit=16)], [model]))
    events = events_until(audit, lambda event: isinstance(event, ItemScored))
    assert events[-1] == RunEnded(audit.run, "interrupted", "stopped before the end; the rest can be resumed")
    assert 1 <= count(archive, "scores") < 16
    yield archive, model, audit.run


def test_a_stopped_run_tells_what_is_done_when_it_goes_on(interrupted: tuple[Path, Path, str]) -> None:
    archive, _, run = interrupted
    done = count(archive, "scores")
    events = list(real_audit(archive, restore_plan(archive, run)).events())
    assert events[0] == RunStarted(run, 16, done)
    assert sum(isinstance(event, ItemScored) for event in events) == 16 - done
    assert sum(isinstance(event, OutputReady) for event in events) == 16 - done
    assert events[-1] == RunEnded(run, "done")


def test_a_restored_plan_has_the_key_of_the_original(interrupted: tuple[Path, Path, str]) -> None:
    archive, _, run = interrupted
    assert rows(archive, "SELECT key FROM runs") == [(restore_plan(archive, run).key(),)]


def test_a_replaced_model_file_is_not_resumed_with(interrupted: tuple[Path, Path, str], other_model: Path) -> None:
    archive, model, run = interrupted
    shutil.copy(other_model, model)
    with pytest.raises(ModelFileError, match="sha256 differs") as caught:
        restore_plan(archive, run)
    assert "Put the original file back" in caught.value.hint
    refused = run_command("resume", run, "--archive", archive)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "sha256 differs" in refused.stderr


def test_a_missing_model_file_is_named(interrupted: tuple[Path, Path, str]) -> None:
    archive, model, run = interrupted
    model.unlink()
    with pytest.raises(ModelFileError, match=r"model\.gguf: no such file"):
        restore_plan(archive, run)


def test_a_missing_database_is_named(random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    loaded = sample_task("ehrsql", tmp_path / "cache", limit=1)
    audit = Audit(archive, real_plan([loaded], [random_model]), Scripts(one=lambda prompt: "null").start)
    list(audit.events())
    loaded.resources["database"].unlink()
    with pytest.raises(ItemsError, match=r"hospital.*\.sqlite: a file that task ehrsql needs is gone"):
        restore_plan(archive, audit.run)


def test_resume_of_a_finished_run_or_of_none_says_so(random_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    list(real_audit(archive, real_plan([sample_task("medqa", tmp_path)], [random_model])).events())
    refused = run_command("resume", "--archive", archive)
    assert refused.returncode == 2
    assert "no run is waiting to be resumed" in refused.stderr
    finished = run_command("resume", plan_id(archive), "--archive", archive)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert f"Run {plan_id(archive)} is finished" in finished.stderr
    assert count(archive, "sittings") == 1
    unknown = run_command("resume", "2000-01-01-001", "--archive", archive)
    assert unknown.returncode == 2
    assert f"Newest runs: {plan_id(archive)}" in unknown.stderr


def test_a_second_process_is_refused_the_run_that_another_works_on(interrupted: tuple[Path, Path, str]) -> None:
    archive, _, run = interrupted
    lock = RunLock(archive, run)
    refused = run_command("resume", run, "--archive", archive, "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"Run {run} is being worked on by another process" in refused.stderr
    assert is_locked(archive, run)
    lock.release()
    assert run_command("resume", run, "--archive", archive).returncode == 0


def test_each_event_is_stored_before_it_is_told(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    outputs = scores = 0
    for event in Audit(
        archive, make_plan([sample_task("medqa", tmp_path)]), Scripts(alpha=lambda p: "A").start
    ).events():
        outputs += isinstance(event, OutputReady)
        scores += isinstance(event, ItemScored)
        assert (count(archive, "outputs"), count(archive, "scores")) == (outputs, scores)
    assert (outputs, scores) == (3, 3)


def test_a_front_end_that_goes_away_leaves_the_run_interrupted_and_unlocked(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    audit = Audit(archive, make_plan([sample_task("medqa", tmp_path)]), Scripts(alpha=lambda p: "A").start)
    events = audit.events()
    assert isinstance(next(events), RunStarted)
    assert is_locked(archive, audit.run)
    del events
    gc.collect()
    assert not is_locked(archive, audit.run)
    with closing(Reader(archive)) as reader:
        assert reader.run(audit.run).status == "interrupted"


def test_an_engine_that_cannot_go_on_stops_the_run_with_its_message(tmp_path: Path) -> None:
    def start(model: ModelFile, cache: str) -> SupervisedEngine:
        raise EngineError("no memory for it")

    audit = Audit(tmp_path / "a.db", make_plan([sample_task("medqa", tmp_path)]), start)
    assert list(audit.events())[-1] == RunEnded(audit.run, "stopped", "no memory for it")


def test_too_many_failures_stop_the_run_and_what_failed_is_kept(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    plan = make_plan([sample_task("medqa", tmp_path, limit=16)], max_failures=3)
    audit = Audit(archive, plan, Scripts(alpha=lambda prompt: EngineError("broke")).start)
    events = list(audit.events())
    assert events[-1] == RunEnded(audit.run, "stopped", "3 items failed")
    assert rows(archive, "SELECT outcome, count(*) FROM scores GROUP BY 1") == [("failed", 3)]


def test_a_defect_of_ours_keeps_its_traceback_and_frees_the_run(tmp_path: Path) -> None:
    def start(model: ModelFile, cache: str) -> SupervisedEngine:
        raise ZeroDivisionError("ours")

    archive = tmp_path / "a.db"
    audit = Audit(archive, make_plan([sample_task("medqa", tmp_path)]), start)
    with pytest.raises(ZeroDivisionError):
        list(audit.events())
    assert not is_locked(archive, audit.run)
    again = Audit(archive, audit.plan, Scripts(alpha=lambda prompt: "A").start)
    assert list(again.events())[-1] == RunEnded(audit.run, "done")


def test_the_log_of_llama_cpp_lies_in_the_home_unless_named(random_model: Path, tmp_path: Path, home: Path) -> None:
    audit = Audit(tmp_path / "a.db", real_plan([sample_task("medqa", tmp_path, limit=1)], [random_model]))
    assert [e.score.outcome for e in audit.events() if isinstance(e, ItemScored)] == [Outcome.SCORED]
    assert (home / "logs" / "engine.log").stat().st_size > 0


def test_a_setting_that_does_not_fit_a_model_is_refused_before_anything_is_stored(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--context 5,000"):
        Audit(tmp_path / "a.db", make_plan([sample_task("medqa", tmp_path)], context=5000))
    assert not (tmp_path / "a.db").exists()
