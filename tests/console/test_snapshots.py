"""How each screen looks at 120x36 and 80x24; made again with the option `--snapshot-update`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.console.dialogs.questions import QuitScreen
from tests.console.audited import RUN
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
        for field in pilot.app.screen.query(Input):
            field.cursor_blink = False  # it is seen, whenever the picture is taken

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
    assert snap_compare(open_app(), terminal_size=size, run_before=after("n"))


@SIZES
def test_tasks_of_a_new_run(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await after("n")(pilot)
        await press(pilot, "2", "space")

    assert snap_compare(open_app(), terminal_size=size, run_before=run)


def test_new_run_with_moved_borders(snap_compare: Compare, open_app: Open) -> None:
    keys = ("n", "1", *["ctrl+left"] * 3, "3", "ctrl+up", "ctrl+up")
    assert snap_compare(open_app(), terminal_size=(120, 36), run_before=after(*keys))


@SIZES
def test_help(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after(*CEF, "question_mark"))


def test_quitting_while_a_run_goes_on(snap_compare: Compare, open_app: Open) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.app.push_screen(QuitScreen(RUN))
        await settle(pilot)

    assert snap_compare(open_app(), terminal_size=(80, 24), run_before=run)
