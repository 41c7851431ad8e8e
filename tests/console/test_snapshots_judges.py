"""How judges look: their cards and probes, and a run that several judged; made again with `--snapshot-update`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.archive.store import Store
from medic_console.console.app import MedicConsole
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.judges.screen import JudgesScreen
from medic_console.console.run.screen import RunScreen
from medic_console.results.tasks import PANEL
from tests.conftest import ROOT
from tests.console.conftest import Open, press, settle
from tests.console.inspected import JUDGED, place_of
from tests.console.test_snapshots import SIZES, Compare
from tests.results.judging.scripts import BUILD

Size = tuple[int, int]
STYLES = ROOT / "medic_console" / "console" / "judges" / "judges.tcss"


class Waiting(JudgesScreen):
    """Is never told what the archive holds."""

    CSS_PATH = str(STYLES)

    def reload(self) -> None:
        """Read nothing."""


def judges(*keys: str, kind: type[JudgesScreen] = JudgesScreen) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Return what opens the judges and presses keys."""

    async def run(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, MedicConsole)
        await settle(pilot)
        pilot.app.push_screen(kind(pilot.app.context, BUILD))
        await settle(pilot)
        await press(pilot, *keys)

    return run


@SIZES
@pytest.mark.parametrize(
    "keys",
    [(), ("j", "2"), ("j", "j", "j", "j", "3"), ("end", "2"), ("end", "k", "3", "enter")],
    ids=["qualified", "never-measured", "not-qualified", "expired", "probe"],
)
def test_judges(snap_compare: Compare, open_app: Open, judged: Path, size: Size, keys: tuple[str, ...]) -> None:
    assert snap_compare(open_app(judged), terminal_size=size, run_before=judges(*keys))


def test_judges_with_moved_borders(snap_compare: Compare, open_app: Open, judged: Path) -> None:
    keys = ("1", *["ctrl+left"] * 3, *["ctrl+down"] * 2, "2")
    assert snap_compare(open_app(judged), terminal_size=(120, 36), run_before=judges(*keys))


@SIZES
def test_no_judges(snap_compare: Compare, open_app: Open, tmp_path: Path, size: Size) -> None:
    Store(tmp_path / "archive.db").close()
    assert snap_compare(open_app(tmp_path / "archive.db"), terminal_size=size, run_before=judges())


@SIZES
@pytest.mark.parametrize("state", ["busy", "error"])
def test_judges_that_are_not_read(
    snap_compare: Compare, open_app: Open, judged: Path, home: Path, size: Size, state: str
) -> None:
    app = open_app(judged)

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        if state == "error":
            app.context.archive = Path("/dev/null")
        await judges(kind=Waiting if state == "busy" else JudgesScreen)(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_a_run_under_one_of_its_judges(snap_compare: Compare, open_app: Open, panel: Path, size: Size) -> None:
    app = open_app(panel)

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        app.push_screen(RunScreen(app.context, JUDGED))
        await settle(pilot)
        await press(pilot, "g", "g")

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize(
    ("task", "keys"),
    [("aci_bench", ("j", "j", "j")), ("aci_bench", ("g", "g")), ("healthbench", ())],
    ids=["cef", "cef-of-one-judge", "rubric"],
)
def test_panel(
    snap_compare: Compare, open_app: Open, panel: Path, size: Size, task: str, keys: tuple[str, ...]
) -> None:
    app = open_app(panel)

    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, replace(place_of(panel, task), judge=PANEL)))
        await settle(pilot)
        await press(pilot, *keys)

    assert snap_compare(app, terminal_size=size, run_before=run)
