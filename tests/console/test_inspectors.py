"""What a person does in the inspectors, by keyboard alone and by mouse."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.whole import WholeTextScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.inspect.sql.parts import note_of
from medic_console.console.inspect.sql.schema import SchemaScreen
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.inspect.sql.side import ResultTable
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.records import SqlResult
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by
from tests.console.inspected import THOUGHT, UNJUDGED, place_of, start
from tests.console.test_contrast import faint_in_themes

WIDE, NARROW = (120, 36), (80, 24)


async def opened(pilot: Pilot[None], path: Path, task: str, number: int = 1, candidate: int = 0) -> None:
    """Open an item's inspector above Home."""
    assert isinstance(pilot.app, MedicConsole)
    await settle(pilot)
    pilot.app.push_screen(inspector_for(pilot.app.context, place_of(path, task, number, candidate)))
    await settle(pilot)


def words(app: MedicConsole) -> str:
    """Return the words that the screen shows, in one line."""
    return " ".join(screen_text(app).split())


def pane(app: MedicConsole, name: str) -> TextPane:
    """Return a pane of the screen."""
    return app.screen.query_one(f"#{name}", TextPane)


def marks(app: MedicConsole) -> dict[str, str]:
    """Return what is marked in both texts of a cross-examination."""
    return {name: pane(app, name).marked for name in ("source", "generated")}


async def click_text(pilot: Pilot[None], text: str) -> None:
    """Click on the first place where the screen shows a text."""
    assert isinstance(pilot.app, MedicConsole)
    lines = screen_text(pilot.app).splitlines()
    row = next(number for number, line in enumerate(lines) if text in line)
    await pilot.click(offset=(lines[row].index(text) + 1, row))
    await settle(pilot)


async def test_from_a_run_to_a_finding_its_evidence_another_model_and_home_by_keyboard(
    open_app: Open, inspected: Path
) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "j", "enter")
        assert shows(app, RunScreen)
        app.screen.query_one("#tasks", Table).mark("aci_bench")
        await press(pilot, "enter", "enter")
        assert shows(app, CefScreen)
        assert "✗ contradiction The source says yes; the note says the opposite." in words(app)
        await press(pilot, "j", "j", "j")
        assert "? hallucination The note says yes; the source does not say this. It may be made up." in words(app)
        assert marks(app) == {"source": "", "generated": "A CT of the chest was ordered."}
        await press(pilot, ">")
        assert "Note by ward-3b" in screen_text(app)
        assert "0 findings" in screen_text(app)
        await press(pilot, "escape", "escape", "escape")
        assert shows(app, HomeScreen)


async def test_the_same_way_by_mouse_alone(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await click_text(pilot, "2026-03-02-001")
        assert shows(app, RunScreen)
        await click_text(pilot, "ACI-Bench")
        await click_text(pilot, "aci-sample-01")
        assert shows(app, CefScreen)
        await click_text(pilot, "hallucinations 1")
        assert app.screen.query_one("#questions", Table).row_count == 1
        assert marks(app)["generated"] == "A CT of the chest was ordered."
        await click_text(pilot, "Model")
        assert "Note by ward-3b" in screen_text(app)
        await click_text(pilot, "Home")
        assert shows(app, HomeScreen)


async def test_the_first_finding_is_marked_at_once(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "aci_bench")
        assert app.screen.query_one("#questions", Table).has_focus
        assert marks(app) == {
            "source": "[patient] No fever and no blood.",
            "generated": "Dry cough for three weeks with fever.",
        }


async def test_a_source_question_stays_marked_under_another_model(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "aci_bench")
        await press(pilot, ">", ">")
        text = words(app)
        assert "Does the patient deny fever? ○ omission The source says yes; the note does not say this." in text
        assert "▸night-1b-in" in text


async def test_filters_narrow_the_questions_and_d_toggles_findings(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "aci_bench")
        table = app.screen.query_one("#questions", Table)
        counts = []
        for key in ("d", "d", "f", "f", "f", "f", "f", "f", "f"):
            await press(pilot, key)
            counts.append(table.row_count)
        assert counts == [5, 10, 5, 2, 1, 1, 1, 4, 1]
        assert "judge below .80 (- and + change it)" in words(app)
        await press(pilot, "+", "+")
        assert table.row_count == 3
        await press(pilot, "-", "-", "-", "-", "-")
        assert "none here: f or d shows others" in words(app)


async def test_t_shows_raw_answer_probabilities_prompt_and_what_was_dropped(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "aci_bench")
        await press(pilot, "t")
        text = pane(app, "raw").text
        assert "raw answer\nNO   read as ✗ NO" in text
        assert "prompt: user\nText:\nCHIEF COMPLAINT" in text
        assert "asked for 10, kept 5, dropped 1." in text
        assert "− What is the plan?" in text
        await press(pilot, "j")
        assert "Is the dose of losartan 50 milligrams?" in pane(app, "raw").text
        await press(pilot, "t")
        assert not pane(app, "raw").display


async def test_folded_texts_show_the_one_that_holds_the_evidence(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, inspected, "aci_bench")
        assert pane(app, "source").region.area
        await press(pilot, "j", "j", "j")
        assert pane(app, "generated").region.area
        assert "▌ Blood pressure 128/76. Lungs clear. A CT of the chest was ordered." in screen_text(app)
        assert "same question, other models" not in screen_text(app)
        await press(pilot, "j")
        assert "same question, other models: ward-3b ✓ YES .95 night-1b-instruct ? IDK .93" in words(app)


async def test_a_text_without_a_judge_says_what_to_do(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(inspected, "aci_bench", run=UNJUDGED)))
        await settle(pilot)
        assert (
            "○ unscored: no judge A judge model scores this task, and the run has none. It is left out of every "
            "figure, and counted by its reason. name one with --judge FILE" in words(app)
        )
        assert "CHIEF COMPLAINT" in pane(app, "generated").text


