"""What a person does, by keyboard alone."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, Static

from medic_console.console.home.screen import HomeScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.new_run.task_list import TaskList
from medic_console.console.run.screen import RunScreen
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from tests.console.audited import RUN
from tests.console.conftest import Open, press, screen_text, settle, shows

WIDE = (120, 36)


async def test_home_shows_models_ranks_dimensions_and_runs(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        text = screen_text(app)
    for part in (RUN, "✓ done", "clinic-8b", "ward-3b", "~/archive.db", "1 run · 3 models · offline", "not yet"):
        assert part in text
    for part in (
        "Ranks by task, 1 best",
        "Knowledge → execution",
        "33 → 25, −8",
        "no sure gap",
        "published (reference)",
    ):
        assert part in text


async def test_from_home_to_a_finding_to_the_other_model_and_back(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        assert shows(app, RunScreen)
        await press(pilot, "j", "j", "j", "j", "enter", "enter")
        assert shows(app, CefScreen)
        text = screen_text(app)
        assert "coverage 80* (1 omission)" in text
        assert "1 contradicted by source (in no score)" in text
        assert text.index("✗ contradiction") < text.index("✓ YES")
        await press(pilot, ">")
        assert "Note by ward-3b" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, RunScreen)
        await press(pilot, "escape", "escape")
        assert shows(app, HomeScreen)


async def test_a_marked_question_highlights_its_evidence_in_both_texts(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "j", "j", "enter", "enter")
        lines = {name: app.screen.query_one(f"#{name}", TextPane).marked for name in ("source", "generated")}
    assert lines == {"source": "[patient] No fever and no blood.", "generated": "Dry cough for three weeks with fever."}


async def test_d_keeps_findings_only_and_t_shows_the_judges_text(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "j", "j", "enter", "enter", "d")
        assert app.screen.query_one("#questions", Table).row_count == 5
        await press(pilot, "t")
        text = app.screen.query_one("#raw", TextPane).text
        assert "raw answer\nNO" in text
        assert "raw list of source questions" in text
        assert "prompt: user" in text
        await press(pilot, "d", "t")
        assert app.screen.query_one("#questions", Table).row_count == 10


async def test_a_judged_item_without_a_cross_examination_says_why(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "enter", "j", "enter")
        text = screen_text(app)
    assert "○ unscored" in text
    assert "truncated" in text


async def test_the_sql_inspector_marks_rows_that_the_other_side_lacks(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "enter", "j", "j", "j", "j", "enter")
        assert shows(app, SqlScreen)
        text = screen_text(app)
        assert "≠ only here metformin" in " ".join(text.split())
        assert "≠ WHERE differs = SELECT, FROM the same" in " ".join(text.split())
        assert "6 rows" in text
        assert "5 rows" in text
        await press(pilot, "d")
        assert app.screen.query_one("#predicted-rows", Table).row_count == 1
        await press(pilot, "i")
        assert shows(app, TraceScreen)
        assert "Tables:" in screen_text(app)


async def test_a_failed_item_shows_its_traceback(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", ">", "j", "enter", "enter")
        text = screen_text(app)
    assert "✗ failed" in text
    assert "EngineError: the child process ended" in " ".join(text.split())


async def test_j_and_k_walk_through_the_items_that_the_list_showed(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "enter", "enter")
        await press(pilot, "n")
        assert "medqa-sample-02" in screen_text(app)
        await press(pilot, "p", "p")
        assert "medqa-sample-01  1 of 6" in screen_text(app)


async def test_search_and_filter_narrow_the_items(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "2", "slash", *"zebra")
        items = app.screen.query_one("#items", Table)
        assert items.row_count == 0
        await press(pilot, "escape")
        assert items.row_count == 6
        await press(pilot, "f", "f", "f")
        assert items.row_count == 3
        assert "only unscored" in screen_text(app)


async def test_an_archive_without_runs_says_what_to_do(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "Press n to choose models and tasks" in screen_text(app)
        await press(pilot, "n")
        assert shows(app, NewRunScreen)


async def test_a_file_that_is_no_archive_is_named_with_a_hint(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database")
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        text = screen_text(app)
    assert "✗ Archive" in text
    assert "cannot be used" in " ".join(text.split())


async def test_a_bad_model_file_shows_its_message_in_place(open_app: Open, tmp_path: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_text("I am text")
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "a")
        app.screen.query_one("#path", Input).value = str(path)
        await press(pilot, "enter")
        text = " ".join(screen_text(app).split())
    assert "✗ unusable" in text
    assert "not a GGUF file" in text
    assert "✗ cannot start No candidate" in text


async def test_a_usable_model_is_described_and_a_missing_judge_is_told(open_app: Open, random_model: Path) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "n", "a")
        app.screen.query_one("#path", Input).value = str(random_model.parent)
        await press(pilot, "enter")
        assert "not read yet" in screen_text(app)
        await press(pilot, "c", "2", "space", "1")
        text = " ".join(screen_text(app).split())
        assert "● candidate" in text
        assert "chat template yes" in text
        assert "every item will be unscored: no judge" in text
        await press(pilot, "g")
        assert "it is a candidate and the judge" in " ".join(screen_text(app).split())


async def test_help_explains_the_focused_pane_and_every_key(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark")
        text = " ".join(screen_text(app).split())
        assert "Every run in the archive, newest first" in text
        assert "Choose models and tasks for a new run" in text
        await press(pilot, "escape")
        assert shows(app, HomeScreen)
        await press(pilot, "n")
        app.screen.query_one(TaskList).query_one(Table).focus()
        await press(pilot, "question_mark")
        assert "Take the marked task in or out" in " ".join(screen_text(app).split())


async def test_help_breaks_what_a_key_does_beside_the_key_in_every_width(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark")
        for width, broken in ((80, True), (120, False), (60, True)):
            await pilot.resize_terminal(width, 24)
            await settle(pilot)
            text = str(app.screen.query_one("#help > Static", Static).visual)
            line = next(line for line in text.splitlines() if line.startswith("/ "))
            assert line.endswith("again.") is not broken
            under = text.splitlines()[text.splitlines().index(line) + 1]
            assert under.startswith(" " * 13) is broken


async def test_ctrl_c_ends_nothing_and_says_how_to_quit(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+c")
        assert app.is_running
        assert "ctrl+q quits" in screen_text(app)
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def test_all_three_counts_of_a_metric_are_seen_at_80_columns(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        lines = screen_text(app).splitlines()
    head = next(line for line in lines if "Metric" in line)
    row = next(line for line in lines if "MedCalc" in line)
    assert head.split()[-4:-1] == ["Scored", "Unsc.", "Failed"]
    assert row.split()[-6:-1] == ["50", "%", "3", "3", "0"]


async def test_panes_fold_into_tabs_at_80_columns(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "j", "j", "j", "j", "enter", "enter")
        assert app.screen.query_one("#source").display
        assert not app.screen.query_one("#generated").region.width
        await press(pilot, "2")
        assert app.screen.query_one("#generated").region.width > 70
        assert "HISTORY OF PRESENT ILLNESS" in screen_text(app)


async def test_keys_that_come_before_the_items_are_read_open_an_item_of_the_marked_task(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        tasks, items = app.screen.query_one("#tasks", Table), app.screen.query_one("#items", Table)
        tasks.move_cursor(row=2)
        items.action_select_cursor()
        await settle(pilot)
        assert shows(app, SqlScreen)
        assert "How many patients are female?" in screen_text(app)
