"""Processes that are killed at any moment: a run, its engine, a change of an archive. What is left must be whole.

Each function returns what went wrong, a sentence a time; none when all held.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from medic_console.archive.verify import verify
from medic_console.core.paths import tasks_dir

_PATIENCE = 120.0
"""Seconds after which something that should happen does not."""
_VERDICTS = (
    "SELECT candidate, judge, task, item, outcome, reason, answer, verdict, name, value FROM scores "
    "LEFT JOIN score_values ON score = id ORDER BY 1, 2, 3, 4, 9"
)


def many_items(path: Path, count: int) -> Path:
    """Write items of MedQA: its samples again and again, under names of their own."""
    lines = (tasks_dir() / "medqa" / "samples.jsonl").read_text("utf-8").splitlines()
    samples = [json.loads(line) for line in lines]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            sample = samples[number % len(samples)]
            file.write(json.dumps({**sample, "id": f"n-{number:06}", "group": ""}) + "\n")
    return path


def words_of_run(archive: Path, model: Path, items: Path) -> list[str]:
    """Return the command that asks a model for these items, alone and by likelihood, so that its answers repeat."""
    shape = ("--sequential", "--threads", "1", "--context", "2048", "--gpu-layers", "0")
    named = ("--model", str(model), "--items", str(items), "--archive", str(archive))
    return [*_command(), "run", "medqa", *named, *shape, "--multiple-choice", "likelihood"]


def kill_runs(folder: Path, model: Path, items: Path, kills: int, whom: str, seed: int = 0) -> list[str]:
    """Kill a run, or its engine, again and again; resume it until it is done, and hold it against one that was left.

    Args:
        whom: `parent` or `child`.
    """
    whole, wrong, done = folder / "whole.db", list[str](), 0
    _finished(words_of_run(whole, model, items))
    expected, draw = verdicts(whole), random.Random(seed)
    for number in range(kills):  # several runs, where one is over before the last kill
        archive = folder / f"{whom}-{number}.db"
        words = words_of_run(archive, model, items)
        while done < kills:
            ended, killed = (_kill_parent if whom == "parent" else _kill_child)(words, archive, draw, kills - done)
            done += killed
            words = [*_command(), "resume", "--archive", str(archive)]
            if ended:
                break
        else:
            _finished(words, may_be_over=True)
        wrong += [f"kill {done}: {one}" for one in _wrong(archive, expected)]
        if done >= kills:
            break
    return wrong


def kill_changes(words: Sequence[str], rounds: int, prepare: Callable[[], None], whole: Callable[[], str]) -> list[str]:
    """Kill a command at moments spread over its whole time.

    Args:
        prepare: Makes the state before each round.
        whole: Returns what is wrong after a kill; empty for nothing.
    """
    for _ in range(2):  # the first one takes longer: what it reads is in no cache, and is not compiled
        prepare()
        begun = time.monotonic()
        _finished(words)
    usual, wrong, killed = time.monotonic() - begun, list[str](), 0
    for number in range(rounds):
        prepare()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(usual * (0.3 + 0.7 * (number + 1) / rounds))
            killed += process.poll() is None
            process.kill()
        if told := whole():
            wrong.append(f"round {number}: {told}")
    return wrong + ([f"only {killed} of {rounds} rounds were killed"] if killed < rounds / 2 else [])


def together(folder: Path, model: Path, items: Path, count: int = 2) -> list[str]:
    """Let several runs work on one archive at the same time, and hold each against one that was alone."""
    whole, archive = folder / "alone.db", folder / "together.db"
    _finished(words_of_run(whole, model, items))
    processes = [subprocess.Popen(words_of_run(archive, model, items), stdout=-3, stderr=-3) for _ in range(count)]
    codes = [process.wait(_PATIENCE * 5) for process in processes]
    wrong = [] if codes == [0] * count else [f"exit codes {codes}"]
    with closing(sqlite3.connect(archive)) as connection:
        runs = [run for (run,) in connection.execute("SELECT id FROM runs")]
    wrong += [] if len(runs) == count else [f"{len(runs)} runs"]
    expected = verdicts(whole)
    return (
        wrong + [f"run {run} has other rows" for run in runs if verdicts(archive, run) != expected] + _broken(archive)
    )


def verdicts(archive: Path, run: str = "") -> list[tuple[object, ...]]:
    """Return every score with its values, but for when it was given."""
    sql = _VERDICTS.replace("FROM scores", "FROM scores" if not run else "FROM (SELECT * FROM scores WHERE run = ?)")
    with closing(sqlite3.connect(archive)) as connection:
        return connection.execute(sql, [run] if run else []).fetchall()


def _kill_parent(words: Sequence[str], archive: Path, draw: random.Random, left: int) -> tuple[bool, int]:
    """Kill a run some time after it began to score; tell whether it was over before, and how often it was killed."""
    before, wait = _scores(archive), draw.uniform(0, 0.3)
    with subprocess.Popen(words, stdout=-3, stderr=-3) as process:
        if not _until(lambda: _scores(archive) > before or process.poll() is not None):
            process.kill()
            raise TimeoutError(" ".join(words))
        with suppress(subprocess.TimeoutExpired):
            process.wait(wait)
        children, over = _children(process.pid), process.poll() is not None
        process.kill()
    if not _until(lambda: not any(map(_lives, children))):
        raise TimeoutError(f"an engine outlived its parent: {children}")
    return over, not over


def _kill_child(words: Sequence[str], archive: Path, draw: random.Random, left: int) -> tuple[bool, int]:
    """Kill a run's engines again and again until it is over; each time after some items more."""
    killed, next_one = 0, draw.randint(1, 30)
    with subprocess.Popen(words, stdout=-3, stderr=-3) as process:
        while process.poll() is None:
            if killed < left and _scores(archive) >= next_one:
                for child in _children(process.pid)[:1]:
                    with suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
                        killed += 1
                next_one = _scores(archive) + draw.randint(3, 30)
            time.sleep(0.002)
    if process.returncode:
        raise RuntimeError(f"exit code {process.returncode} after {killed} kills")
    return True, killed


def _wrong(archive: Path, expected: list[tuple[object, ...]]) -> Iterator[str]:
    found = verdicts(archive)
    if found != expected:
        yield f"{len(set(expected) - set(found))} rows are missing or differ, {len(set(found) - set(expected))} are new"
    yield from _broken(archive)


def _broken(archive: Path) -> list[str]:
    return [f"archive verify: {one}" for one in verify(archive).broken]


def _scores(archive: Path) -> int:
    """Return the number of scores; 0 as long as there is no such table."""
    if not archive.exists():
        return 0
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM scores").fetchone()[0])
        except sqlite3.OperationalError:
            return 0


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started, on Linux."""
    found: list[int] = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, file.read_text().split())
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _until(holds: Callable[[], bool]) -> bool:
    limit = time.monotonic() + _PATIENCE
    while not holds():
        if time.monotonic() > limit:
            return False
        time.sleep(0.005)
    return True


def _finished(words: Sequence[str], may_be_over: bool = False) -> None:
    done = subprocess.run(words, capture_output=True, text=True, timeout=_PATIENCE * 10)
    if done.returncode and not (may_be_over and "no run is waiting" in done.stderr):
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")


def _command() -> list[str]:
    return [sys.executable, "-m", "medic_console"]
