"""Lines that one types into: what is typed stays in them, and none is left behind when one goes to another pane."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from medic_console.console.app import MedicConsole
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.settings.screen import SettingsScreen
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.search_line import SearchLine
from medic_console.console.widgets.table import Table
from tests.console.conftest import Open, press, settle, shows, told_by

SIZE = (80, 24)


async def _settings_line(pilot: Pilot[None], app: MedicConsole) -> EditLine:
    """Open the line of a setting that is typed."""
    await settle(pilot)
    await press(pilot, "S", "slash", *"context", "enter", "enter")
    assert shows(app, SettingsScreen)
    return app.screen.query_one(EditLine)


async def test_tab_does_not_lead_out_of_a_line_in_which_a_value_is_typed(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        line = await _settings_line(pilot, app)
        before = line.query_one(Input).value
        for key in ("tab", "shift+tab"):
            await press(pilot, key, "7")
        assert line.query_one(Input).value == f"{before}77"


async def test_a_line_for_a_path_keeps_the_focus_where_nothing_is_left_to_complete(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "3", "enter")
        await press(pilot, *"/no/such", "tab", "q")
        assert app.screen.query_one(EditLine).query_one(Input).value == "/no/suchq"


async def test_going_to_another_row_leaves_a_value_as_it_was(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await _settings_line(pilot, app)
        await press(pilot, "1", "2")
        await pilot.click("#all-settings", offset=(5, 1))
        await settle(pilot)
        assert not app.screen.query(EditLine)
        assert app.screen.query_one(KeyBar).display
        assert isinstance(app.focused, Table)
        assert "left without saving" in told_by(app)


async def test_a_search_is_kept_when_one_goes_to_another_pane(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "2", "slash", *"medqa")
        assert app.screen.query(SearchLine)
        await press(pilot, "tab")
        assert not app.screen.query(SearchLine)
        assert app.screen.query_one(KeyBar).display
        await press(pilot, "2")
        assert isinstance(app.focused, Table)
        assert app.focused.sought == "medqa"


async def test_a_terminal_that_is_left_for_a_while_takes_no_line_away(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        line = await _settings_line(pilot, app)
        app.app_focus = False
        await settle(pilot)
        app.app_focus = True
        await settle(pilot)
        assert app.screen.query_one(EditLine) is line
        assert app.focused is line.query_one(Input)


async def test_a_value_is_typed_where_one_pane_is_shown_alone(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "3", "z", "j", "enter")
        assert app.screen.maximized is not None
        assert app.screen.query_one(EditLine).region.height == 1


async def test_a_key_right_behind_the_one_that_opens_new_run_is_typed_into_no_field(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app()
    seen: list[object] = []
    was = NewRunScreen.set_focus

    def noted(screen: NewRunScreen, widget: object, *more: object, **named: object) -> None:
        seen.append(widget)
        was(screen, widget, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(NewRunScreen, "set_focus", noted)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        assert [type(one) for one in seen if isinstance(one, Input)] == []
        assert app.focused is app.screen.query_one("#files")


async def test_a_key_of_another_pane_says_which_one(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "space")
        assert "In or out: it is of the tasks; 2 goes there." in told_by(app)
        await press(pilot, "2", "c")
        assert "Candidate: it is of the models; 1 goes there." in told_by(app)


async def test_a_search_that_finds_every_row_says_so(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "2", "slash", "q")
        some = str(app.screen.query_one("#search-count", Static).render())
        await press(pilot, "backspace", *"out")
        assert " of 23 " in some and not some.startswith("23 ")
        assert str(app.screen.query_one("#search-count", Static).render()).startswith("23 of 23 ")
