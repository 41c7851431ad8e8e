"""Items without an answer, a note that was cut off, a judge that is not qualified and kin: told in every place."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from medic_console.audit.events import ItemRef, ItemScored
from medic_console.console.app import MedicConsole
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.live.screen import FollowingScreen, LiveScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.session import Session
from medic_console.console.widgets.dimension_bars import DimensionBars
from medic_console.console.widgets.drawing import Drawing
from medic_console.console.widgets.heat_map import HeatMap
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.records import Outcome, Score
from medic_console.results.reader import Reader, read_results
from tests.console.conftest import Open, press, screen_text, settle
from tests.console.inspected import place_of
from tests.console.partial import CLINIC, RUN, partial_plan

WIDE, NARROW = (120, 36), (80, 24)
QUALIFY = "the judge has not been qualified for this wording (medic-console judge qualify)"
KIN = "judge and candidate: same family (judge-14b, clinic-8b)"
Steps = Callable[[Pilot[None]], object]


@pytest.fixture
def app(open_app: Open, partial: Path) -> MedicConsole:
    return open_app(partial)


def words_of(app: MedicConsole) -> str:
    return " ".join(screen_text(app).split())


def cells(app: MedicConsole, table: str) -> dict[str, list[str]]:
    """Return the cells of each row by the first of them that is no glyph."""
    found = app.screen.query_one(f"#{table}", Table).sheet("").rows
    rows = [[str(cell) for cell in row] for row in found]
    return {next(cell for cell in row if len(cell) > 1): row for row in rows}


def sheet(app: MedicConsole, table: str) -> list[dict[str, object]]:
    """Return what an export of a table holds, one object a row."""
    screen = app.screen
    assert isinstance(screen, RunScreen | CompareScreen | FollowingScreen)
    made = screen.sheet_of(screen.query_one(f"#{table}", Table))()
    return [dict(zip(made.columns, row, strict=True)) for row in made.rows]


async def test_a_run_shows_headline_share_answered_and_the_figure_of_those(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        rows = cells(app, "tasks")
        assert rows["MedCalc"][2:] == ["20.0 [13.0, 28.7]", "100", "20 % ans. 100 [86, 100]", "20", "80", "0"]
        assert rows["ACI-Bench"][2:5] == ["73.3 [15.3, 93.9]*", "2", "50 % ans. 73 [4, 99]"]
        assert rows["Med-Safety"][2:5] == ["3.0 [1.1, 4.9]*", "2", "all ans."]
        text = words_of(app)
        assert (
            "MedCalc Accuracy 20.0 [13.0, 28.7] n 100 · 20 % [13, 29] answered, of those 100.0 [86.1, 100.0] n 20"
            " · unscored: 80 truncated"
        ) in text
        assert f"* provisional: {QUALIFY}; {KIN}" in text
        await press(pilot, "j")
        assert "MedQA Accuracy 50.0 [2.5, 97.5] n 2 · all answered · chance 25.0" in words_of(app)


async def test_a_narrow_run_keeps_mark_and_share_and_says_the_rest_of_the_marked_task(app: MedicConsole) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        rows = cells(app, "tasks")
        assert rows["MedCalc"][2:] == ["20.0 [13.0, 28.7]", "20 %", "20", "80", "0"]
        assert rows["ACI-Bench"][2:5] == ["73.3 [15.3, 93.9]*", "50 %", "2"]
        assert "answered, of those 100.0 [86.1, 100.0] n 20" in words_of(app)
        assert QUALIFY not in words_of(app)
        await press(pilot, "j", "j", "j", "j")
        assert f"* provisional: {QUALIFY}; {KIN}" in words_of(app)


async def test_a_text_that_was_cut_off_says_so_in_the_list_and_in_its_inspector(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "j", "j", "enter")
        rows = cells(app, "items")
        assert rows["aci-sample-01"][2] == "truncated: 5 findings"
        assert "truncated" not in rows["aci-sample-02"][2]
        assert [row["truncated"] for row in sheet(app, "items")] == ["yes", "no"]
        await press(pilot, "enter")
        text = words_of(app)
        assert "● scored 5 findings truncated clinic-8b" in text
        assert "truncated, judged as it stands: its token limit ended the text." in text
        assert "overall 73* coverage 80* (1 omission)" in text
        assert "* provisional, judge and model: same family (judge-14b, clinic-8b)" in text
        await pilot.resize_terminal(*NARROW)
        await settle(pilot)
        assert "* provisional" in words_of(app)
        await press(pilot, "i")
        assert "● scored 5 findings truncated, judged as it stands" in words_of(app)


async def test_an_item_without_an_answer_says_what_it_counts(app: MedicConsole, partial: Path) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await app.push_screen(inspector_for(app.context, place_of(partial, "medcalc", 30, run=RUN)))
        await settle(pilot)
        text = " ".join(app.screen.query_one("#verdict", TextPane).text.split())
    assert "○ unscored: truncated" in text
    assert "It takes the worst value in the headline, and is not among the items answered." in text


async def test_home_marks_ranks_dimensions_gaps_and_tasks(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        ranks = {name: [field.text for field in fields] for name, fields in app.screen.query_one(HeatMap)._rows}
        assert ranks["ACI-Bench"] == ["2*°", "1*"]
        assert ranks["MedCalc"] == ["2°", "1°"]
        assert ranks["MedQA"] == ["1", "2"]
        assert "° an item has no whole answer * provisional judge" in _unboxed(app)
        said = app.screen.query_one(DimensionBars).text.splitlines()
    assert "M ███░░░ 52 [23, 71]*" in said
    assert said[said.index("M ███░░░ 52 [23, 71]*") + 1] == "  5 tasks · 70 % ans. 75 [43, 94]"
    assert "  2 tasks · all ans." in said
    gap = said.index("Knowledge → execution")
    assert said[gap + 1 : gap + 4] == ["50 → 35, −15 [−78, 49] points", "no sure gap", "  80 % ans. +25 [−41, 88]"]
    assert "50 → 100, +50 [−55, 97]* points" in said
    task = said.index("MedCalc      20 [13, 29] n 100")
    assert said[task + 1] == "  20 % ans. 100 [86, 100]"
    assert "ACI-Bench    73 [15, 94]* n 2" in said
    assert "  all ans. · chance 25" in said
    assert f"* provisional: {QUALIFY}; {KIN}" in said


def _unboxed(app: MedicConsole) -> str:
    """Return the ranks' pane as running text."""
    left = 37
    lines = [line[left : left + 41] for line in screen_text(app).splitlines()[2:20]]
    return " ".join(" ".join(lines).split())


