"""A threshold is set in Portfolio: by whom is asked, the site's own file says so, and models are held against it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.console.app import MedicConsole
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.compare.thresholds import ThresholdScreen
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.results.comparison.portfolio_file import FILE_NAME, read_use_cases
from tests.console.conftest import TASKS, Open, press, screen_text, settle, shows, told_by

WIDE = (120, 36)


@pytest.fixture
def compared(compared_archive: Path, home: Path) -> Path:
    return Path(shutil.copy(compared_archive, home.parent / "compared.db"))


async def asked(pilot: Pilot[None]) -> ThresholdScreen:
    """Open the portfolio from home and ask for another value of the first threshold."""
    await settle(pilot)
    await press(pilot, "p")
    assert isinstance(pilot.app, MedicConsole) and "e Threshold" in screen_text(pilot.app)
    await press(pilot, "e")
    assert "Which threshold of Scribe?" in screen_text(pilot.app)
    await press(pilot, "enter")
    assert isinstance(pilot.app.screen, ThresholdScreen)
    return pilot.app.screen


async def test_a_threshold_is_written_with_the_name_of_who_sets_it(open_app: Open, compared: Path) -> None:
    app, own = open_app(compared), paths.config_dir() / FILE_NAME
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await asked(pilot)
        assert "It begins as a copy of the bundled examples" in screen_text(app)
        assert "above 85" in screen_text(app), "as the portfolio has it: a figure of 85 does not pass"
        screen.query_one("#threshold", Input).value = "many"
        await press(pilot, "enter")
        assert "✗ many is no number." in screen_text(app)
        screen.query_one("#threshold", Input).value = "72,5"
        await press(pilot, "enter")
        assert "Name who sets it" in screen_text(app) and not own.exists()
        await press(pilot, *"Ada", "enter")
        assert shows(app, CompareScreen) and "Saved" in told_by(app)
        case = read_use_cases(own, TASKS)[0]
        assert (case.requirements[0].threshold, case.set_by) == (72.5, "Ada")
        await settle(pilot)
        told = app.screen.query_one("#use-case", TextPane).text
        assert f"thresholds set by Ada, {case.set_on}" in told and "72.5" in told
        assert "it names nobody who set those of" in " ".join(screen_text(app).replace("┃", " ").split())
        assert app.screen.query_one("#use-cases", Table).chosen == case.id


async def test_leaving_keeps_the_old_threshold(open_app: Open, compared: Path) -> None:
    app = open_app(compared)
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot)
        await press(pilot, "9", "escape")
        assert shows(app, CompareScreen)
        assert not (paths.config_dir() / FILE_NAME).exists()
