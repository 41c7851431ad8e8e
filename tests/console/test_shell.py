"""What every screen can do: search, copy, export, jump, the way home."""

from __future__ import annotations

import base64
import csv
import json
from pathlib import Path

import pytest
from textual.driver import Driver
from textual.widgets import Button, Input

from medic_console import __version__
from medic_console.console.app import MedicConsole
from medic_console.console.base import ConsoleScreen
from medic_console.console.dialogs.jump import LETTERS, JumpScreen, targets
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.search_line import SearchLine
from medic_console.console.widgets.table import Table
from tests.console.audited import RUN
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by

WIDE, NARROW = (120, 36), (80, 24)
CEF = ("enter", "j", "j", "j", "j", "enter", "enter")


async def test_a_search_filters_while_one_types_and_escape_shows_all_again(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "slash", *"med")
        tasks = app.screen.query_one("#tasks", Table)
        assert tasks.matches == (3, 5)
        assert "3 of 5" in screen_text(app)
        assert not app.screen.query_one(KeyBar).display
        await press(pilot, *"calc", "enter")
        assert tasks.matches == (1, 5)
        assert "/medcalc  1 of 5" in screen_text(app)
        assert app.focused is tasks
        await press(pilot, "escape")
        assert tasks.matches == (5, 5)
        await press(pilot, "slash", "z", "escape")
        assert tasks.matches == (5, 5)
        assert not app.screen.query(SearchLine)
        assert app.screen.query_one(KeyBar).display
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


async def test_an_inspector_walks_through_the_items_that_were_found(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "2", "slash", *"sample-0", *"1", "enter", "enter")
        assert "1 of 1" in screen_text(app)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_an_export_holds_whole_values_and_says_where_it_went(
    open_app: Open, home: Path, size: tuple[int, int]
) -> None:
    app = open_app()
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "2", "E")
        files = {path.suffix: path for path in (home / "exports").iterdir()}
        assert all(str(path) in told_by(app) for path in files.values())
    with files[".csv"].open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    records = json.loads(files[".json"].read_text("utf-8"))
    assert [row["item"] for row in table] == [record["item"] for record in records]
    assert len(records) == 6
    assert {"outcome", "reason", "verdict", "answer", "accuracy"} <= set(records[0])
    assert any(record["accuracy"] in (0.0, 1.0) for record in records)
    assert {"run", "model", "model_sha256", "judge", "judge_sha256", "provisional", "task", "task_version"} <= set(
        table[0]
    )
    assert {row["medic_console"] for row in table} == {__version__} and table[0]["model_sha256"].startswith("sha256:")


async def test_one_export_holds_every_figure_of_a_run(open_app: Open, home: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "E")
        (file,) = (home / "exports").glob("*.json")
    records = json.loads(file.read_text("utf-8"))
    assert len({one["model_sha256"] for one in records}) == 2 and len({one["task"] for one in records}) == 5
    assert {"value", "low", "high", "n", "judge", "protocol", "provisional", "run", "medic_console"} <= set(records[0])
    assert {type(one["value"]) for one in records} <= {float, type(None)} and all(
        type(one["n"]) is int for one in records
    )
    assert {one["protocol"] for one in records if one["task"] == "aci_bench"} == {"paper"}


async def test_an_export_of_a_search_says_what_it_leaves_out(open_app: Open, home: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "slash", *"med", "enter", "E")
        assert "14 rows; 3 of 5 in the list, the search leaves out the others" in told_by(app)
        await press(pilot, "slash", *"zzz", "enter", "E")
        assert "There is no row to export" in told_by(app)
    assert len(list((home / "exports").iterdir())) == 2


