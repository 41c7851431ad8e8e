"""Pictures of the main screens over the newest run of an archive: `python -m docs.pictures`.

Without `--archive` the demo is audited first, in a temporary folder. The pictures are SVG text as Textual draws it; the
link to a font on the web is taken out, so that nothing is fetched when one is looked at.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from textual.pilot import Pilot
from textual.worker import WorkerCancelled

from medic_console.archive.views import ItemRow, RunView
from medic_console.audit.prepare import known_tasks
from medic_console.commands.audit_run import start_run
from medic_console.commands.demo import demo_choice
from medic_console.console.app import MedicConsole
from medic_console.console.base import ConsoleScreen
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.run.screen import RunScreen
from medic_console.core import paths
from medic_console.results.reader import Reader
from medic_console.scoring.methods.cef.spec import cef_of

FOLDER = Path(__file__).with_name("pictures")
SIZE = (120, 36)
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
Draw = Callable[[MedicConsole, RunView], ConsoleScreen | None]
"""Returns the screen to draw over home; None: home itself."""


def _home(app: MedicConsole, run: RunView) -> None:
    """Home is open already."""


def _run(app: MedicConsole, run: RunView) -> ConsoleScreen:
    return RunScreen(app.context, run.id)


def _cef(app: MedicConsole, run: RunView) -> ConsoleScreen | None:
    """Return the cross-examination of the longest text with findings."""
    names = [name for name in run.tasks if cef_of(app.context.tasks[name]) is not None]
    return _inspector(app, run, names[0], lambda row: (_findings(row) > 0, len(row.answer))) if names else None


def _sql(app: MedicConsole, run: RunView) -> ConsoleScreen | None:
    """Return a query that ran and gave other rows, or else any."""
    return _inspector(app, run, "ehrsql", lambda row: (row.verdict == "wrong rows", len(row.answer)))


def _compare(app: MedicConsole, run: RunView) -> ConsoleScreen:
    return CompareScreen(app.context, run.candidates[:6])


SCREENS: dict[str, Draw] = {"home": _home, "run": _run, "cef": _cef, "sql": _sql, "compare": _compare}
"""What is drawn, by the name of its file."""


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(prog="docs.pictures", description=__doc__)
    parser.add_argument("--archive", type=Path, help="archive whose newest run is shown; the demo's when left out")
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the SVG files")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        # Its own home: the paths on screen are nobody's, and no setting of this machine shows.
        os.environ |= {"HOME": folder, paths.HOME_VARIABLE: f"{folder}/medic-console"}
        archive = options.archive or Path(folder) / "archive.db"
        if options.archive is None:
            start_run(demo_choice(), archive, False)
        for path in asyncio.run(pictures(archive.absolute(), options.out)):
            print(path)


async def pictures(archive: Path, out: Path) -> list[Path]:
    """Draw every screen into a folder and return the files.

    Raises:
        ArchiveError: There is no archive, or no run in it.
    """
    with closing(Reader(archive)) as reader:
        run = reader.runs()[0]
    out.mkdir(parents=True, exist_ok=True)
    return [await _drawn(archive, run, name, out / f"{name}.svg") for name in SCREENS]


async def _drawn(archive: Path, run: RunView, name: str, path: Path) -> Path:
    app = MedicConsole(archive, tasks=known_tasks().tasks)
    async with app.run_test(size=SIZE) as pilot:
        await _settled(pilot)
        screen = SCREENS[name](app, run)
        if screen is not None:
            await app.push_screen(screen)
            await _settled(pilot)
        path.write_text(_FONT.sub("", app.export_screenshot(title="medic-console")), "utf-8")
    return path


async def _settled(pilot: Pilot[None]) -> None:
    """Wait until nothing is read any more and all is drawn."""
    for _ in range(3):
        with contextlib.suppress(WorkerCancelled):
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def _inspector(
    app: MedicConsole, run: RunView, task: str, liking: Callable[[ItemRow], tuple[int, int]]
) -> ConsoleScreen | None:
    """Return the inspector of the first candidate's scored item that is liked best; None without any."""
    with closing(Reader(app.context.archive)) as reader:
        if task not in run.tasks:
            return None
        record = reader.task(run.id, task)
        judge = run.judges[0].sha256 if record.judge is not None and run.judges else ""
        rows = reader.items(run.id, task, run.candidates[0].sha256, judge)
    scored = [row for row in rows if row.outcome == "scored"]
    if not scored:
        return None
    index = rows.index(max(scored, key=liking))
    return inspector_for(
        app.context, Position(run.id, record, tuple(row.item for row in rows), index, run.candidates, 0, judge)
    )


def _findings(row: ItemRow) -> int:
    """Return the number that a verdict such as "2 findings" begins with."""
    number = row.verdict.split()[0]
    return int(number) if number.isdigit() else 0


if __name__ == "__main__":
    main()
