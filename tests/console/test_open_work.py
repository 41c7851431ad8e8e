"""What is left to do: told by kind in one line of Home, listed by `w`, and opened where it is done."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.console.compare.screen import CompareScreen
from medic_console.console.home.open_work import Kind, in_short, open_work
from medic_console.console.home.screen import HomeScreen
from medic_console.console.home.work_screen import OpenWorkScreen
from medic_console.console.judges.screen import JudgesScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.table import Table
from medic_console.results.reader import Reader
from tests.console.conftest import TASKS, Open, press, screen_text, settle, shows
from tests.results.judging.scripts import BUILD


def test_each_judge_and_run_is_listed_once_by_what_it_needs(judged: Path) -> None:
    found = open_work(judged, tuple(TASKS.values()), BUILD).work
    judges = {one.name.split()[0] + " " + one.name.split()[-1]: one.kind for one in found if "judge" in one.kind}
    assert judges == {"judge-14b pairwise": Kind.JUDGE, "judge-14b rubric": Kind.JUDGE}
    with closing(Reader(judged)) as reader:
        failed = {run.id: run.counts.failed for run in reader.runs() if run.counts.failed}
    assert {one.subject for one in found if one.kind is Kind.FAILED} == set(failed) != set()
    changed = open_work(judged, tuple(TASKS.values()), "another build").work
    again = [one for one in changed if one.kind is Kind.AGAIN]
    assert again and all("changed since: llama.cpp" in one.told and "used in 1 run" in one.told for one in again)


def test_a_line_says_how_much_there_is_of_each_kind(judged: Path) -> None:
    assert in_short(()) == ""
    found = open_work(judged, tuple(TASKS.values()), BUILD).work
    queue = replace(found[0], kind=Kind.QUEUE)
    one = [next(work for work in found if work.kind is Kind.JUDGE), queue, queue]
    assert in_short(one) == "1 judge not qualified · 2 review queues open"


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_open_work_leads_where_it_is_done_and_home_again(open_app: Open, size: tuple[int, int]) -> None:
    app = open_app()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert "open, w lists it: 1 judge not qualified · 1 run with failed items" in screen_text(app)
        await press(pilot, "w")
        assert shows(app, OpenWorkScreen)
        table = app.screen.query_one("#open-work", Table)
        assert table.keys[0].startswith("judge not qualified")
        assert "never measured; its figures are used in 1 run: aci_bench" in table.row_text()
        shown = screen_text(app)
        assert "judge-14b 6a756467 as cef" in shown, "which judge of what"
        assert "never measured; its figures are used in 1 run: aci_bench ━┛" in shown
        await press(pilot, "enter")
        assert shows(app, JudgesScreen)
        await press(pilot, "escape", "end", "enter")
        assert shows(app, RunScreen)
        await press(pilot, "escape", "escape")
        assert shows(app, HomeScreen)
        await press(pilot, "p")
        assert shows(app, CompareScreen)
        assert app.focused is not None and any(one.id == "portfolio-page" for one in app.focused.ancestors)
