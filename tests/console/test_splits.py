"""Borders between panes move by key and by mouse, and stay where they were put while the console is open."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from medic_console.console.app import MedicConsole
from tests.console.conftest import Open, press, settle, told_by

SIZE = (120, 36)
SHOWN = ("models-list", "ranks", "dimensions", "runs")


def sizes(app: MedicConsole) -> list[tuple[int, int]]:
    found = (app.screen.query_one(f"#{name}", Widget).outer_size for name in SHOWN)
    return [(size.width, size.height) for size in found]


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await settle(pilot)


async def test_keys_move_the_borders_of_the_focused_pane_and_they_stay(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(pilot)
        before = sizes(app)
        await press(pilot, "1", "ctrl+right")
        after = sizes(app)
        assert (after[0][0], after[1][0]) == (before[0][0] + 4, before[1][0] - 4)
        assert after[2:] == before[2:]
        await press(pilot, "3", "ctrl+left")  # the last one has its border before it
        assert sizes(app)[2][0] == before[2][0] + 4
        await press(pilot, "ctrl+down")
        moved = sizes(app)
        assert (moved[0][1], moved[3][1]) == (before[0][1] + 2, before[3][1] - 2)
        await press(pilot, "4", "ctrl+right")
        assert "No border of this pane moves that way." in told_by(app)
        await press(pilot, "3", "z")
        assert app.screen.query_one("#dimensions", Widget).outer_size == (120, 34)
        await press(pilot, "ctrl+down")
        assert "z shows all again" in told_by(app)
        await press(pilot, "z")
        assert sizes(app) == moved


async def test_a_border_never_takes_all_of_a_pane(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "1", *["ctrl+left"] * 30, *["ctrl+up"] * 30)
        assert sizes(app)[0][0] == 16 and sizes(app)[0][1] >= 4


@pytest.mark.parametrize(("axis", "by"), [(0, 9), (0, -7), (1, 3), (1, -4)])
async def test_a_border_is_dragged(open_app: Open, axis: int, by: int) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before, region = sizes(app), app.screen.query_one("#models-list", Widget).region
        start = (region.right, region.y + 5) if axis == 0 else (region.x + 5, region.bottom)
        end = (start[0] + by, start[1]) if axis == 0 else (start[0], start[1] + by)
        await drag(pilot, start, end)
        assert sizes(app)[0][axis] == before[0][axis] + by
        other = 1 if axis == 0 else 3
        assert sizes(app)[other][axis] == before[other][axis] - by


async def test_borders_are_where_they_were_when_a_screen_is_opened_again(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "enter", "enter", "1", "ctrl+right", "ctrl+right")
        wide = app.screen.query_one("#question", Widget).outer_size.width
        assert wide == 68
        await press(pilot, "escape", "enter")
        assert app.screen.query_one("#question", Widget).outer_size.width == wide
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await press(pilot, "1")
        assert app.screen.query_one("#question", Widget).outer_size.width == 80


async def test_a_click_within_a_pane_takes_hold_of_nothing(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        before, region = sizes(app), app.screen.query_one("#models-list", Widget).region
        await drag(pilot, (region.x + 9, region.y + 3), (region.x + 60, region.y + 20))
        assert sizes(app) == before
