"""200 columns are used: bars with names, the other models' answers beside the one in front."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widget import Widget

from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.naming import called
from tests.console.conftest import Open, press, screen_text, settle, told_by
from tests.console.test_bursts import WAYS

BROAD = (200, 60)


@pytest.mark.parametrize("place", ["item", "sql", "cef"])
async def test_other_models_stand_beside_where_there_is_room(open_app: Open, place: str) -> None:
    app = open_app()
    async with app.run_test(size=BROAD, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, *WAYS[place])
        pane = app.screen.query_one("#others", TextPane)
        assert isinstance(app.screen, InspectorScreen)
        candidates = app.screen.place.candidates
        assert pane.display and pane.outer_size.width > 60
        assert called(candidates[1]) in pane.text
        before = pane.text
        await press(pilot, "greater_than_sign")
        assert pane.text != before, "it shows the model that was in front"
        await press(pilot, str(len(app.screen.PANES)))
        assert app.focused is pane
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert not app.screen.query_one("#others", TextPane).display
        await press(pilot, str(len(app.screen.PANES)))
        assert "from 160 columns on" in told_by(app)


async def test_dimensions_have_their_names_and_long_bars_on_a_broad_home(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=BROAD) as pilot:
        await settle(pilot)
        assert app.screen.query_one("#dimensions", Widget).outer_size.width > 80
        assert "M Medical reasoning" in screen_text(app)


def test_picture_of_a_broad_item(snap_compare: Callable[..., bool], open_app: Open, archive: Path) -> None:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, *WAYS["item"])

    assert snap_compare(open_app(archive), run_before=go, terminal_size=BROAD)


async def test_a_runs_items_stand_beside_its_figures_its_words_or_its_charts(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=BROAD) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j")

        def seen(name: str) -> Widget | None:
            pane = app.screen.query_one(f"#{name}", Widget)
            return pane if pane.display else None

        items, beside = seen("items"), seen("metrics-page")
        assert items and beside and items.region.y == beside.region.y and items.region.right == beside.region.x
        assert "RS(10)" in screen_text(app) and "Question" in screen_text(app)
        await press(pilot, "5")
        assert seen("items") and seen("charts") and not seen("metrics-page")
        await press(pilot, "2")
        assert app.focused is items and seen("charts"), "what was beside stays"
        width = items.outer_size.width
        await press(pilot, "ctrl+right")
        assert items.outer_size.width > width
        await press(pilot, "z")
        assert not seen("charts") or items.outer_size.width > 190
        await press(pilot, "z", "3")
        assert seen("items") and seen("metrics-page")
        await pilot.resize_terminal(120, 36)
        await settle(pilot)
        assert seen("metrics-page") and not seen("items"), "one page at a time where there is less room"


async def test_the_differences_of_a_pair_are_drawn_beside_its_tasks(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=BROAD) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        tasks, drawn = (app.screen.query_one(f"#{name}", Widget) for name in ("compare-tasks", "differences"))
        assert tasks.region.y == drawn.region.y and drawn.outer_size.width > 70
        assert "ACI-Bench" in screen_text(app) and "margin of 2" in screen_text(app)


@pytest.mark.parametrize("keys", [("enter", "j", "j"), ("v",)], ids=["run", "compare"])
def test_picture_of_rooms_that_are_used(
    snap_compare: Callable[..., bool], open_app: Open, archive: Path, keys: tuple[str, ...]
) -> None:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, *keys)

    assert snap_compare(open_app(archive), run_before=go, terminal_size=BROAD)
