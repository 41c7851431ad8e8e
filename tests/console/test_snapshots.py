"""How each screen looks at 120x36 and 80x24; made again with the option `--snapshot-update`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.archive.queries import Reader
from medic_console.console.app import MedicConsole
from medic_console.console.screens.live import LiveScreen
from medic_console.console.screens.quit import QuitScreen
from medic_console.console.session import Session
from medic_console.engine.port import Granted
from medic_console.errors import ArchiveError
from medic_console.events import ItemRef, ItemScored, ModelLoaded, PromptStarted, PromptText, RunEvent, RunStarted
from medic_console.records import Outcome, Score
from tests.console.audited import ALPHA, RUN, demo_plan
from tests.console.conftest import Open, press, settle

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
Compare = Callable[..., bool]
Before = Callable[[Pilot[None]], Awaitable[None]]
CEF = ("enter", "j", "j", "j", "j", "enter", "enter")


def after(*keys: str, theme: str = "medic-dark") -> Before:
    """Return what presses keys once the archive is read."""

    async def run(pilot: Pilot[None]) -> None:
        pilot.app.theme = theme
        await settle(pilot)
        await press(pilot, *keys)

    return run


@SIZES
@pytest.mark.parametrize("theme", ["medic-dark", "medic-light"])
def test_home(snap_compare: Compare, open_app: Open, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after(theme=theme))


@SIZES
def test_home_of_an_empty_archive(snap_compare: Compare, open_app: Open, archive: Path, size: tuple[int, int]) -> None:
    archive.unlink()
    assert snap_compare(open_app(), terminal_size=size, run_before=after())


@SIZES
def test_run(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("enter", "j", "enter", "j"))


@SIZES
def test_new_run(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("n", "tab"))


@SIZES
def test_tasks_of_a_new_run(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await after("n", "tab")(pilot)
        pilot.app.screen.query_one("#file-list").focus()
        await press(pilot, "tab", "2", "space")

    assert snap_compare(open_app(), terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("end", [False, True], ids=["running", "refused"])
def test_live(
    snap_compare: Compare, open_app: Open, archive: Path, tmp_path: Path, size: tuple[int, int], end: bool
) -> None:
    app = open_app()

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        app.context.now = lambda: 40.0
        session = _session(app, archive, tmp_path)
        if end:
            session.error = ArchiveError(
                "Run 2026-03-02-001 is being worked on by another process.", "Wait for its end."
            )
            session.state.status, session.over = "stopped", True
        await app.push_screen(LiveScreen(app.context, session))
        await settle(pilot)
        if not end:
            await press(pilot, "space")

    assert snap_compare(app, terminal_size=size, run_before=run)


def _session(app: MedicConsole, archive: Path, cache: Path) -> Session:
    """A session in the middle of the archive's run, without an audit."""
    session = Session(archive, demo_plan(cache), None)
    for event in _events():
        session.state.apply(event, 38.0 if isinstance(event, PromptText) else 0.0)
    reader = Reader(archive)
    session.results = tuple(reader.results(RUN))
    reader.close()
    return session


def _events() -> list[RunEvent]:
    score = Score(Outcome.SCORED, {"rs": -1.0}, verdict="wrong rows", detail="got 3 rows, gold 1 row")
    sha = ALPHA.sha256
    return [
        RunStarted(RUN, 54, 0),
        ModelLoaded(ALPHA, "candidate", Granted(parallel=3)),
        *(ItemScored(ItemRef(sha, "medqa", str(n)), score) for n in range(8)),
        ItemScored(ItemRef(sha, "ehrsql", "ehrsql-sample-05"), score),
        PromptStarted(ItemRef(sha, "ehrsql", "ehrsql-sample-06"), "answer", 300, 250),
        PromptText(ItemRef(sha, "ehrsql", "ehrsql-sample-06"), "answer", "SELECT count(*) FROM admissions WHERE", 40),
        PromptStarted(ItemRef(sha, "medqa", "medqa-sample-02"), "answer", 90, 20),
        PromptStarted(ItemRef(sha, "medec", "ms-sample-00"), "answer", 90, 20),
        PromptText(ItemRef(sha, "medec", "ms-sample-00"), "answer", "CORR\x1b[2J[b]", 4),
    ]


@SIZES
def test_help(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after(*CEF, "question_mark"))


def test_quitting_while_a_run_goes_on(snap_compare: Compare, open_app: Open) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.app.push_screen(QuitScreen(RUN))
        await settle(pilot)

    assert snap_compare(open_app(), terminal_size=(80, 24), run_before=run)
