"""What a person does to compare a model with itself: from home to its runs, to their settings drift, to a flip."""

from __future__ import annotations

import datetime
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.commands.cli import main
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.home.model_runs import ModelRunsScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from tests.console.conftest import Open, click_key, press, screen_text, settle, shows, told_by
from tests.console.test_compare import WIDE, words_of
from tests.console.test_contrast import faint_in_themes
from tests.console.test_snapshots import SIZES, Compare, after
from tests.results.compared import GRANTED, RIGHT, WRONG, add_run, gguf, many

DRIFT = ("j", "space", "k", "space", "v")
"""Marks the second run, then the newest one, and compares them."""


@pytest.fixture(scope="session")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of one model: another cache, another number of sequences and another build; and one of another."""
    folder = tmp_path_factory.mktemp("repeated")
    path, tasks = folder / "a.db", [many("medqa", folder, 20), many("medcalc", folder, 10)]
    smol, other = gguf("smol", "Q8_0", 1.0), gguf("other", "Q8_0", 1.0)
    right, later = {"smol": lambda t, n: RIGHT if n < 8 else WRONG}, {"smol": lambda t, n: RIGHT if n > 4 else WRONG}
    cache, alone = replace(GRANTED, kv_type="q8_0"), replace(GRANTED, parallel=1, build="scripted anew")
    add_run(path, tasks, right, [smol], granted=cache, parallel=4, kv_type="q8_0")
    add_run(path, tasks, right, [smol], granted=alone, parallel=1, day=datetime.date(2026, 3, 3))
    add_run(path, tasks, later, [smol], parallel=4, day=datetime.date(2026, 3, 4))
    add_run(path, tasks, {"other": right["smol"]}, [other], day=datetime.date(2026, 3, 5))
    return path


@pytest.fixture
def archive(repeated: Path, home: Path) -> Path:
    user = home.parent / "user"
    user.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(repeated, user / "archive.db"))


async def test_from_home_to_the_drift_of_two_runs_to_a_flip_and_back_by_keyboard(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "V runs" not in screen_text(app)
        await press(pilot, "greater_than_sign")
        assert "space mark, v compare, V runs" in screen_text(app)
        await press(pilot, "V")
        assert shows(app, ModelRunsScreen)
        text = words_of(app)
        assert "Runs of smol Q8_0" in text
        assert "❯· 2026-03-04-001 2026-03-04 09:30 UTC medqa, medc… 30 reference" in text
        assert "parallel: 4 → 1; build: scripted → scripted a" in text
        await press(pilot, *DRIFT)
        assert shows(app, CompareScreen)
        text = words_of(app)
        assert "Settings drift A → B margin 2 points" in text
        assert "smol Q8_0 736d6f6c, runs A 2026-03-03-001 B 2026-03-04-001" in text
        assert "parallel: 1 → 4 ┃" in text and "build: scripted anew → scripted ┃" in text
        await press(pilot, "2")
        assert "Flips A → B: 24" in screen_text(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, InspectorScreen)
        assert "smol@2026-03-04-001" in screen_text(app)
        await press(pilot, "greater_than_sign")
        assert "smol@2026-03-03-001" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert shows(app, ModelRunsScreen)
        assert "2 marked, v compares" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


async def test_runs_are_marked_and_compared_by_mouse(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "greater_than_sign", "V")
        for row in (2, 3, 3):
            await pilot.click("#model-runs", offset=(6, row))
            await settle(pilot)
        assert "2 marked, v compares" in screen_text(app)
        await click_key(pilot, "v")
        assert "Settings drift" in screen_text(app)


async def test_without_marks_every_set_of_settings_is_compared_and_pairs_name_what_differs(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "greater_than_sign", "V", "v")
        assert "A → B (pair 1 of 3)" in screen_text(app)
        await press(pilot, "less_than_sign")
        text = words_of(app)
        assert "B → C (pair 3 of 3)" in text
        assert "parallel: 1 → 4 ┃" in text and "kv_type: f16 → q8_0 ┃" in text
        await press(pilot, "3")
        assert "A 2026-03-04-001" in words_of(app) and "C 2026-03-02-001" in words_of(app)
        await press(pilot, "6")
        assert "10.0 tokens/s (10 outputs, 1 at once)" in words_of(app)
        await press(pilot, "7")
        assert "Thresholds are examples" in words_of(app)


async def test_the_settings_of_the_marked_run_are_told_against_the_first_mark(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "greater_than_sign", "V", "j", "j", "space", "k")
        pane = app.screen.query_one("#run-settings", TextPane)
        lines = pane.text.splitlines()
        assert lines[0].startswith("2026-03-02-001 → 2026-03-03-001: 3 settings of ")
        assert lines[1:4] == ["parallel: 4 → 1", "kv_type: q8_0 → f16", "build: scripted → scripted anew"]
        assert "thinking_budget: 2048 (0)" in lines
        await press(pilot, "space", "space", "j", "space")
        assert app.screen.query_one("#model-runs", Table).border_subtitle == "space marks, v compares"


async def test_what_cannot_be_compared_says_what_to_do(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "V", "v")
        assert shows(app, ModelRunsScreen)
        assert "No two runs differ in their settings: mark two to six runs" in told_by(app)
        await press(pilot, "space", "v")
        assert "A comparison needs two runs or more: mark two to six runs" in told_by(app)
        await press(pilot, "escape", "greater_than_sign", "greater_than_sign", "V")
        assert shows(app, HomeScreen)
        assert "Mark a model that was run here" in told_by(app)


async def test_an_archive_that_is_gone_is_told(open_app: Open, archive: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        archive.unlink()
        await press(pilot, "V")
        assert "there is no archive yet" in words_of(app)
        await press(pilot, "v")
        assert shows(app, ModelRunsScreen)


@SIZES
def test_runs_of_a_model(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    before = after("greater_than_sign", "V", "j", "space", "j")
    assert snap_compare(open_app(), terminal_size=size, run_before=before)


@SIZES
def test_settings_drift(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    before = after("greater_than_sign", "V", *DRIFT)
    assert snap_compare(open_app(), terminal_size=size, run_before=before)


async def test_every_text_can_be_read_in_every_theme(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "greater_than_sign", "V", "j", "space")
        found = await faint_in_themes(pilot, "runs")
        await press(pilot, "j", "space", "v")
        found |= await faint_in_themes(pilot, "comparison")
    assert found == {}


@SIZES
async def test_a_models_runs_show_its_history(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "greater_than_sign", "V", "3")
        assert shows(app, ModelRunsScreen)
        lines = screen_text(app).splitlines()
        first = next(number for number, line in enumerate(lines) if "MedQA · Accuracy" in line)
        runs = [line for line in lines[first + 2 : first + 5] if "●" in line]
        assert [line.split()[1] for line in runs] == ["2026-03-02-001", "2026-03-03-001", "2026-03-04-001"]
        assert [line.split("n 20")[0].split()[-3] for line in runs] == ["40.0", "40.0", "75.0"]


def test_the_command_line_draws_a_history(repeated: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "charts", "2026-03-04-001", "--archive", str(repeated)]) == 0
    said = capsys.readouterr().out
    assert said.count("2026-03-02-001") == 2, "a line in the history of each of two tasks"


def test_picture_of_a_models_history(open_app: Open, snap_compare: Compare) -> None:
    assert snap_compare(open_app(), run_before=after("greater_than_sign", "V", "3"), terminal_size=WIDE)