async def test_a_text_of_which_nothing_was_asked_offers_no_key_of_questions(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=NARROW, notifications=True) as pilot:
        await settle(pilot)
        app.push_screen(inspector_for(app.context, place_of(inspected, "aci_bench", run=UNJUDGED)))
        await settle(pilot)
        assert "every figure, and counted by its reason. name one with --judge FILE" in words(app)
        before, bar = app.focused, screen_text(app).splitlines()[-1]
        assert "Findings" not in bar and "Judge" in bar
        await press(pilot, "3", "d", "f", "w", "plus")
        assert app.focused is before and app.focused is not None and shows(app, CefScreen)
        told = told_by(app)
        assert told.count("nothing was asked of this text") == 1 and told.count("there is no question here") == 4


async def test_a_number_brings_a_text_back_from_behind_what_the_judge_wrote(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "aci_bench")
        await press(pilot, "t", "1")
        assert not app.screen.query_one("#raw").display
        assert app.focused is pane(app, "source") and "What brings you in today?" in screen_text(app)


async def test_rows_of_both_results_stand_beside_their_partners(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 5)
        tables = [app.screen.query_one(f"#{name}-rows", ResultTable) for name in ("predicted", "gold")]
        assert [table.keys for table in tables] == [tuple("012345")] * 2
        assert [table.chosen for table in tables] == ["5", "5"]
        assert tables[0].region.y == tables[1].region.y
        assert "≠ only here metformin" in words(app)
        assert "· not here" in screen_text(app)
        await press(pilot, "k", "k")
        assert [table.chosen for table in tables] == ["3", "3"]
        await press(pilot, "d")
        assert [table.row_count for table in tables] == [1, 1]


async def test_the_marked_cell_can_be_read_with_and_without_the_focus_in_every_theme(
    open_app: Open, inspected: Path
) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 5)
        for where in ("focused", "behind"):
            assert await faint_in_themes(pilot, where) == {}
            await press(pilot, "tab")


async def test_results_that_share_no_row_stand_side_by_side_with_their_true_counts(
    open_app: Open, inspected: Path
) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 5, 1)
        text = words(app)
        assert "Model · 100 of 217 rows · 2.0 ms" in text
        assert "got 217 rows, gold 5 rows, 6 columns, gold 1 column" in text
        assert app.screen.query_one("#gold-rows", Table).row_count == 5
        assert "≠ only here sodium chloride 0.9%" in text


async def test_the_focus_comes_back_to_the_rows_from_an_item_without_any(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 2)
        rows = app.screen.query_one("#predicted-rows")
        assert app.focused is rows
        await press(pilot, "n")
        assert app.focused is pane(app, "predicted-sql") and "no such column" in screen_text(app)
        await press(pilot, "p")
        assert app.focused is rows


