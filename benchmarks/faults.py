"""Faults at full size: kills, hostile statements and files, 100,000 items, two runs on one archive.

What `tests/faults/test_harness.py` does small is done here large. It prints a table, a row a fault, and ends with 1
when something did not hold. `--part NAME` (several times) does some of them, `--share 0.1` a tenth of each.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from benchmarks.common import arguments
from benchmarks.killed_work import kill_reports, kill_reviews
from medic_console.archive.copies import back_up
from medic_console.archive.database import open_readonly
from medic_console.archive.schema import MIGRATIONS
from medic_console.archive.verify import verify
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import Choice, known_tasks, load_task
from medic_console.core.paths import HOME_VARIABLE, tasks_dir
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.model_file import inspect_model
from medic_console.scoring.sql.sandbox import GRACE_SECONDS, Sandbox
from medic_console.session.audit import Audit
from medic_console.suite.task_file import load_tasks
from medic_console.testing.attacks import statements, task_files
from medic_console.testing.kills import kill_changes, kill_runs, many_items, together
from medic_console.testing.old_archives import as_before
from medic_console.testing.random_model import Shape, write_random_model
from medic_console.testing.scripted import ScriptedEngine

Told = tuple[int, list[str], str]
"""How many were tried, what did not hold, and what was measured, in words."""


_WORDS = [sys.executable, "-m", "medic_console"]


class Faults:
    """The faults, each by its name.

    Args:
        folder: Takes all files.
        share: Of the full sizes.
    """

    def __init__(self, folder: Path, share: float) -> None:
        self._folder, self._share = folder, share
        self._model = write_random_model(folder / "tiny.gguf", Shape(width=32, heads=2, layers=1, hidden=64))
        self._items = many_items(folder / "items.jsonl", self._size(3_000))
        self.parts: Mapping[str, Callable[[], Told]] = {
            "parent killed": lambda: self._runs("parent", 50),
            "child killed": lambda: self._runs("child", 50),
            "killed while migrating": self._migrating,
            "killed while backing up": self._backing_up,
            "killed while merging": self._merging,
            "killed while exporting": self._exporting,
            "killed while reviewing": self._reviewing,
            "killed while reporting": self._reporting,
            "hostile statements": self._statements,
            "damaged GGUF files": self._headers,
            "damaged task files": self._task_files,
            "many items": self._many,
            "two runs on one archive": lambda: (2, together(self._new("together"), self._model, self._items), ""),
        }

    def _size(self, full: int) -> int:
        return max(2, round(full * self._share))

    def _new(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        return folder

    def _runs(self, whom: str, full: int) -> Told:
        kills = self._size(full)
        return kills, kill_runs(self._new(whom), self._model, self._items, kills, whom), f"{self._size(3_000):,} items"

    def _archive(self) -> Path:
        """Return an archive with thousands of rows, made by a run that nobody disturbs."""
        path = self._folder / "rows.db"
        if not path.exists():
            scripted_run(path, self._model, self._items)
        return path

    def _migrating(self) -> Told:
        folder, rounds, before = self._new("migrating"), self._size(50), list(MIGRATIONS)[-1]
        kept, path = as_before(self._archive(), folder / "kept.db", before), folder / "a.db"
        expected = _counts(kept)
        code = "import sys, pathlib; from medic_console.archive.database import open_writable as o; "
        words = [sys.executable, "-c", f"{code}o(pathlib.Path(sys.argv[1])).close()", str(path)]

        def prepare() -> None:
            for old in folder.glob("a.db*"):
                old.unlink()
            shutil.copy(kept, path)

        def whole() -> str:
            open_readonly(path).close()
            left = [file.name for file in folder.glob("*.part-*")]
            gone = not expected.items() <= _counts(path).items()  # a migration may add tables
            return _first(verify(path).broken) or ("rows are gone" if gone else _first(left))

        return rounds, kill_changes(words, rounds, prepare, whole), f"{sum(expected.values()):,} rows"

    def _backing_up(self) -> Told:
        folder, rounds, source = self._new("backup"), self._size(50), self._archive()
        target = folder / "copy.db"
        before = hashlib.sha256(source.read_bytes()).hexdigest()
        words = [*_WORDS, "archive", "backup", str(target), "--archive", str(source)]

        def prepare() -> None:
            for old in folder.glob("copy.db*"):
                old.unlink()

        def whole() -> str:
            if target.exists() and (broken := _first(verify(target).broken)):
                return broken
            target.unlink(missing_ok=True)
            back_up(source, target)
            left = [file.name for file in folder.iterdir() if file != target]
            return _first(verify(target).broken) or _first(left)

        wrong = kill_changes(words, rounds, prepare, whole)
        if hashlib.sha256(source.read_bytes()).hexdigest() != before:
            wrong.append("the archive itself was changed")
        return rounds, wrong, ""

    def _merging(self) -> Told:
        folder, rounds, source = self._new("merging"), self._size(50), self._archive()
        given, kept, path = folder / "given.db", folder / "kept.db", folder / "a.db"
        _command("archive", "export", _run_of(source), str(given), "--archive", str(source))
        scripted_run(kept, self._model, many_items(folder / "few.jsonl", 20))
        before = _counts(kept)
        words = [*_WORDS, "archive", "merge", str(given), "--archive", str(path)]
        taken: list[bool] = []

        def prepare() -> None:
            for old in folder.glob("a.db*"):
                old.unlink()
            shutil.copy(kept, path)

        def whole() -> str:
            if broken := _first(verify(path).broken):
                return broken
            taken.append(_counts(path) != before)
            done = subprocess.run(words, capture_output=True, text=True)  # once more, or again
            if done.returncode:
                return done.stderr
            runs = _counts(path)["runs"]
            return _first(verify(path).broken) or ("" if runs == 2 else f"{runs} runs")

        wrong = kill_changes(words, rounds, prepare, whole)
        return rounds, wrong, f"{sum(taken)} were over before; {sum(before.values()):,} rows take what was exported"

    def _exporting(self) -> Told:
        folder, rounds, source = self._new("exporting"), self._size(50), self._new("exported") / "a.db"
        back_up(self._archive(), source)
        target, expected = folder / "given.db", _counts(source)
        words = [*_WORDS, "archive", "export", _run_of(source), str(target), "--archive", str(source)]

        def prepare() -> None:
            for old in folder.glob("given.db*"):
                old.unlink()

        def whole() -> str:
            if target.exists() and (broken := _first(verify(target).broken)):
                return broken
            target.unlink(missing_ok=True)
            _command(*words[len(_WORDS) :])
            left = [file.name for file in folder.iterdir() if file != target]
            gone = any(_counts(path)["scores"] != expected["scores"] for path in (source, target))
            return _first((*verify(target).broken, *verify(source).broken)) or _first(["scores are gone"] * gone + left)

        return rounds, kill_changes(words, rounds, prepare, whole), f"{sum(expected.values()):,} rows"

    def _reviewing(self) -> Told:
        rounds, source = self._size(50), self._archive()
        return rounds, *kill_reviews(self._new("reviewing"), source, _run_of(source), rounds)

    def _reporting(self) -> Told:
        rounds, source = self._size(50), self._archive()
        wrong = kill_reports(self._new("reporting"), source, _run_of(source), rounds)
        return rounds, wrong, f"a report of {self._size(3_000):,} items"

    def _statements(self) -> Told:
        folder, count, deadline = self._new("sql"), self._size(250), 1.0
        database, marker = folder / "a.sqlite", folder / "marker"
        with closing(sqlite3.connect(database)) as made, made:
            made.execute("CREATE TABLE t (a)")
            made.executemany("INSERT INTO t VALUES (?)", [(number,) for number in range(200)])
        before, wrong, slowest = database.read_bytes(), [], 0.0
        with closing(Sandbox(database, deadline=deadline)) as sandbox:
            sandbox.execute("SELECT 1")
            for sql in statements(count, "t", str(marker)):
                begun = time.monotonic()
                sandbox.execute(sql)
                took = time.monotonic() - begun
                slowest = max(slowest, took)
                if took > deadline + GRACE_SECONDS + 1:  # 1 s for a process that takes the place of one that was killed
                    wrong.append(f"{took:.1f} s: {sql[:80]!r}")
                if marker.exists() or database.read_bytes() != before or len(list(folder.iterdir())) != 1:
                    wrong.append(f"it wrote: {sql[:80]!r}")
                    break
            if sandbox.execute("SELECT count(*) FROM t").result.rows != ((200,),):
                wrong.append("afterwards nothing can be asked any more")
        return count, wrong, f"slowest {slowest:.1f} s, deadline {deadline:g} s"

    def _headers(self) -> Told:
        count = self._size(1_000)
        words = [sys.executable, "-m", "benchmarks.mutants", "--json", "--count", str(count)]
        found = json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)
        bad = {name: value for name, value in found.items() if name.startswith(("over", "ended otherwise")) and value}
        said = f"slowest {found['slowest, s']:.2f} s, peak {found['peak memory of the process, MB']:.0f} MB"
        return count, [f"{name}: {value}" for name, value in bad.items()], said

    def _task_files(self) -> Told:
        folder, count, wrong = self._new("tasks"), self._size(200), []
        sound, unusable = (tasks_dir() / "medqa" / "task.toml").read_text("utf-8"), 0
        begun = time.monotonic()
        for name in ("good", "odd"):
            (folder / name).mkdir()
            shutil.copy(tasks_dir() / "medqa" / "samples.jsonl", folder / name)
        (folder / "good" / "task.toml").write_text(sound.replace('id = "medqa"', 'id = "good"'), "utf-8")
        for number, text in enumerate(task_files(sound, count)):
            (folder / "odd" / "task.toml").write_text(text, "utf-8")
            try:
                found = load_tasks(folder)
                unusable += len(found.faults)
                if "good" not in found.tasks or any("task.toml" not in fault.message for fault in found.faults):
                    wrong.append(f"{number}: {[fault.message for fault in found.faults]}")
            except Exception as error:  # noqa: BLE001 - counted
                wrong.append(f"{number}: {type(error).__name__}: {error}")
        return count, wrong, f"{unusable} named as unusable, {time.monotonic() - begun:.1f} s in all"

    def _many(self) -> Told:
        count, archive = self._size(100_000), self._folder / "many.db"
        words = [sys.executable, "-m", "benchmarks.faults", "--many", str(count), str(archive), str(self._model)]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        early, late, memory = found["early"], found["late"], found["memory"]
        wrong = [f"the last tenth took {late / early:.1f} times as long as the first"] if late > 1.5 * early else []
        wrong += [f"memory grew by {memory:.0f} MB"] if memory > 100 else []
        opened = asyncio.run(_opened(archive, count))
        wrong += [f"the console took {opened:.1f} s"] if opened > 10 else []
        said = f"ms an item: first tenth {early:.2f}, last {late:.2f}; memory grew by {memory:.0f} MB"
        return count, wrong, f"{said}; the run opened in the console in {opened:.1f} s"


def scripted_run(archive: Path, model: Path, items: Path, each: Callable[[int], None] = lambda done: None) -> None:
    """Run items of MedQA to their end with an engine that answers from a script.

    Args:
        each: Called after each event with the number of events so far.
    """
    loaded = load_task(known_tasks().tasks["medqa"], Choice(["medqa"], [], items=items))
    plan = Plan((loaded,), (inspect_model(model),), (), RunSettings(parallel=8))
    answers = {"A": 0.4, "B": 0.3, "C": 0.2, "D": 0.1}
    audit = Audit(archive, plan, lambda model, cache: ScriptedEngine(lambda prompt: answers))
    for number, _ in enumerate(audit.events()):
        each(number)


def _many_items(count: int, archive: Path, model: Path) -> None:
    """Run so many items in this process and print seconds and memory as they grow."""
    times, memory = [], []

    def look(number: int) -> None:
        if number % 1_000 == 0:
            times.append(time.process_time())
            memory.append(_memory())

    items = many_items(archive.with_suffix(".jsonl"), count)
    scripted_run(archive, model, items, look)
    steps = [1_000 * (after - before) for before, after in pairwise(times)]
    tenth, items_a_step = max(1, len(steps) // 10), count / len(steps)
    early, late = (sum(part) / tenth / items_a_step for part in (steps[1 : tenth + 1], steps[-tenth:]))
    print(json.dumps({"early": early, "late": late, "memory": memory[-1] - memory[min(tenth, len(memory) - 1)]}))


def _memory() -> float:
    """Return the memory of this process in MB: what it has now on Linux, else its peak."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


