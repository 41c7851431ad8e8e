"""Borders between panes move by key and by mouse, and stay where they were put, at the next start too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.pilot import Pilot
from textual.widget import Widget

from medic_console.console.app import MedicConsole
from medic_console.console.kept_sizes import read_sizes, sizes_file, write_sizes
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


def size_of(app: MedicConsole, name: str) -> tuple[int, int]:
    size = app.screen.query_one(f"#{name}", Widget).outer_size
    return size.width, size.height


async def test_borders_of_new_run_move_between_columns_and_between_rows(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "n")
        models, setup, options = (size_of(app, name) for name in ("models", "setup", "options"))
        await press(pilot, "1", "ctrl+left")
        assert size_of(app, "models")[0] == models[0] - 4
        assert size_of(app, "setup")[0] == setup[0] + 4 and size_of(app, "options")[0] == options[0] + 4
        await press(pilot, "ctrl+down")
        assert "No border of this pane moves that way." in told_by(app)
        await press(pilot, "3", "ctrl+up")
        assert (size_of(app, "setup")[1], size_of(app, "options")[1]) == (setup[1] - 2, options[1] + 2)
        region = app.screen.query_one("#models", Widget).region
        await drag(pilot, (region.right, region.y + 5), (region.right + 7, region.y + 5))
        assert size_of(app, "models")[0] == models[0] + 3


async def test_borders_of_judges_move_and_narrow_screens_have_none(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.action_open_judges()
        await settle(pilot)
        before, wrong = size_of(app, "judge-card"), size_of(app, "wrong-probes")
        await press(pilot, "1", "ctrl+right", "ctrl+up")
        assert size_of(app, "judge-card") == (before[0] - 4, before[1] - 2)
        assert size_of(app, "wrong-probes") == (wrong[0], wrong[1] + 2)
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        await press(pilot, "1")
        assert size_of(app, "all-judges")[0] == 80


async def test_borders_are_there_at_the_next_start_and_a_file_appears_only_when_one_was_moved(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
    assert not sizes_file().exists()
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await press(pilot, "1", "ctrl+right")
        moved = sizes(app)
    app = open_app()
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert sizes(app) == moved


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(st.sampled_from(["panes", "screen", "axis", "ids", "cells"]) | st.text(), one)
        ),
        max_leaves=12,
    )
)
def test_a_file_of_anything_gives_sizes_or_none(tmp_path_factory: pytest.TempPathFactory, content: object) -> None:
    file = tmp_path_factory.mktemp("sizes") / "panes.json"
    file.write_text(json.dumps({"panes": [content]}), "utf-8")
    assert isinstance(read_sizes(file), dict)


@pytest.mark.parametrize(
    "wrong",
    [
        {"axis": "depth"},
        {"ids": ["a"]},
        {"cells": [30, 0]},
        {"cells": [30, True]},
        {"ids": ["a", "b, *"]},
        {"screen": 3},
    ],
)
def test_what_is_no_size_is_left_out(tmp_path: Path, wrong: dict[str, object]) -> None:
    sound = {"screen": "home", "axis": "width", "ids": ["a", "b"], "cells": [30, 50]}
    file = tmp_path / "panes.json"
    file.write_text(json.dumps({"panes": [sound | wrong, sound | {"screen": "run"}]}), "utf-8")
    assert read_sizes(file) == {("run", "width", ("a", "b")): (30, 50)}
    write_sizes(file, {("home", "height", ("a", "b")): (9, 5)})
    assert read_sizes(file) == {("home", "height", ("a", "b")): (9, 5)}
    assert read_sizes(tmp_path / "none.json") == {}
