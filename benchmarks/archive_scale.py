"""The console over 200 runs and 1,000,000 outputs: opening, listing 5,000 items, scrolling and filtering them."""

from __future__ import annotations

import argparse
import asyncio
import os
import pty
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.console_driver import PATIENCE, SIZE, Driven, driven, percentiles
from benchmarks.large_archive import ITEMS, LARGE, RUNS, write
from medic_console.archive.follow import Bookmark, RunFollower
from medic_console.console.app import MedicConsole
from medic_console.console.widgets.table import Table

_FILTERED = f"{ITEMS - 1}"
"""What is typed into the search: one row is left at its end."""
_NEW = 20
"""Items that were stored between two looks at a run of another process."""


def main() -> None:
    """Make the archive, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--archive", type=Path, help="made there when it is not there yet; else in a temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = options.archive or Path(folder) / "archive.db"
        figures: dict[str, float] = {}
        if not archive.exists():
            begun = time.perf_counter()
            write(archive)
            figures["making the archive, s"] = time.perf_counter() - begun
        figures["size of the archive, MB"] = archive.stat().st_size / 1e6
        figures |= _process(archive)
        figures |= _watched(archive)
        figures |= asyncio.run(_measure(archive))
    from benchmarks.common import tell  # it loads llama.cpp, which this process does without

    tell(figures, options.json)


def _process(archive: Path) -> dict[str, float]:
    """Return the time from the start of `medic-console` to a home with its runs on the terminal, the best of five."""
    with closing(RunFollower(archive)) as reader:
        newest = reader.runs()[0].id
    times = [_opened([sys.executable, "-m", "medic_console", "--archive", str(archive)], newest) for _ in range(5)]
    return {"process start to home drawn, s (at most 0.4)": min(times)}


def _opened(command: list[str], text: str) -> float:
    """Return the seconds until a program that was started in a terminal has written a text; then it is ended."""
    begun = time.monotonic()
    process, terminal = pty.fork()
    if process == 0:
        os.environ["COLUMNS"], os.environ["LINES"] = map(str, SIZE)
        os.execv(command[0], command)
    written = b""
    try:
        while text.encode() not in written:
            if time.monotonic() - begun > PATIENCE or not select.select([terminal], [], [], PATIENCE)[0]:
                raise TimeoutError(f"{text} was not drawn: {written[-2000:]!r}")
            written += os.read(terminal, 1 << 16)
        return time.monotonic() - begun
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        os.close(terminal)


def _watched(archive: Path) -> dict[str, float]:
    """Return the times of the looks at the newest run, as the view of another process's run takes them."""

    def look(mark: Bookmark | None) -> tuple[float, Bookmark]:
        begun = time.perf_counter()
        with closing(RunFollower(archive)) as reader:
            found = reader.so_far(newest) if mark is None else reader.news(newest, mark)
        return (time.perf_counter() - begun) * 1000, found.mark

    with closing(RunFollower(archive)) as reader:
        newest = reader.runs()[0].id
    first, mark = look(None)
    before = Bookmark(mark.score - _NEW, mark.output - _NEW)
    times = [look(before)[0] for _ in range(40)]
    return {"first look at a run, ms": first} | percentiles(f"look at {_NEW} new items", times)


def _app(archive: Path) -> MedicConsole:
    return MedicConsole(archive)


def _table(driven: Driven, name: str) -> Callable[[], Table | None]:
    return lambda: next(iter(driven.app.screen.query(f"#{name}").results(Table)), None)


async def _home(console: Driven) -> None:
    runs = _table(console, "runs")
    await console.until_drawn(lambda: (table := runs()) is not None and table.row_count == RUNS)


async def _measure(archive: Path) -> dict[str, float]:
    begun = time.perf_counter()
    async with driven(_app(archive)) as console:
        await _home(console)
        found = {"app made to home drawn, s": time.perf_counter() - begun}
        runs = _table(console, "runs")()
        assert runs is not None
        found |= percentiles("scrolling 200 runs", [await _step(console, runs, "down", 1) for _ in range(40)])
        await asyncio.sleep(3)  # until home has read the figures of all models
        runs.search(LARGE)
        runs.move_cursor(0)
        items = _table(console, "items")
        opened = await console.key("enter", lambda: (table := items()) is not None and table.row_count == ITEMS)
        found[f"opening a run with {ITEMS:,} items, ms"] = opened
        table = items()
        assert table is not None
        table.focus()
        steps = [("down", 1)] * 30 + [("pagedown", 10)] * 30 + [("home", -1), ("end", 1)] * 5
        found |= percentiles("scrolling 5,000 items", [await _step(console, table, key, by) for key, by in steps])
        return found | await _filter(console, table)


async def _step(console: Driven, table: Table, key: str, by: int) -> float:
    before = table.cursor_row
    moved = await console.key(key, lambda: (table.cursor_row - before) * by > 0 or table.cursor_row == before == 0)
    await asyncio.sleep(0.02)
    return moved


async def _filter(console: Driven, table: Table) -> dict[str, float]:
    await console.key("/", lambda: bool(console.app.screen.query("SearchLine")))
    lengths = [*range(1, len(_FILTERED) + 1), *reversed(range(len(_FILTERED)))] * 5
    times, before = [], 0
    for length in lengths:
        key = _FILTERED[length - 1] if length > before else "backspace"
        times.append(await console.key(key, partial(_seeks, table, _FILTERED[:length])))
        before = length
        await asyncio.sleep(0.02)
    return percentiles("filtering 5,000 items", times)


def _seeks(table: Table, text: str) -> bool:
    return table.sought == text


if __name__ == "__main__":
    main()
