"""Keys that are typed without a pause: each one has done its work before the next is looked at."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.console.app import MedicConsole
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import COMMANDS
from medic_console.console.home.screen import HomeScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.settings.screen import SettingsScreen
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.table import Table
from tests.conftest import PATIENCE
from tests.console.audited import demo_plan
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until
from tests.console.test_live import Gates, session_of

SIZES = [(120, 36), (80, 24)]
_NAMES = {"/": "slash", " ": "space", "-": "minus"}


async def burst(pilot: Pilot[None], *keys: str, waits: bool = True) -> None:
    """Type as a terminal does that hands over many keys at once; wait for all that follows, or for the keys alone."""
    for key in keys:
        character = key if len(key) == 1 else None
        pilot.app.post_message(events.Key(_NAMES.get(key, key), character))
    async with asyncio.timeout(PATIENCE):  # an app that is broken is never quiet
        await (settle(pilot) if waits else pilot.pause())


def table_of(app: MedicConsole, name: str) -> Table:
    return app.screen.query_one(f"#{name}", Table)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("text", ["nurse", "v1", "Tx?q", "rrx n", "JDS;E2"])
async def test_all_that_is_typed_after_a_slash_is_sought(open_app: Open, size: tuple[int, int], text: str) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await burst(pilot, "/", *text)
        assert shows(app, HomeScreen)
        assert table_of(app, "runs").sought == text
        await burst(pilot, "escape")
        assert table_of(app, "runs").sought == ""


@pytest.mark.parametrize("place", ["T", "J", "S"])
async def test_a_search_belongs_to_its_table_on_every_screen(open_app: Open, place: str) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, place)
        screen, table = app.screen, app.focused
        assert isinstance(table, Table)
        await burst(pilot, "/", *"DTJSn")
        assert app.screen is screen
        assert table.sought == "DTJSn"


async def test_keys_behind_the_end_of_a_search_are_commands_again(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert shows(app, RunScreen)
        await burst(pilot, "/", *"med", "enter", "j", "j")
        tasks = table_of(app, "tasks")
        assert (tasks.sought, tasks.cursor_row) == ("med", 2)
        await burst(pilot, "/", *"calc", "escape", "j")
        assert (tasks.sought, tasks.matches) == ("", (5, 5))
        assert app.focused is tasks


async def test_commands_typed_at_once_are_done_in_their_order(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        tasks = table_of(app, "tasks")
        await burst(pilot, "j", "j", "k", "end", "k")
        assert tasks.cursor_row == 3
        await burst(pilot, "2", "end", "/", *"sample", "enter", "home", "j")
        items = table_of(app, "items")
        assert (items.sought, items.cursor_row) == ("sample", 1)


async def test_what_is_typed_after_a_setting_is_opened_is_its_value(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        settings = table_of(app, "all-settings")
        settings.mark(next(key for key in settings.keys if "export" in key))
        await burst(pilot, "enter", *"DTJn?")
        assert shows(app, SettingsScreen)
        assert app.screen.query_one(EditLine).query_one(Input).value == "DTJn?"
        await burst(pilot, "escape", "j")
        assert not app.screen.query(EditLine)
        assert app.focused is settings


WAYS: dict[str, tuple[str, ...]] = {
    "home": (),
    "work": ("w",),
    "model_runs": ("V",),
    "compare": ("v",),
    "new_run": ("n",),
    "run": ("enter",),
    "replay": ("enter", "r"),
    "item": ("enter", "j", "enter", "enter"),
    "sql": ("enter", "j", "j", "enter", "enter"),
    "schema": ("enter", "j", "j", "enter", "enter", "s"),
    "cef": ("enter", "j", "j", "j", "j", "enter", "enter"),
    "whole": ("enter", "enter", "enter", "i"),
    "plain": ("Y",),
    "tasks_screen": ("T",),
    "judges_screen": ("J",),
    "settings_screen": ("S",),
    "diagnostics": ("D",),
    "review": ("R",),
}
_PANES = ("list", "text", "grid", "cells", "models", "choices", "edit", "search")
_LEFT_OUT = {"ctrl+q", "ctrl+p", "s", "left", "right", "tab", "t"}
"""Keys that quit, say yes to a question, hand the terminal over, or open the palette, in which letters and enter may
choose to quit: without them nothing may begin or end."""


def drawn_keys(seed: str, places: tuple[str, ...], number: int) -> list[str]:
    """Draw keys from the table of commands, the same ones for the same seed; every second one is of the screen."""
    chance = random.Random(seed)
    own, every = (
        [key for one in COMMANDS if one.where in wanted for key in one.keys.split(",") if key not in _LEFT_OUT]
        for wanted in ((*places, *_PANES, "screen"), tuple(one.where for one in COMMANDS))
    )
    own = [key for key in own if key != "escape"]
    return [chance.choice(own if turn % 2 else every) for turn in range(number)]


async def assert_burst_does_no_harm(pilot: Pilot[None], seed: str, waits: bool = True) -> None:
    app = pilot.app
    assert isinstance(app, MedicConsole)
    places = app.screen.PLACES if isinstance(app.screen, ConsoleScreen) else ()
    await burst(pilot, *drawn_keys(seed, places, 40), waits=waits)
    assert app.is_running and app._exception is None
    told = [(one.title, one.message) for one in app._notifications]
    assert len(told) == len(set(told)), "a notice stands there twice"
    assert "This is a defect" not in told_by(app)


@pytest.mark.parametrize("seed", ["a", "b"])
@pytest.mark.parametrize("place", WAYS)
async def test_no_burst_of_keys_breaks_a_screen_or_begins_a_run(open_app: Open, place: str, seed: str) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[seed == "b"], notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, *WAYS[place])
        screen = app.screen
        assert isinstance(screen, ConsoleScreen) and place in screen.PLACES
        await assert_burst_does_no_harm(pilot, f"{place} {seed}")
        assert app.context.session is None


async def test_keys_that_come_before_the_palette_is_laid_out_end_nothing(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[0]) as pilot:
        await settle(pilot)
        await burst(pilot, "ctrl+p", "pageup", "pagedown", "pageup", waits=False)
        await until(pilot, lambda: "Help (? f1)" in screen_text(app), "the palette")
        await press(pilot, "pagedown", "pageup", "escape")
        assert app.is_running and app._exception is None and shows(app, HomeScreen)


@pytest.mark.parametrize("seed", ["a", "b"])
async def test_no_burst_of_keys_stops_the_run_that_goes_on(open_app: Open, tmp_path: Path, seed: str) -> None:
    gates = Gates(2)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=demo_plan(tmp_path / "cache", limit=2))
    async with app.run_test(size=SIZES[seed == "b"], notifications=True) as pilot:
        await until(pilot, lambda: gates.reached(2), "a run at work")
        await burst(pilot, *drawn_keys(f"live {seed}", ("live",), 60), waits=False)
        session = session_of(app)
        assert not session.stopping and not session.over and app.is_running
        if session.paused:
            session.toggle_pause()
        gates.let_on(2)
        await until(pilot, lambda: session.over, "the end")
        assert session.state.status == "done"


async def test_equal_notices_are_shown_once(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=SIZES[0], notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n", "ctrl+g", "ctrl+g", "ctrl+g")
        assert len(app._notifications) == len(app.screen.query("Toast")) == 1
