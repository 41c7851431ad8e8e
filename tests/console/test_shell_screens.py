"""Tasks, settings and diagnostics: full, empty, busy and faulty."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from textual.widgets import Static

from medic_console.archive.health import faults
from medic_console.console.app import MedicConsole
from medic_console.console.diagnostics.screen import DiagnosticsScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.new_run.options import OptionTable
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.settings.screen import SettingsScreen
from medic_console.console.tasks.screen import TasksScreen
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core import paths
from medic_console.core.settings import read_settings, settings_file
from tests.console.conftest import TASKS, Open, press, screen_text, settle, shows, told_by, until

WIDE = (120, 36)


def text_of(app: MedicConsole, pane: str) -> str:
    return app.screen.query_one(f"#{pane}", TextPane).text


async def test_tasks_tell_source_files_and_prompt(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert shows(app, TasksScreen)
        assert app.screen.query_one(Table).row_count == len(TASKS)
        await press(pilot, "slash", *"ehrsql", "enter", "enter")
        text = text_of(app, "task-detail")
        for part in ("licence", "access", "version", "RS(0)", "○ sample only", "to get them", "How many patients"):
            assert part in text
        assert app.focused is not None and app.focused.id == "task-detail"
        await press(pilot, "escape")
        assert shows(app, HomeScreen)


async def test_official_files_are_found_missing_or_unreadable(open_app: Open, tmp_path: Path) -> None:
    lines = ['{"question": "q", "options": {"A": "a", "B": "b"}, "answer_idx": "A", "answer": "a"}'] * 2
    (tmp_path / "medqa").mkdir()
    (tmp_path / "medqa" / "phrases_no_exclude_test.jsonl").write_text("\n".join(lines), "utf-8")
    app = open_app()
    app.context.data = tmp_path
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        shown = screen_text(app)
        assert "● ready" in shown
        assert "– needs a file" in shown
        await press(pilot, "slash", *"gsm8k")
        assert "no file of GSM8K" in " ".join(text_of(app, "task-detail").split())


async def test_an_unusable_task_file_is_listed_with_its_fault(archive: Path) -> None:
    app = MedicConsole(archive, tasks=TASKS, faults=('/x/task.toml, line 3: unknown key "titel".',))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "T", "end")
        assert "✗ unusable" in screen_text(app)
        assert 'line 3: unknown key "titel"' in text_of(app, "task-detail")


async def test_without_tasks_it_says_where_they_belong(archive: Path) -> None:
    app = MedicConsole(archive, tasks={})
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "T")
        assert "There is no task file" in screen_text(app)
        assert "Your own go to" in screen_text(app)


async def test_a_setting_is_typed_checked_saved_and_used_at_once(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        assert shows(app, SettingsScreen)
        assert "Nothing is set" in screen_text(app)
        await press(pilot, "slash", *"sequences", "enter", "enter", *"many", "enter")
        assert "must be a whole number" in told_by(app)
        assert app.screen.query(EditLine)
        await press(pilot, *["backspace"] * 4, "3", "enter")
        assert not app.screen.query(EditLine)
        assert read_settings(settings_file()).settings.run.parallel == 3
        assert app.context.settings.run.parallel == 3
        await press(pilot, "escape", "escape", "n")
        assert shows(app, NewRunScreen)
        assert app.screen.query_one(OptionTable).settings.parallel == 3


async def test_a_choice_takes_the_next_value_and_delete_makes_it_as_usual(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "f2")
        before = app.theme
        await press(pilot, "enter")
        assert app.theme != before
        assert read_settings(settings_file()).settings.theme == app.theme
        await press(pilot, "delete")
        assert app.theme == before
        await press(pilot, "slash", *"sequential", "enter", "enter")
        assert read_settings(settings_file()).settings.run.sequential


async def test_keys_are_changed_on_the_screen_and_a_clash_is_refused(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "S", "slash", *"home: new run", "enter", "enter", "r", "enter")
        assert "r is also the key of home.resume_run" in told_by(app)
        await press(pilot, "backspace", "N", "enter")
        assert app.context.keys == {"home.new_run": "N"}
        await press(pilot, "escape", "escape", "N")
        assert shows(app, NewRunScreen)


async def test_a_faulty_file_is_shown_with_its_lines_and_stays_as_it_is(open_app: Open) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text("[run]\nparalel = 2\nthreads = 3\n", "utf-8")
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "S")
        text = " ".join(screen_text(app).split())
        assert "✗ Settings" in text
        assert 'line 2: unknown key "run.paralel"' in text
        assert app.context.settings.run.threads == 3
    assert "paralel" in settings_file().read_text("utf-8")


async def test_leaving_the_line_changes_nothing(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "S", "end", "enter", "x", "escape")
        assert shows(app, SettingsScreen)
        assert not settings_file().exists()
        assert app.focused is app.screen.query_one(Table)


async def test_every_command_and_setting_is_on_the_screen(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "S", "slash", *"keys", "enter")
        shown, whole = app.screen.query_one(Table).matches
        assert shown >= 50
        assert whole > shown
        assert "keys such as" in str(app.screen.query_one("#setting-detail", Static).visual)


async def test_diagnostics_tell_versions_places_archive_llama_and_terminal(open_app: Open, archive: Path) -> None:
    log = paths.private(paths.log_dir()) / "engine.log"
    log.write_text("first\nlast line \x1b[31m\n", "utf-8")
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "f12")
        assert shows(app, DiagnosticsScreen)
        await until(pilot, lambda: "… looking" not in text_of(app, "diagnosis"), "all sections")
        text = text_of(app, "diagnosis")
        for part in (
            "textual",
            str(archive),
            "m001_first_tables",
            "54 scores",
            "build",
            "120 columns",
            "last line ␛[31m",
        ):
            assert part in text
        await press(pilot, "c")
        assert "✓ whole: no fault" in text_of(app, "diagnosis")
        await press(pilot, "D", "escape")
        assert shows(app, HomeScreen)


async def test_diagnostics_of_a_missing_archive_tell_the_rest(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "D")
        await until(pilot, lambda: "there is no archive yet" in text_of(app, "diagnosis"), "the archive's section")
        assert "(not there yet)" in text_of(app, "diagnosis")
        assert "no engine has run yet" in text_of(app, "diagnosis")


async def test_a_broken_archive_is_named(open_app: Open, archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM runs")
    assert any("names a row of runs that is not there" in fault for fault in faults(archive))
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "D", "c")
        assert "names a row of runs that is not there" in screen_text(app)


@pytest.mark.parametrize("key", ["T", "S", "D"])
async def test_a_screen_opens_once_from_anywhere_and_not_over_a_question(open_app: Open, key: str) -> None:
    app = open_app()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        await press(pilot, "enter", key, key)
        assert len(app.screen_stack) == 4
        await press(pilot, "question_mark", key)
        assert len(app.screen_stack) == 5
