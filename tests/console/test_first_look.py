"""The look into the archive that begins before the app is loaded: home shows what it found, and only once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medic_console.console.app import MedicConsole
from medic_console.console.home.first_look import FirstLook, look
from medic_console.console.home.rows import Published, model_row, published_row
from medic_console.console.widgets.table import Cell, Table
from medic_console.core.errors import ArchiveError
from medic_console.results.comparison.overview import Overview
from tests.console.conftest import Open, screen_text, settle, until

MOST_MODULES = 104
"""Of ours that home is drawn with; 102 when this was counted last."""
NOT_YET = ("statistics.intervals", "results.export", "archive.ledger", "audit.shard", "suite.task_file")
"""What figures, exports and seals need, which come after home is drawn."""


def test_home_is_drawn_with_few_modules() -> None:
    code = "import sys, medic_console.console.app; print(*[m for m in sys.modules if m.startswith('medic_console')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert 50 < len(loaded) <= MOST_MODULES, loaded
    assert not {f"medic_console.{name}" for name in NOT_YET} & set(loaded)


def test_the_look_finds_what_the_archive_holds(archive: Path) -> None:
    models, runs = FirstLook(archive).result()
    assert (models, runs) == look(archive) and models and runs


def test_before_figures_are_read_no_number_of_tasks_is_told(archive: Path) -> None:
    models, _ = look(archive)
    assert model_row(models[0], models, (), Overview(), True)[1][2] == "…"
    assert model_row(models[0], models, (), Overview(begun=True), True)[1][2] == "0"
    shown = published_row(Published().points)[1][2]
    assert isinstance(shown, Cell) and shown.text == "…"


def test_an_archive_that_is_not_there_is_an_error_where_it_is_asked_for(tmp_path: Path) -> None:
    first = FirstLook(tmp_path / "none.db")
    with pytest.raises(ArchiveError, match=r"none\.db"):
        first.result()
    assert not first.found


def _opened(archive: Path) -> MedicConsole:
    """Make an app whose first look is over."""
    app = MedicConsole(archive)
    app.context.first = FirstLook(archive)
    app.context.first.result()
    return app


async def test_home_takes_it_once_and_reads_the_tasks_itself(archive: Path) -> None:
    app = _opened(archive)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        assert app.context.first is None
        assert app.screen.query_one("#runs", Table).keys == tuple(run.id for run in look(archive)[1])
        assert "medqa" in app.context.tasks and not app.context.faults


async def test_an_archive_that_is_not_there_is_an_empty_home(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    app.context.first = FirstLook(tmp_path / "none.db")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        assert "The archive holds no run yet." in screen_text(app)


def test_screens_are_loaded_while_nobody_types_and_a_key_stops_that() -> None:
    code = (
        "import sys; from medic_console.console.warm import SCREENS, load; waited = iter((9, 9, 0.1));"
        "assert load(lambda: next(waited), 0.7) == 2 and SCREENS[3] not in sys.modules;"
        "assert load(lambda: 9, 0.7) == len(SCREENS) and set(SCREENS) <= set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


async def test_the_console_loads_them_by_itself(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr("medic_console.console.warm.load", lambda since, quiet: asked.append(since() - quiet))
    monkeypatch.setattr("medic_console.console.app._QUIET", 0.01)
    app = open_app()
    async with app.run_test() as pilot:
        await settle(pilot)
        await until(pilot, lambda: bool(asked), "screens are loaded")
    assert asked[0] > 0, "nobody had typed"
