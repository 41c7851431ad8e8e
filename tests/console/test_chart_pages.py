"""Charts where people look: a run's items, a model's runs, the findings of a cross-examination."""

from __future__ import annotations

from pathlib import Path

import pytest

from medic_console.commands.cli import main
from medic_console.console.inspect.cef.places import PlacesScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.folding import Tab
from tests.console.conftest import Open, press, screen_text, settle, shows
from tests.console.test_snapshots import SIZES, Compare, after

CEF = ("enter", "j", "j", "j", "j", "enter", "enter")


@SIZES
async def test_the_charts_of_a_run_follow_the_marked_task(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "5")
        assert shows(app, RunScreen)
        assert "How 6 items are spread over Accuracy" in screen_text(app)
        assert "33.3 %" in screen_text(app) and "mean 33.3" in screen_text(app)
        await press(pilot, "1", "down", "5")
        text = screen_text(app)
        assert "Charts of MedCalc" in text and "3 without a score are in no bar" in text


async def test_the_charts_of_a_run_by_mouse(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await pilot.click(next(tab for tab in app.screen.query(Tab) if "Charts" in str(tab.render())))
        await settle(pilot)
        assert "How 6 items are spread" in screen_text(app)
        assert app.focused is not None and app.focused.id == "charts"


@SIZES
async def test_where_findings_lie_is_one_key_from_the_texts(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, *CEF, "w")
        assert shows(app, PlacesScreen)
        text = screen_text(app)
        assert "This item: aci-sample-01" in text and "All items of the task" in text
        assert text.count("In the source:") == 2
        await press(pilot, "escape")
        assert shows(app, CefScreen)


def test_the_command_line_draws_the_same(audited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "charts", "--archive", str(audited)]) == 0
    said = capsys.readouterr().out
    assert "MedQA: How 6 items are spread over Accuracy" in said
    assert "In the source: 9 findings" in said
    assert max(len(line) for line in said.splitlines() if "█" in line) <= 100


@SIZES
def test_picture_of_a_runs_charts(open_app: Open, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), run_before=after("enter", "j", "5"), terminal_size=size)


def test_picture_of_where_findings_lie(open_app: Open, snap_compare: Compare) -> None:
    assert snap_compare(open_app(), run_before=after(*CEF, "w"), terminal_size=(80, 24))
