"""The one table of commands, and the rules that workers keep."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from medic_console.console.app import MedicConsole
from medic_console.console.base import ConsoleScreen
from medic_console.console.command import Command
from medic_console.console.commands import COMMANDS, bindings
from medic_console.console.compare.pages import PortfolioPage
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.diagnostics.screen import DiagnosticsScreen
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.home.model_runs import ModelRunsScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.home.work_screen import OpenWorkScreen
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.cef.places import PlacesScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.sql.schema import SchemaScreen
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.inspect.sql.side import ResultTable
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.judges.screen import JudgesScreen, ProbeScreen
from medic_console.console.live.replay import ReplayScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.new_run.files import FileList
from medic_console.console.new_run.options import OptionTable
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.new_run.task_list import TaskList
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.review.card import CardScreen
from medic_console.console.review.findings import FindingsScreen
from medic_console.console.review.new_queue import NewQueueScreen
from medic_console.console.review.pause import PauseScreen
from medic_console.console.review.screen import ReviewScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.settings.screen import SettingsScreen
from medic_console.console.tasks.screen import TasksScreen
from medic_console.console.topics import TOPICS
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.heat_map import Scroller
from medic_console.console.widgets.scroll_pane import ScrollPane
from medic_console.console.widgets.search_line import SearchLine
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from tests.conftest import ROOT
from tests.console.conftest import Open, press, screen_text, settle, until

OWNERS: dict[str, tuple[type[object], ...]] = {
    "app": (MedicConsole,),
    "screen": (ConsoleScreen,),
    "list": (Table,),
    "text": (TextPane, ScrollPane),
    "search": (SearchLine,),
    "plain": (PlainScreen,),
    "settings_screen": (SettingsScreen,),
    "edit": (EditLine,),
    "diagnostics": (DiagnosticsScreen,),
    "judges_screen": (JudgesScreen,),
    "home": (HomeScreen,),
    "work": (OpenWorkScreen,),
    "grid": (Scroller,),
    "compare": (CompareScreen,),
    "use_cases": (PortfolioPage,),
    "model_runs": (ModelRunsScreen,),
    "new_run": (NewRunScreen,),
    "models": (FileList,),
    "choices": (TaskList,),
    "run_options": (OptionTable,),
    "live": (LiveScreen,),
    "replay": (ReplayScreen,),
    "run": (RunScreen,),
    "inspector": (InspectorScreen,),
    "item": (ItemScreen,),
    "whole": (TraceScreen,),
    "schema": (SchemaScreen,),
    "cef": (CefScreen,),
    "sql": (SqlScreen,),
    "cells": (ResultTable,),
    "trace": (CefScreen, SqlScreen, ItemScreen),
    "review": (ReviewScreen,),
    "new_queue": (NewQueueScreen,),
    "new_report": (NewReportScreen,),
    "findings": (FindingsScreen,),
    "pause": (PauseScreen,),
    **dict.fromkeys(
        ("card", "card_reason", "card_severity", "card_rating", "card_decided", "card_texts"), (CardScreen,)
    ),
}
FORBIDDEN_KEYS = {"ctrl+m", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+c"}
SHELL = (PlainScreen, TasksScreen, JudgesScreen, SettingsScreen, DiagnosticsScreen)
SCREENS = (
    *SHELL,
    HomeScreen,
    OpenWorkScreen,
    CompareScreen,
    ModelRunsScreen,
    NewRunScreen,
    LiveScreen,
    ReplayScreen,
    RunScreen,
    ItemScreen,
    CefScreen,
    PlacesScreen,
    SqlScreen,
    TraceScreen,
    ProbeScreen,
    SchemaScreen,
    ReviewScreen,
    NewQueueScreen,
    NewReportScreen,
    FindingsScreen,
    PauseScreen,
)


def _owners(command: Command) -> tuple[type[object], ...]:
    """Return whose action it is: of a pane with `screen.` before it its screen's, of a card's that screen's."""
    of_screen = command.action.startswith("screen.") and not command.where.startswith("card")
    return OWNERS["screen"] if of_screen else OWNERS[command.where]


def test_every_command_works_where_it_says() -> None:
    for command in COMMANDS:
        of_screen, _, name = command.action.split("(")[0].rpartition("screen.")
        owners = _owners(command)
        assert not of_screen and all(hasattr(owner, f"action_{name}") for owner in owners), command


def test_no_key_is_one_that_terminals_take_for_another() -> None:
    assert not [command for command in COMMANDS if FORBIDDEN_KEYS & set(command.keys.split(","))]


def test_function_keys_are_never_the_only_way() -> None:
    keys = [set(command.keys.split(",")) for command in COMMANDS]
    assert not [k for k in keys if all(key[0] == "f" and key[1:].isdigit() for key in k)]


@pytest.mark.parametrize("screen", SCREENS)
def test_no_two_commands_of_a_screen_share_a_key(screen: type[ConsoleScreen]) -> None:
    keys = [
        key
        for command in COMMANDS
        if command.where in (*screen.PLACES, "screen", "app")
        for key in command.keys.split(",")
    ]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("screen", SCREENS)
def test_every_screen_and_pane_has_its_help(screen: type[ConsoleScreen]) -> None:
    missing = [name for name in (screen.PLACES[0], *screen.PANES) if name not in TOPICS]
    assert [name for name in missing if name not in ("models", "setup", "options")] == []


def test_bindings_carry_the_tables_words() -> None:
    assert [binding.description for binding in bindings("sql")] == [  # type: ignore[union-attr]
        *("Diffs", "Rerun", "Dispute label", "Schema"),
    ]


async def test_the_palette_offers_the_screens_commands_with_their_keys_and_the_themes(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "ctrl+p", *"new run")
        await until(pilot, lambda: "New run (n)" in screen_text(app), "a command of home in the palette")
        await press(pilot, "escape", "ctrl+p", *"theme")
        await until(pilot, lambda: "theme: medic-light" in screen_text(app), "the themes in the palette")


THREAD = "in_thread("


def _workers() -> Iterator[tuple[Path, ast.FunctionDef]]:
    for path in (ROOT / "medic_console" / "console").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(THREAD in ast.unparse(d) for d in node.decorator_list):
                yield path, node


def test_threads_are_made_in_one_place() -> None:
    folder = ROOT / "medic_console" / "console"
    imports = re.compile(r"from textual import .*\bwork\b")
    found = {one.name for one in folder.rglob("*.py") if imports.search(one.read_text("utf-8"))}
    assert found == {"threads.py", "session_app.py"}  # the latter waits for a run, on the loop


def test_workers_are_threads_that_touch_no_widget() -> None:
    found = list(_workers())
    assert len(found) >= 6
    allowed = {
        "post_message",
        "context",
        "quiet",
        "Picked",
        "Read",
        "Unread",
        "Figures",
        "Restored",
        "Known",
        "Refused",
        "Texts",
        "Progress",
        "Inspected",
        "ItemsRead",
        "OthersRead",
        "Offered",
        "Timed",
        "Executed",
        "NotExecuted",
        "FilesRead",
        "Found",
        "Seen",
        "log",
        "Answered",
        "Prepared",
        "Ahead",
        "_published",
        "_run_id",
    }
    for path, node in found:
        touched = {
            child.attr
            for child in ast.walk(node)
            if isinstance(child, ast.Attribute) and isinstance(child.value, ast.Name) and child.value.id == "self"
        }
        assert touched <= allowed, (path, node.name, touched - allowed)
