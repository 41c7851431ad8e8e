"""How home and comparisons look at 120x36 and 80x24; made again with the option `--snapshot-update`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.console.compare.screen import MarginScreen
from tests.console.conftest import Open, settle
from tests.console.test_snapshots import SIZES, Compare, after
from tests.results.compared import RIGHT, add_run, gguf, many

DRIFT = ("space", "greater_than_sign", "space", "v")
PAGES = pytest.mark.parametrize("page", ["tasks", "flips", "ranks", "spearman", "gaps", "pareto", "portfolio"])
KEYS = {
    name: str(n) for n, name in enumerate(("tasks", "flips", "ranks", "spearman", "gaps", "pareto", "portfolio"), 1)
}


@pytest.fixture
def compared(compared_archive: Path, home: Path) -> Path:
    user = home.parent / "user"
    user.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(compared_archive, user / "archive.db"))


@SIZES
@pytest.mark.parametrize("theme", ["medic-dark", "medic-light"])
def test_home_with_marked_models(
    snap_compare: Compare, open_app: Open, compared: Path, size: tuple[int, int], theme: str
) -> None:
    before = after("space", "greater_than_sign", "greater_than_sign", "space", theme=theme)
    assert snap_compare(open_app(compared), terminal_size=size, run_before=before)


@SIZES
def test_home_ranks_and_published(snap_compare: Compare, open_app: Open, compared: Path, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(compared), terminal_size=size, run_before=after("less_than_sign", "2"))


@SIZES
@PAGES
def test_four_models(snap_compare: Compare, open_app: Open, compared: Path, size: tuple[int, int], page: str) -> None:
    before = after("v", "less_than_sign", KEYS[page], "j")
    assert snap_compare(open_app(compared), terminal_size=size, run_before=before)


@pytest.mark.parametrize("page", ["tasks", "flips", "pareto", "portfolio"])
def test_four_models_in_light(snap_compare: Compare, open_app: Open, compared: Path, page: str) -> None:
    before = after("v", "less_than_sign", KEYS[page], "j", theme="medic-light")
    assert snap_compare(open_app(compared), terminal_size=(120, 36), run_before=before)


@SIZES
@pytest.mark.parametrize("page", ["tasks", "flips", "spearman"])
def test_drift(snap_compare: Compare, open_app: Open, compared: Path, size: tuple[int, int], page: str) -> None:
    before = after(*DRIFT, KEYS[page], "j", "j")
    assert snap_compare(open_app(compared), terminal_size=size, run_before=before)


@SIZES
def test_models_that_share_nothing(
    snap_compare: Compare, open_app: Open, archive: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    archive.unlink()
    for name, task in (("alpha", "medqa"), ("beta", "medcalc")):
        add_run(archive, [many(task, tmp_path, 4)], {name: lambda t, n: RIGHT}, [gguf(name, "Q8_0", 1.0)])
    assert snap_compare(open_app(archive), terminal_size=size, run_before=after("v"))


def test_asking_for_the_margin(snap_compare: Compare, open_app: Open, compared: Path) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await after(*DRIFT, "m")(pilot)
        assert isinstance(pilot.app.screen, MarginScreen)
        await settle(pilot)

    assert snap_compare(open_app(compared), terminal_size=(80, 24), run_before=run)
