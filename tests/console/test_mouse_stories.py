"""Screens of forms by mouse, letters typed only into fields: a report, a qualification, a threshold."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from medic_console.console.compare.screen import CompareScreen
from medic_console.console.compare.thresholds import ThresholdScreen
from medic_console.console.dialogs.questions import QualifyScreen
from medic_console.console.judges.screen import JudgesScreen
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.widgets.table import Table
from medic_console.core import paths
from medic_console.results.comparison.portfolio_file import FILE_NAME, read_use_cases
from tests.console.audited import RUN
from tests.console.conftest import TASKS, Open, click_key, press, screen_text, settle, shows, told_by, until
from tests.console.test_judges import card, opened
from tests.console.test_qualify import Held
from tests.console.test_whole_stories import click, click_row

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])


@SIZES
async def test_a_report_of_a_run_by_mouse(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await click_row(pilot, "runs", RUN, times=1)
        await press(pilot, "W")
        assert shows(app, NewReportScreen)
        await click_row(pilot, "report-form", "scope")
        assert "may hold patient data" in " ".join(screen_text(app).split())
        await click_key(pilot, "ctrl+g")
        await until(pilot, lambda: "Report written" in told_by(app), "the report")
        record = json.loads((paths.export_dir() / f"report-{RUN}" / "report.json").read_text("utf-8"))
        assert record["scope"] != "scores"


@SIZES
async def test_a_judge_is_qualified_by_mouse(open_app: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    app = open_app(tmp_path / "none.db", Held().start)
    async with app.run_test(size=size, notifications=True) as pilot:
        await opened(pilot)
        await click_key(pilot, "q")
        file = next(key for key in app.screen.query_one("#pick-table", Table).keys if "demo-large" in key)
        await click_row(pilot, "pick-table", file, times=1)
        await click_row(pilot, "pick-table", "harm")
        await until(pilot, lambda: shows(app, QualifyScreen) and "Start  s" in screen_text(app), "the question")
        await click(pilot, "#yes")
        await until(pilot, lambda: shows(app, JudgesScreen), "the judges again")
        await settle(pilot)
        assert "✓ qualified as a judge of harm" in card(app)


@SIZES
async def test_a_threshold_is_set_at_every_size(
    open_app: Open, compared_archive: Path, home: Path, size: tuple[int, int]
) -> None:
    app = open_app(Path(shutil.copy(compared_archive, home.parent / "compared.db")))
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "p")
        await click_key(pilot, "e")
        await click_row(pilot, "pick-table", "0", times=1)
        assert shows(app, ThresholdScreen)
        await click(pilot, "#set-by")
        await press(pilot, *"Ada", "enter")
        assert shows(app, CompareScreen) and "Saved" in told_by(app)
        assert read_use_cases(paths.config_dir() / FILE_NAME, TASKS)[0].set_by == "Ada"