async def _opened(archive: Path, count: int) -> float:
    """Return the seconds from the console's start until the items of its only run are listed."""
    from benchmarks.console_driver import driven
    from medic_console.console.app import MedicConsole
    from medic_console.console.widgets.table import Table

    def rows(name: str) -> int:
        return next((table.row_count for table in console.app.screen.query(f"#{name}").results(Table)), 0)

    begun = time.perf_counter()
    async with driven(MedicConsole(archive)) as console:
        await console.until_drawn(lambda: rows("runs") == 1)
        console.app.screen.query_one("#runs", Table).focus()
        await asyncio.sleep(0.2)
        await console.key("enter", lambda: rows("items") == count)
        return time.perf_counter() - begun


def _counts(path: Path) -> dict[str, int]:
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for (name,) in tables
            if not name.startswith("_")
        }


def _command(*words: str) -> None:
    subprocess.run([*_WORDS, *words], capture_output=True, text=True, check=True)


def _run_of(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT id FROM runs").fetchone()[0])


def _first(found: tuple[str, ...] | list[str]) -> str:
    return found[0] if found else ""


def main() -> None:
    """Do all parts, or those that are named, and print the table."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--part", action="append", help="one of the faults; all when none is named")
    parser.add_argument("--share", type=float, default=1.0, help="of the full sizes (1.0)")
    parser.add_argument("--many", nargs=3, help="count, archive and model: run so many items in this process")
    options = parser.parse_args()
    if options.many:
        _many_items(int(options.many[0]), Path(options.many[1]), Path(options.many[2]))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ[HOME_VARIABLE] = str(Path(folder) / "home")
        faults, failed = Faults(Path(folder), options.share), False
        print("| fault | tried | did not hold | measured |\n|---|---|---|---|", flush=True)
        for name in options.part or faults.parts:
            begun = time.monotonic()
            tried, wrong, said = faults.parts[name]()
            failed = failed or bool(wrong)
            took = f"{said}{', ' if said else ''}{time.monotonic() - begun:.0f} s in all"
            print(f"| {name} | {tried:,} | {'; '.join(wrong[:3]) or 'nothing'} | {took} |", flush=True)
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
