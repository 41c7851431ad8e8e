"""Keys that are typed without a pause: each one has done its work before the next is looked at."""

from __future__ import annotations

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.console.app import MedicConsole
from medic_console.console.home.screen import HomeScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.settings.screen import SettingsScreen
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.table import Table
from tests.console.conftest import Open, press, settle, shows

SIZES = [(120, 36), (80, 24)]
_NAMES = {"/": "slash", " ": "space", "-": "minus"}


async def burst(pilot: Pilot[None], *keys: str) -> None:
    """Type as a terminal does that hands over many keys at once."""
    for key in keys:
        character = key if len(key) == 1 else None
        pilot.app.post_message(events.Key(_NAMES.get(key, key), character))
    await settle(pilot)


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