async def test_a_side_without_rows_says_why(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 1)
        await press(pilot, "d")
        assert screen_text(app).count("no row differs; d shows all") == 2
        await press(pilot, "d")
        assert "no row differs" not in screen_text(app)
    empty = SqlResult("predicted", "SELECT 1 WHERE 0", ("1",))
    assert note_of(empty).plain == "no row: the query ran and found nothing"


async def test_null_is_not_an_empty_text_and_a_wide_cell_opens_whole(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 4, 1)
        text = words(app)
        assert "✗ should have abstained" in text
        assert "∅ NULL '' empty" in text
        await press(pilot, "enter")
        assert shows(app, WholeTextScreen)
        assert "dod · 19 characters" in words(app)
        await press(pilot, "escape", "right", "enter")
        assert "'' · 0 characters" in words(app)


@pytest.mark.parametrize(
    ("number", "candidate", "verdict"),
    [
        (1, 0, "✓ right the rows are those of the gold query = the queries are the same clause by clause"),
        (2, 0, "✗ wrong rows not the gold rows: got 1 row, gold 1 row ≠ SELECT differs = FROM, WHERE the same"),
        (3, 0, "✗ error the model's query does not run: no such column: valu"),
        (4, 0, "✓ abstained rightly the database cannot answer this question"),
        (4, 1, "✗ should have abstained the database cannot answer this question, and the model wrote a query"),
        (6, 0, "○ abstained wrongly the database can answer this question"),
    ],
)
async def test_every_verdict_is_said_in_words(
    open_app: Open, inspected: Path, number: int, candidate: int, verdict: str
) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", number, candidate)
        assert verdict in words(app)


async def test_r_executes_the_focused_sides_query_again(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 5)
        await press(pilot, "r")
        assert "executed again: as in the archive" in words(app)
        await press(pilot, "2", "r")
        assert words(app).count("executed again: as in the archive") == 2


async def test_a_database_that_is_gone_is_told(open_app: Open, inspected: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(inspected, tmp_path / "copy.db"))
    app = open_app(path, start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await opened(pilot, path, "ehrsql", 5)
        screen = app.screen
        assert isinstance(screen, SqlScreen) and screen.trace is not None
        database = Path(screen.trace.resources["database"])
        hidden = database.rename(tmp_path / "hidden.sqlite")
        try:
            await press(pilot, "r")
            assert "There is no database file" in words(app)
            await press(pilot, "s")
            assert "✗ Unreadable items There is no database file" in words(app)
            assert "Give the data set's own SQLite file" in words(app)
        finally:
            hidden.rename(database)


async def test_s_opens_the_tables_with_their_columns(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "ehrsql", 5)
        await press(pilot, "s")
        assert shows(app, SchemaScreen)
        text = words(app)
        assert "prescriptions 217 4 model, gold" in text
        assert "hadm_id INTEGER ★ primary key" in text
        await press(pilot, "s")
        assert shows(app, SqlScreen)


async def test_i_opens_prompt_thoughts_limits_and_engine_and_comes_back(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        await opened(pilot, inspected, "medcalc", 4)
        assert shows(app, ItemScreen)
        await press(pilot, "i")
        assert shows(app, TraceScreen)
        text = pane(app, "answered").text
        assert f"thinking\n{THOUGHT}" in text
        assert "output 60 tokens of at most 1,024, 48 of them for thinking" in text
        assert "1 sequence at once" in text
        assert pane(app, "asked").text.startswith("system\n")
        await press(pilot, "i")
        assert shows(app, ItemScreen)


async def test_copied_text_holds_what_the_screen_shows(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=WIDE) as pilot:
        for task, part in (("aci_bench", "It may be made up."), ("ehrsql", "SELECT"), ("medec", "← error by key")):
            await opened(pilot, inspected, task, 2 if task == "medec" else 1)
            screen = app.screen
            assert isinstance(screen, CefScreen | SqlScreen | ItemScreen)
            assert part in screen.as_plain()
            await press(pilot, "escape")


async def test_a_text_keeps_its_place_when_the_terminal_changes_its_size(open_app: Open, inspected: Path) -> None:
    app = open_app(inspected, start)
    async with app.run_test(size=NARROW) as pilot:
        await opened(pilot, inspected, "aci_bench")
        await press(pilot, "j", "j", "j")
        await pilot.resize_terminal(*WIDE)
        await settle(pilot)
        text = pane(app, "generated")
        row = next(y for y in range(text.size.height) if text.render_line(y).text.startswith("▌"))
        assert Region(0, 0, text.size.width, text.scrollable_content_region.height).contains(0, row)
