"""How a long run looks: its list of items while the figures are still being computed, and at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from benchmarks import large_archive
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.table import Table
from tests.console.conftest import Open, press, screen_text, settle, shows, until

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
ITEMS = 10_000
"""From so many on items come before the figures."""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("long") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_archive, "RUNS", 1)
        patch.setattr(large_archive, "ITEMS", ITEMS)
        large_archive.write(path)
    yield path


@pytest.fixture
def long_run(written: Path, archive: Path) -> Path:
    """The archive at a place that no picture shows otherwise."""
    shutil.copy(written, archive)
    return archive


@SIZES
def test_picture_of_a_long_run(
    snap_compare: Callable[..., bool], open_app: Open, long_run: Path, size: tuple[int, int]
) -> None:
    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "enter", "2", "end")

    assert snap_compare(open_app(long_run), terminal_size=size, run_before=go)


async def test_before_a_run_is_read_its_panes_have_names_and_claim_no_items(open_app: Open, long_run: Path) -> None:
    app = open_app(long_run)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        screen = RunScreen(app.context, "2026-01-01-001")
        app.push_screen(screen)
        await until(pilot, lambda: bool(screen.query("#items")), "the panes")
        titles = {str(screen.query_one(f"#{name}").border_title) for name in ("metrics-page", "charts")}
        assert titles == {"Figures", "Charts"}
        assert "0 items" not in str(screen.query_one("#items", Table).border_title)
        await settle(pilot)
        assert shows(app, RunScreen) and f"{ITEMS:,} items" in screen_text(app)