async def test_the_narrow_homes_dimensions_have_names_marks_and_shares(app: MedicConsole) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "3")
        text = words_of(app)
    bar = re.search(r"M Medical reasoning (█+)(░+) 52 \[23, 71\]\*", text)
    assert bar and len(bar[1]) > 10 and round(100 * len(bar[1]) / len(bar[1] + bar[2])) == pytest.approx(52, abs=2)
    assert "5 tasks · 70 % ans. 75 [43, 94]" in text


async def _live(pilot: Pilot[None], app: MedicConsole, partial: Path, cache: Path) -> None:
    await settle(pilot)
    session = Session(partial, partial_plan(cache), None)
    cut = Score(Outcome.SCORED, {"overall": 73.0}, verdict="5 findings", truncated=True)
    session.state.apply(ItemScored(ItemRef(CLINIC.sha256, "aci_bench", "aci-sample-01", ""), cut), 0.0)
    session.state.run, session.results = RUN, read_results(partial, RUN)
    await app.push_screen(LiveScreen(app.context, session))
    await settle(pilot)


async def test_the_live_view_marks_figures_and_says_what_is_answered(
    app: MedicConsole, partial: Path, tmp_path: Path
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await _live(pilot, app, partial, tmp_path)
        rows = cells(app, "live-tasks")
        assert rows["MedCalc"][-2:] == ["20 [13, 29]", "20 %"]
        assert rows["ACI-Bench"][-2:] == ["73 [15, 94]*", "50 %"]
        assert rows["Med-Safety"][-2:] == ["3 [1, 5]*", "all"]
        text = words_of(app)
        assert "Accuracy · 20 % ans. 100 [86, 100] ━" in text
        assert "M ███░░░ 52 [23, 71]*" in text
        assert "5 tasks · 70 % ans. 75 [43, 94]" in text
        assert f"* provisional: {QUALIFY}; {KIN}" in app.screen.query_one(DimensionBars).text
        assert "5 findings truncated, judged as it stands" in text
        await press(pilot, "j")
        assert "Accuracy · all ans. · chance 25 ━" in words_of(app)
        row = next(row for row in sheet(app, "live-tasks") if row["task"] == "medcalc")
        assert (row["value"], row["answered value"], row["answered n"]) == (20.0, 100.0, 20)


async def test_the_narrow_live_view_says_that_a_marked_tasks_figure_is_provisional(
    app: MedicConsole, partial: Path, tmp_path: Path
) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await _live(pilot, app, partial, tmp_path)
        await press(pilot, "j", "j", "j", "j")
        assert "CEF overall · 50 % ans. 73 [4, 99] · * provisional: the judge" in words_of(app)


async def test_a_comparisons_tasks_have_marks_and_the_marked_one_all_figures(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v")
        rows = cells(app, "compare-tasks")
        assert rows["ACI-Bench"][1:4] == ["73.3*°", "100.0*", "+26.7 [−73.6, 83.2]*"]
        assert rows["MedCalc"][1:4] == ["20.0°", "90.0°", "+70.0 [55.3, 81.0] ▲"]
        text = words_of(app)
        assert "A 73.3 [15.3, 93.9]* n 2 · 50 % [3, 97] answered, of those 73.3 [3.7, 98.6] n 1" in text
        assert "B 100.0 [22.4, 100.0]* n 2 · all answered" in text
        assert "* provisional: the judge has not been qualified" in text
        assert "ACI-Bench* ├" in drawn(app, "differences").replace("    ", " ").replace("  ", " ").replace("  ", " ")
        app.screen.query_one("#compare-tasks", Table).mark("medqa")
        await settle(pilot)
        assert "A 50.0 [2.5, 97.5] n 2 · all answered · chance 25.0" in words_of(app)
        assert "answered by both" not in words_of(app)
        app.screen.query_one("#compare-tasks", Table).mark("medcalc")
        await settle(pilot)
        assert "answered by both, of those +0.0 [" in words_of(app)


def drawn(app: MedicConsole, pane: str) -> str:
    return app.screen.query_one(f"#{pane}", Drawing).text


async def test_ranks_hold_all_that_fits_and_say_the_rest_below(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "3")
        text = words_of(app)
        assert "MedCalc 2 of 2 [2, 2] · 20 [13, 29]° 1 of 2 [1, 1] · 90 [83, 95]°" in text
        assert "1 100 [22, 100]* n 2, all ans." in text
        assert "° MedCalc: A 20 % ans. 100 [86, 100], B 90 % ans. 100 [97, 100]" in text
        assert "chance: MEDEC 50, MedQA 25" in text
        fields = app.screen.query_one("#rank-map", HeatMap)._rows[0][1]
        assert [field.text for field in fields[:2]] == ["2≈ 73*°", "1 100*"]
        assert f"* provisional: {QUALIFY}; {KIN}" in str(app.screen.query_one("#rank-map .note", Static).visual)
        await press(pilot, "4")
        assert "Two models give no rank correlation" in words_of(app)


async def test_gaps_are_second_minus_first_with_their_mark_and_meaning(app: MedicConsole) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await press(pilot, "v", "5")
        text = drawn(app, "gaps")
    assert "  −15 [−78, 49]  80 % ans. +25 [−41, 88]" in text
    assert "  +50 [−55, 97]*  all ans." in text
    assert "Knowledge to execution: A, B no sure gap." in text
    assert f"* provisional: {QUALIFY}; {KIN}" in text
    assert "  −32\n" in text


async def test_the_pareto_page_marks_points_and_says_what_is_answered(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "6")
        text = drawn(app, "trade-off")
    assert "●A*" in text
    assert "○B*" in text
    assert "57.2 [25.1, 78.0]*" in text
    assert "quality of 110 items, 78 % [39, 86] answered, of those 70.6 [35.9, 92.1] n 29" in text
    assert f"* provisional: {QUALIFY}; {KIN}" in text


async def test_the_portfolio_fails_a_model_whose_items_are_cut_off_and_marks_judged_ones(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "v", "7")
        rows = cells(app, "use-cases")
        assert rows["Calculator"][1:] == ["✗ fails°", "✗ fails°", "–"]
        assert rows["Patient questions"][1:] == ["– no data", "✗ fails*", "–"]
        assert "* provisional judge, never a pass ° an item has no whole answer" in words_of(app)
        assert "mean quality 76.7 [16.0, 94.6]*, 50 % [3, 97] answered, of those 76.7" in words_of(app)
        app.screen.query_one("#use-cases", Table).mark("calculator")
        await settle(pilot)
        said = app.screen.query_one("#use-case", TextPane).text
        found = next(row for row in sheet(app, "use-cases") if (row["model"], row["task"]) == (CLINIC.name, "medcalc"))
    assert (
        "✗ MedCalc Accuracy above 80: 20.0 [13.0, 28.7], n 100; 20 % [13, 29] answered, of those 100.0 [86.1, 100.0] "
        "n 20; 80 of 100 unscored (80 truncated); fails: the whole interval lies on the wrong side; sample items"
    ) in said
    assert (found["standing of the metric"], found["value"], found["share answered"]) == ("fails", 20.0, 20.0)


async def test_exports_hold_every_number_of_a_figure(app: MedicConsole) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        rows = {(row["task"], row["metric"]): row for row in sheet(app, "tasks") if row["model"] == CLINIC.name}
        await press(pilot, "escape", "v")
        pairs = {row["task"]: row for row in sheet(app, "compare-tasks")}
    medcalc, judged = rows["medcalc", "accuracy"], rows["aci_bench", "overall"]
    assert (medcalc["value"], medcalc["n"]) == (20.0, 100)
    assert (medcalc["answered"], medcalc["answered_n"], medcalc["share_answered"]) == (100.0, 20, 20.0)
    assert (medcalc["unscored"], medcalc["provisional"]) == (80, "")
    assert rows["medqa", "accuracy"]["chance"] == 25.0
    assert judged["provisional"] == f"{QUALIFY}; {KIN}"
    pair = pairs["medcalc"]
    assert (pair["A value"], pair["A answered n"], pair["B value"], pair["difference"]) == (20.0, 20, 90.0, 70.0)
    assert (pair["common items"], pair["better"], pair["worse"], pair["verdict"]) == (100, 80, 10, "not worse")


async def test_a_qualified_judge_that_is_kin_is_marked_too(open_app: Open, judged: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(judged, tmp_path / "kin.db"))
    family = json.dumps({"general.basename": "Clinic", "general.size_label": "8B"})
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE models SET metadata = ? WHERE name IN ('clinic-8b', 'judge-14b')", [family])
    with closing(Reader(path)) as reader:
        views = {result.model.name: {view.task.id: view for view in result.tasks} for result in reader.results(RUN)}
    kin = "judge and candidate: same family (judge-14b, clinic-8b)"
    assert views["clinic-8b"]["aci_bench"].provisional == ""
    assert views["clinic-8b"]["aci_bench"].primary.provisional.startswith("judge and candidate: ")
    assert views["ward-3b"]["aci_bench"].primary.provisional == ""
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        ranks = {name: [field.text for field in fields] for name, fields in app.screen.query_one(HeatMap)._rows}
        columns = app.screen.query_one(HeatMap)._columns
        assert [name for name, rank in zip(columns, ranks["ACI-Bench"], strict=True) if "*" in rank] == ["clinic-8b"]
        assert "* provisional: judge and candidate: same " in app.screen.query_one(DimensionBars).text
        await app.push_screen(inspector_for(app.context, place_of(path, "aci_bench")))
        await settle(pilot)
        assert "overall 73*" in words_of(app)
        assert f"* provisional, judge and model: {kin.removeprefix('judge and candidate: ')}" in words_of(app)
