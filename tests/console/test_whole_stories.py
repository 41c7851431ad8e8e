"""A new run, watched to its end, a finding, its evidence, the other model, and home: by keyboard, then by mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from medic_console.console.app import MedicConsole
from medic_console.console.home.screen import HomeScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.testing.random_model import Shape, write_random_model
from tests.console.audited import ALPHA, BETA, JUDGE
from tests.console.conftest import Open, click_key, press, screen_text, settle, shows, until

WIDE = (120, 36)
MARKED = {"source": "[patient] No fever and no blood.", "generated": "Dry cough for three weeks with fever."}


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The present folder: three real model files, whose names are those of the scripted models."""
    folder = tmp_path / "models"
    folder.mkdir()
    for seed, model in enumerate((ALPHA, BETA, JUDGE)):
        write_random_model(folder / f"{model.name}.gguf", Shape(seed=seed, name=model.name))
    monkeypatch.chdir(folder)
    return folder


def said(app: MedicConsole) -> str:
    """Return what the screen shows with single blanks."""
    return " ".join(screen_text(app).split())


def evidence(app: MedicConsole) -> dict[str, str]:
    """Return what is marked in the two texts."""
    return {name: app.screen.query_one(f"#{name}", TextPane).marked for name in MARKED}


async def ended(pilot: Pilot[None], app: MedicConsole) -> None:
    """Wait on the live screen until the run has ended well."""
    await until(pilot, lambda: shows(app, LiveScreen), "the live screen")
    await until(pilot, lambda: "✓ done" in screen_text(app), "the end of the run")
    await settle(pilot)


async def test_from_a_new_run_to_a_finding_and_home_by_keyboard_alone(
    open_app: Open, models: Path, tmp_path: Path
) -> None:
    app = open_app(tmp_path / "new.db")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "a", ".", "enter", "c", "j", "g", "j", "c")
        assert shows(app, NewRunScreen)
        await pilot.press("2", "slash", *"aci", "enter", "space", "escape", "slash", *"medqa", "enter", "space")
        await press(pilot, "3", "j", "enter", "1", "enter")
        assert "2 candidates × 2 tasks: 4 scores in all" in said(app)
        await press(pilot, "ctrl+g")
        await ended(pilot, app)
        await press(pilot, "enter")
        assert shows(app, RunScreen)
        keys = app.screen.query_one("#tasks", Table).keys
        await press(pilot, *["j"] * keys.index("aci_bench"), "enter", "enter")
        assert shows(app, CefScreen)
        assert evidence(app) == MARKED
        assert "✗ contradiction" in said(app)
        await press(pilot, ">")
        assert "Note by ward-3b" in said(app)
        assert evidence(app)["generated"] != MARKED["generated"]
        await press(pilot, "escape", "escape")
        assert shows(app, HomeScreen)
        assert "✓ done" in said(app)


async def test_from_a_new_run_to_a_finding_and_home_by_mouse(open_app: Open, models: Path, tmp_path: Path) -> None:
    app = open_app(tmp_path / "new.db")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await click_key(pilot, "n")
        await click(pilot, "#path")
        app.screen.query_one("#path", Input).value = str(models)  # a path must be typed
        await press(pilot, "enter")
        await click_row(pilot, "files", str(models / f"{ALPHA.name}.gguf"), times=1)
        await click_row(pilot, "files", str(models / f"{JUDGE.name}.gguf"), times=1)
        await click_key(pilot, "g")
        await click_row(pilot, "files", str(models / f"{BETA.name}.gguf"))
        await click_row(pilot, "choices-table", "ehrsql", times=1)
        await click_row(pilot, "choices-table", "aci_bench", times=1)
        await click_row(pilot, "choices-table", "aci_bench", times=1)
        await click_row(pilot, "options-table", "limit", times=1)
        await click_row(pilot, "options-table", "limit", times=1)
        await press(pilot, "1", "enter")
        assert "2 candidates × 1 task: 2 scores in all" in said(app)
        await click(pilot, "#start")
        await ended(pilot, app)
        await click_row(pilot, "live-tasks", "aci_bench", times=1)
        assert shows(app, RunScreen)
        await click_row(pilot, "tasks", "aci_bench", times=1)
        await click_row(pilot, "items", app.screen.query_one("#items", Table).keys[0], times=1)
        assert shows(app, CefScreen)
        questions = app.screen.query_one("#questions", Table)
        await click_row(pilot, "questions", questions.keys[1], times=1)
        assert questions.cursor_row == 1
        await click_row(pilot, "questions", questions.keys[0], times=1)
        assert evidence(app) == MARKED
        await click_key(pilot, "greater_than_sign")
        assert "Note by ward-3b" in said(app)
        await pilot.click(Heading, offset=(2, 0))
        await settle(pilot)
        assert shows(app, HomeScreen)
        assert "✓ done" in said(app)


async def click(pilot: Pilot[None], where: str) -> None:
    """Click on a widget."""
    await pilot.click(where)
    await settle(pilot)


async def click_row(pilot: Pilot[None], table: str, key: str, times: int = 2) -> None:
    """Click on a row of a table: the first click marks it, the next one opens it."""
    widget = pilot.app.screen.query_one(f"#{table}", Table)
    border = widget.styles.border_top[0] != ""
    for _ in range(times):
        row = widget.keys.index(key) - widget.scroll_offset.y
        await pilot.click(f"#{table}", offset=(4, row + 1 + border))
        await settle(pilot)
