"""The screen of judges: who is qualified, the card, the probes; empty, faulty, exported."""

from __future__ import annotations

import csv
import json
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.archive.store import Store
from medic_console.console.app import MedicConsole
from medic_console.console.home.screen import HomeScreen
from medic_console.console.judges.screen import JudgesScreen, ProbeScreen
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.results.judging.card_rows import measure_rows
from medic_console.results.judging.judges import known_judges
from medic_console.results.judging.qualification_replies import weighed_replies, wrong_replies
from medic_console.results.judging.standing import JudgeStanding
from medic_console.results.reader import Reader
from tests.console.conftest import TASKS, Open, press, screen_text, settle, shows, told_by
from tests.console.judged import POOR, QUALIFIED_IN
from tests.results.judging.scripts import BUILD

WIDE = (120, 36)
STATES = {
    ("judge-14b", "cef"): JudgeStanding.QUALIFIED,
    ("judge-14b", "pairwise"): JudgeStanding.NEVER,
    ("judge-14b", "harm"): JudgeStanding.QUALIFIED,
    ("judge-14b", "rubric"): JudgeStanding.NEVER,
    (POOR, "cef"): JudgeStanding.NOT_QUALIFIED,
    (POOR, "harm"): JudgeStanding.EXPIRED,
}


async def opened(pilot: Pilot[None], *keys: str) -> JudgesScreen:
    """Open the screen as if llama.cpp were the one of the cards."""
    assert isinstance(pilot.app, MedicConsole)
    await settle(pilot)
    screen = JudgesScreen(pilot.app.context, BUILD)
    pilot.app.push_screen(screen)
    await settle(pilot)
    await press(pilot, *keys)
    return screen


def card(app: MedicConsole) -> str:
    return app.screen.query_one("#judge-card", TextPane).text


def test_every_judge_stands_once_for_each_method_it_was_measured_or_named_for(judged: Path) -> None:
    with closing(Reader(judged)) as reader:
        found = known_judges(reader, TASKS.values(), BUILD)
        assert {(one.name, one.method): one.standing for one in found} == STATES
        changed = known_judges(reader, TASKS.values(), "another build")
        assert {one.changes for one in changed if one.card} == {("llama.cpp",)}
        assert known_judges(reader, (), BUILD)[0].changes == ("the wording of the prompts",)
    by_key = {(one.name, one.method): one for one in found}
    judge = by_key["judge-14b", "harm"].judged
    assert judge is not None
    assert (judge.tasks, judge.file) == (("med_safety",), "/nowhere/judge-14b.gguf")
    assert by_key[POOR, "cef"].judged is None


async def test_from_home_to_a_wrong_probe_and_back_by_keyboard(open_app: Open, judged: Path) -> None:
    app = open_app(judged)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot)
        assert "2 ✓ qualified 1 ✗ not qualified 1 ! expired 2 · never measured  2 judges" in screen_text(app)
        assert "✓ every probe was answered right" in screen_text(app)
        await press(pilot, "j", "j", "j", "j")
        table = app.screen.query_one("#wrong-probes", Table)
        assert table.row_count == 8
        await press(pilot, "3", "enter")
        assert shows(app, ProbeScreen)
        asked, said = (app.screen.query_one(f"#probe-{name}", TextPane).text for name in ("asked", "answered"))
        assert "Does the patient have a fever?" in asked and "You examine clinical texts" in asked
        for part in ("✗ wrong", "right answer  NO", "answered      YES", "raw answer", "YES   █", ".90"):
            assert part in said
        await press(pilot, "n")
        assert "2 of 8" in screen_text(app)
        await press(pilot, "escape", "escape")
        assert shows(app, HomeScreen)


async def test_a_card_tells_every_measure_with_its_limit_in_the_order_of_the_command(
    open_app: Open, judged: Path
) -> None:
    app = open_app(judged)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        text, marked = card(app), screen._marked()
        assert marked is not None and marked.card is not None
        places = [text.index(row.title) for row in measure_rows(marked.card)]
        assert places == sorted(places)
        for part in ("✓ qualified as a judge of cef", "✓ ≥ 90", f"run {QUALIFIED_IN}", "sha256 6a756467", "scripted"):
            assert part in text
        await press(pilot, "j")
        assert "medic-console judge qualify /nowhere/judge-14b.gguf" in card(app)
        await press(pilot, "j", "j", "j")
        assert "✗ Specificity for YES: 0.0 [" in card(app)
        await press(pilot, "j")
        assert "changed since: llama.cpp; it was not qualified" in card(app)


async def test_judges_are_searched_and_exported_with_every_measure(open_app: Open, judged: Path) -> None:
    app = open_app(judged)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await opened(pilot, "slash", *"harm", "enter", "E")
        assert "Exported" in told_by(app)
        (file,) = paths.export_dir().glob("*.json")
        records = json.loads(file.read_text("utf-8"))
        assert {(one["judge"], one["state"]) for one in records} == {("judge-14b", "qualified"), (POOR, "expired")}
        assert {one["measure"]: one["limit"] for one in records}["Refusals rated 1"] == "≥ 60"
        file.unlink()
        await press(pilot, "escape", "end", "3", "E")
        (file,) = paths.export_dir().glob("probes*.csv")
        rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
        assert len(rows) == app.screen.query_one("#wrong-probes", Table).row_count == 7
        assert {row["answered"] for row in rows} == {"1"}


@pytest.mark.parametrize("there", [True, False], ids=["no-judges", "no-archive"])
async def test_without_judges_it_says_which_command_measures_one(open_app: Open, tmp_path: Path, there: bool) -> None:
    path = tmp_path / "archive.db"
    if there:
        Store(path).close()
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "J")
        assert shows(app, JudgesScreen)
        assert "medic-console judge qualify FILE" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


async def test_what_cannot_be_read_is_told_in_place_of_the_judges(open_app: Open, judged: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no archive at all" * 100)
    app = open_app(judged)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        app.context.archive = broken
        await opened(pilot)
        assert "✗ Archive" in screen_text(app)
        assert not app.screen.query_one("#all-judges").region.area


async def test_a_card_shows_how_often_the_judge_is_right_by_its_probability(open_app: Open, judged: Path) -> None:
    with closing(Reader(judged)) as reader:
        judge = next(
            one for one in known_judges(reader, TASKS.values(), BUILD) if (one.name, one.method) == (POOR, "cef")
        )
        assert judge.card is not None
        weighed = weighed_replies(reader, judge.card.run, judge.sha256, judge.wording)
        wrong = wrong_replies(reader, judge.card.run, judge.sha256, judge.wording)
    assert sum(not one.right for one in weighed) == sum(one.probability is not None for one in wrong) > 0
    assert all(0 < one.probability <= 1 for one in weighed)
    app = open_app(judged)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, "j", "j", "j", "j")
        text = card(app)
        right = sum(one.right for one in weighed if one.probability >= 0.9)
        many = sum(one.probability >= 0.9 for one in weighed)
        assert "how often it is right, by the probability of its answer" in text
        assert "p 0.9 to 1.0: says" in text and f"right {right} of {many}" in text