async def test_a_row_and_a_text_go_to_the_terminals_clipboard(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    app = open_app()
    written: list[str] = []
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        driver = app._driver
        assert isinstance(driver, Driver)
        monkeypatch.setattr(driver, "write", written.append)
        await press(pilot, "y")
        assert RUN in _clipboard(written)
        await press(pilot, *CEF, "2", "y")
        assert "Dry cough for three weeks" in _clipboard(written)


def _clipboard(written: list[str]) -> str:
    sequence = next(text for text in reversed(written) if text.startswith("\x1b]52;c;"))
    return base64.b64decode(sequence.removeprefix("\x1b]52;c;").rstrip("\a")).decode()


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_plain_text_of_a_screen_has_no_borders_and_all_its_panes(
    open_app: Open, size: tuple[int, int]
) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *CEF, "Y")
        assert shows(app, PlainScreen)
        assert isinstance(app.screen, PlainScreen)
        text = app.screen.as_plain()
        for part in ("Dry cough for three weeks", "[patient] No fever", "Was a CT of the chest ordered?"):
            assert part in text
        assert not set(text) & set("│╭╮╰╯┃┏┓━─")
        await press(pilot, "Y", "escape")
        assert shows(app, CefScreen)


async def test_a_terminal_that_cannot_be_handed_over_says_so(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "Y", "t")
        assert shows(app, PlainScreen)
        assert "This terminal cannot be handed over" in told_by(app)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_letter_jumps_to_its_pane(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for pane in ("models-list", "dimensions", "runs"):
            letter = _letter(app, pane)
            await press(pilot, "ctrl+o")
            assert shows(app, JumpScreen)
            await press(pilot, letter)
            assert app.focused is not None and app.focused.id == pane
            assert app.focused.region.area
        await press(pilot, "semicolon", "escape")
        assert shows(app, HomeScreen)
        assert app.focused is not None and app.focused.id == "runs"


def _letter(app: MedicConsole, pane: str) -> str:
    """Return the letter that stands over a pane."""
    screen = app.screen
    assert isinstance(screen, ConsoleScreen)
    return next(letter for letter, target in zip(LETTERS, targets(screen), strict=False) if target.widget.id == pane)


async def test_a_jump_reaches_fields_and_buttons(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        for pane, kind in (("start", Button), ("path", Input)):
            await press(pilot, "ctrl+o", _letter(app, pane))
            assert isinstance(app.focused, kind)
            assert app.focused.id == pane


async def test_the_heading_tells_the_way_from_home_and_a_click_goes_back(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(160, 36)) as pilot:
        await settle(pilot)
        await press(pilot, *CEF)
        assert f"Home › run {RUN} › ACI-Bench" in screen_text(app)
        await pilot.click(Heading, offset=(10, 0))
        await settle(pilot)
        assert shows(app, RunScreen)
        await press(pilot, "enter", "enter")
        await pilot.click(Heading, offset=(2, 0))
        await settle(pilot)
        assert shows(app, HomeScreen)


async def test_the_way_is_shortened_where_there_is_little_room(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, *CEF)
        assert "Home › … › ACI-Bench" in screen_text(app).splitlines()[0]


@pytest.mark.parametrize("way", [("enter",), CEF, ("n",), ("enter", "Y"), (*CEF, "i"), ("enter", "Y", "question_mark")])
async def test_escape_always_goes_home_in_as_many_steps_as_led_there(open_app: Open, way: tuple[str, ...]) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *way)
        steps = len(app.screen_stack)
        while not shows(app, HomeScreen):
            await press(pilot, "escape")
            steps -= 1
            assert len(app.screen_stack) == steps
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


async def test_a_screen_behind_an_opaque_one_is_not_drawn_and_comes_back_at_the_present_size(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        home = app.screen
        await press(pilot, "enter")
        assert app._background_screens == [] and not home.is_current
        await press(pilot, "question_mark")
        assert app._background_screens, "a box leaves the screen behind it in sight"
        await press(pilot, "escape")
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await press(pilot, "escape")
        assert app.screen is home and home.has_class("-narrow")
        assert home.query_one("#runs").size.width < 80
