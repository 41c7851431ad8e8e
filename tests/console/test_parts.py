"""`b` on a run tells the marked task's figures in parts of its items."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from benchmarks import report_archive
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.run.parts import parts_of
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.text_pane import TextPane
from tests.console.audited import RUN as AUDITED
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until

RUN = "2026-03-02-001"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parts") / "archive.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MEDIC_CONSOLE_HOME", str(path.parent / "home"))
        patch.setattr(report_archive, "MODELS", 1)
        report_archive.write(path, 48, 0, 1)
    return path


async def test_the_parts_of_the_marked_task_are_told_by_every_field_that_has_some(
    open_app: Open, archive: Path
) -> None:
    app = open_app(archive)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "b")
        await until(pilot, lambda: shows(app, PlainScreen), "the parts")
        told = app.screen.query_one(TextPane).text
        assert "ACI-Bench in parts of its items" in screen_text(app).splitlines()[0]
        assert f"{len(told.splitlines())} lines" in screen_text(app).splitlines()[0]
    lines = [line.split() for line in told.splitlines()]
    assert ["by", "age"] in lines and ["by", "sex"] in lines and ["by", "question"] not in lines
    assert "All: task aci_bench · model model-0 · judge model-1" in told
    (few,) = (line for line in lines if line[:3] == ["40", "to", "64"])
    assert few[3] == "few"
    women = next(line for line in lines if len(line) > 4 and line[0] == "F")
    assert women[1] == "24" and women[3].startswith("[")
    assert max(map(len, told.splitlines()[2:])) <= 76, "at 80 columns no row is folded"
    at = lines.index(["by", "sex"])
    assert len({len(line) for line in told.splitlines()[at + 1 : at + 4]}) == 1, "columns stand under their titles"


async def test_a_task_without_parts_says_so_and_opens_nothing(open_app: Open, audited: Path) -> None:
    assert parts_of(audited, AUDITED, "ehrsql") == ""
    app = open_app(audited)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "slash", *"ehrsql", "enter", "b")
        await until(pilot, lambda: "EHRSQL: no parts No field of its items" in told_by(app), "the reason")
        assert shows(app, RunScreen)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_picture_of_a_task_in_parts(
    snap_compare: Callable[..., bool], open_app: Open, archive: Path, size: tuple[int, int]
) -> None:
    app = open_app(archive)

    async def go(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await press(pilot, "enter", "b")
        await until(pilot, lambda: shows(app, PlainScreen), "the parts")
        app.clear_notifications()

    assert snap_compare(app, run_before=go, terminal_size=size)
