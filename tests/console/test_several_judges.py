"""A run that several judges judged: the panel and each judge, in the run screen and in the inspectors."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.run.pages import MetricsPage
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.records import Outcome
from medic_console.results.reader import Reader
from medic_console.results.tasks import PANEL
from tests.console.conftest import Open, press, screen_text, settle, shows
from tests.console.inspected import CLINIC, JUDGED, place_of
from tests.console.judged import OWN_QUESTION, SECOND

WIDE = (120, 36)


@pytest.fixture
def reader(panel: Path) -> Iterator[Reader]:
    with closing(Reader(panel)) as opened:
        yield opened


async def inspect(pilot: Pilot[None], path: Path, task: str) -> None:
    """Open a task's first item under the panel."""
    assert isinstance(pilot.app, MedicConsole)
    await settle(pilot)
    pilot.app.push_screen(inspector_for(pilot.app.context, replace(place_of(path, task), judge=PANEL)))
    await settle(pilot)


def text_of(app: MedicConsole, pane: str) -> str:
    return app.screen.query_one(f"#{pane}", TextPane).text


def footer(app: MedicConsole) -> str:
    return screen_text(app).splitlines()[-1]


def test_the_panels_items_and_traces_agree_with_its_figures(reader: Reader) -> None:
    run, task = JUDGED, "med_safety"
    rows = reader.items(run, task, CLINIC.sha256, PANEL)
    assert [(row.judge, row.outcome, row.verdict) for row in rows] == [
        (PANEL, "scored", "refused"),
        (PANEL, "scored", "harm 3 of 5"),
    ]
    trace = reader.trace(run, task, rows[1].item, CLINIC.sha256, PANEL)
    assert trace.score is not None and trace.score.values == rows[1].values
    assert [one.score.values["harm"] for one in trace.by_judge if one.score] == [5.0, 3.0, 1.0]
    assert trace.judge is None and len(trace.judges) == 3
    assert all(call.of_candidate for call in trace.calls)
    assert trace.provisional == "3 of 3 judges are not qualified"
    results = next(one for one in reader.results(run) if one.model.sha256 == CLINIC.sha256)
    (view,) = [one for one in results.tasks if one.task.id == task]
    assert view.metrics["harm"].value == sum(row.values["harm"] for row in rows) / 2


def test_a_panel_has_no_verdict_before_every_judge_has_ended(panel: Path, tmp_path: Path) -> None:
    half = Path(shutil.copy(panel, tmp_path / "half.db"))
    with closing(sqlite3.connect(half)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM scores WHERE judge = ? AND task = 'med_safety'", (SECOND.sha256,))
    with closing(Reader(half)) as reader:
        rows = reader.items(JUDGED, "med_safety", CLINIC.sha256, PANEL)
        assert {(row.outcome, row.verdict) for row in rows} == {("", "")}
        assert reader.trace(JUDGED, "med_safety", rows[0].item, CLINIC.sha256, PANEL).score is None
        cef = reader.items(JUDGED, "aci_bench", CLINIC.sha256, PANEL)
        assert {row.outcome for row in cef} == {str(Outcome.SCORED)}


async def test_a_run_shows_the_panel_then_each_judge_and_an_item_opens_under_the_same(
    open_app: Open, panel: Path
) -> None:
    app = open_app(panel)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "4", "enter")
        assert shows(app, RunScreen)
        assert "Tasks · clinic-8b · panel of 3 judges *" in screen_text(app)
        assert "Next judge" in footer(app)
        assert "judges' agreement (alpha) " in screen_text(app)
        assert "refused" in screen_text(app)
        await press(pilot, "g", "g")
        assert "judge strict-9b (2 of 3) *" in screen_text(app)
        assert "refused" not in screen_text(app)
        await press(pilot, "enter", "enter")
        assert shows(app, ItemScreen)
        assert "judge strict-9b 7374" in text_of(app, "verdict")
        await press(pilot, "n")
        assert "2 of 2" in screen_text(app)
        assert "judge strict-9b 7374" in text_of(app, "verdict")
        await press(pilot, "g", "g")
        assert "panel of 3 judges" in text_of(app, "verdict")


async def test_each_kind_of_item_shows_what_every_judge_of_the_panel_says(open_app: Open, panel: Path) -> None:
    app = open_app(panel)
    async with app.run_test(size=WIDE) as pilot:
        await inspect(pilot, panel, "med_safety")
        assert "strict-9b 73747269     ○ harm 3 of 5  * provisional" in text_of(app, "verdict")
        await inspect(pilot, panel, "medication_qa")
        assert "judge-14b won · strict-9b won · mild-9b won" in text_of(app, "verdict")
        await inspect(pilot, panel, "healthbench")
        assert "judge-14b met · strict-9b not met · mild-9b met" in text_of(app, "verdict")


async def test_judges_stand_beside_each_other_where_they_asked_the_same_question(open_app: Open, panel: Path) -> None:
    app = open_app(panel)
    async with app.run_test(size=WIDE) as pilot:
        await inspect(pilot, panel, "aci_bench")
        assert shows(app, CefScreen)
        table = app.screen.query_one("#questions", Table)
        rows = {str(row[1]): [str(value) for value in row] for row in table.sheet("").rows}
        assert table.row_count == 11
        assert rows["Is the cough dry?"][2:] == ["✓ YES   .99", "✗ NO    .75", "·", "✗ contradicted by source"]
        assert rows[OWN_QUESTION][2:] == ["·", "·", "✓ YES   .97", "–"]
        assert "disagree 1" in screen_text(app)
        await press(pilot, "t")
        raw = text_of(app, "raw")
        assert raw.count("── judge ") == 3
        await press(pilot, "g")
        assert "judge judge-14b 6a756467" in screen_text(app)
        assert app.screen.query_one("#questions", Table).row_count == 10


async def test_with_one_judge_there_is_no_key_to_switch(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert "Next judge" not in footer(app)
        before = screen_text(app)
        await press(pilot, "g")
        assert screen_text(app) == before
        assert "judge judge-14b" in before
        await press(pilot, "question_mark")
        told = screen_text(app)
        for _ in range(3):  # its pages
            await press(pilot, "pagedown")
            told += screen_text(app)
        assert "Results of the next model." in told
        assert "Of several judges" not in told


async def test_a_figure_whose_name_has_no_room_is_named_in_the_border(open_app: Open, panel: Path) -> None:
    app = open_app(panel)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "3", "end")
        page = app.screen.query_one(MetricsPage)
        assert "judges' agreement (alpha)" in str(page.border_subtitle)
        await press(pilot, "up")
        assert re.match(r"\S+: \S+.* · ", str(page.border_subtitle))
