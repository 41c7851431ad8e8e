"""Where a key leads: from finding to finding, from flip to flip, to the item of the marked task; and never nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.table import Table
from tests.console.audited import demo_plan
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until
from tests.console.test_live import Gates, session_of
from tests.results.compared import RIGHT, WRONG, add_run, gguf, many

WIDE = (120, 36)
CEF = ("enter", "j", "j", "j", "j", "enter", "enter")


def cef(app: MedicConsole) -> CefScreen:
    assert isinstance(app.screen, CefScreen)
    return app.screen


async def test_the_next_item_begins_with_its_first_finding(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, *CEF, "j", "j", "j", "1", "n")
        questions = cef(app).query_one("#questions", Table)
        assert cef(app).place.index == 1
        assert app.focused is questions
        assert questions.cursor_row == 0
        assert cef(app).marked_key == questions.chosen
        assert "contradiction" in questions.row_text()


async def test_findings_are_read_through_from_item_to_item(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, *CEF, "end", "j")
        assert cef(app).place.index == 0
        await press(pilot, "d", "end", "j")
        questions = cef(app).query_one("#questions", Table)
        assert (cef(app).place.index, questions.cursor_row) == (1, 0)
        await press(pilot, "end", "j", "end", "j")
        assert cef(app).place.index == 2
        assert "This is the last of 3" in told_by(app)


async def test_an_item_that_flips_opened_walks_the_flips_of_every_task(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    models = [gguf("alpha", "Q8_0", 1.0), gguf("beta", "Q8_0", 1.0)]
    skills = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: WRONG if n < 2 else RIGHT}
    add_run(path, [many("medqa", tmp_path, 4), many("ehrsql", tmp_path, 4)], skills, models)
    app = open_app(path)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "v", "2")
        flips = app.screen.query_one("#flips", Table)
        wanted = [key.split()[0] for key in flips.keys]
        assert sorted(wanted) == ["ehrsql", "ehrsql", "medqa", "medqa"]
        await press(pilot, "enter")
        seen = [_at(app)]
        for _ in range(3):
            await press(pilot, "n")
            seen.append(_at(app))
        assert [task for task, _ in seen] == wanted
        assert len(set(seen)) == 4
        assert "4 of 4" in screen_text(app)
        assert shows(app, SqlScreen if wanted[-1] == "ehrsql" else ItemScreen)
        assert "beta" in screen_text(app)
        await press(pilot, "n")
        assert "This is the last of 4" in told_by(app)
        await press(pilot, "greater_than_sign", "p", "p")
        assert _at(app) == seen[1]
        assert isinstance(app.screen, InspectorScreen)
        assert app.screen.place.candidate.name == "alpha"
        await press(pilot, "escape")
        assert app.screen.query_one("#flips", Table) is flips


def _at(app: MedicConsole) -> tuple[str, str]:
    assert isinstance(app.screen, InspectorScreen)
    return app.screen.place.task.id, app.screen.place.item


async def test_enter_on_a_task_of_the_live_view_opens_an_item_of_that_task(open_app: Open, tmp_path: Path) -> None:
    gates = Gates(4)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=demo_plan(tmp_path / "cache", limit=2))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await until(pilot, lambda: gates.reached(4) and bool(session_of(app).results), "figures of two tasks")
        tasks = app.screen.query_one("#live-tasks", Table)
        tasks.mark("medqa")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, InspectorScreen), "an item")
        assert _at(app)[0] == "medqa"
        await pilot.press("escape")
        await until(pilot, lambda: shows(app, LiveScreen), "the live view")
        tasks.mark("aci_bench")
        await pilot.press("enter")
        await until(pilot, lambda: "No item of aci_bench is finished yet" in told_by(app), "why not")
        assert shows(app, LiveScreen)
        gates.let_on(4)
        await until(pilot, lambda: session_of(app).over, "the end")


@pytest.mark.parametrize(
    ("way", "gone"),
    [
        ((), {"Previous model"}),
        (("enter",), {"Next model", "Next judge"}),
        (("enter", "enter", "enter"), {"Model", "Next"}),
        (("S",), {"As usual"}),
    ],
)
async def test_the_last_line_names_no_key_that_does_nothing(
    open_app: Open, tmp_path: Path, way: tuple[str, ...], gone: set[str]
) -> None:
    path = tmp_path / "a.db"
    add_run(path, [many("medqa", tmp_path, 1)], {"alpha": lambda t, n: RIGHT}, [gguf("alpha", "Q8_0", 1.0)])
    app = open_app(path)
    async with app.run_test(size=(200, 40)) as pilot:
        await settle(pilot)
        await press(pilot, *way)
        labels = await _labels(pilot)
        assert not labels & gone
        assert "Help" in labels


async def _labels(pilot: Pilot[None]) -> set[str]:
    return {one.label for one, _ in pilot.app.screen.query_one(KeyBar).places()}


async def test_keys_of_the_flips_are_named_only_where_flips_are(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    models = [gguf("alpha", "Q8_0", 1.0), gguf("beta", "Q8_0", 1.0)]
    skills = {"alpha": lambda t, n: RIGHT, "beta": lambda t, n: WRONG}
    add_run(path, [many("medqa", tmp_path, 2)], skills, models)
    app = open_app(path)
    async with app.run_test(size=(200, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        assert not {"Filter", "Next pair"} & await _labels(pilot)
        await press(pilot, "2")
        assert "Filter" in await _labels(pilot)


async def test_an_empty_home_names_only_what_can_be_done(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=(200, 40)) as pilot:
        await settle(pilot)
        assert await _labels(pilot) == {"New run", "Help"}
