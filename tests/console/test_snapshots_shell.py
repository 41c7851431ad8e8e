"""How search, jump mode, plain text, tasks, settings and diagnostics look at 120x36 and 80x24."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.diagnostics.screen import DiagnosticsScreen
from medic_console.console.tasks.screen import TasksScreen
from medic_console.core import paths
from medic_console.core.errors import ArchiveError
from medic_console.core.settings import settings_file
from tests.console.conftest import TASKS, Open, press, settle
from tests.console.test_snapshots import CEF, SIZES, Compare, after

FAULT = '~/medic/config/tasks/triage/task.toml, line 3: unknown key "titel"; did you mean "title"?.'
FOUND = {
    "Versions": {"medic-console": "0.1.0", "Python": "3.11.7 (CPython) /usr/bin/python3", "textual": "8.2.8"},
    "Places": {"archive": "/home/clinic/archive.db", "settings": "/home/clinic/settings.toml (not there yet)"},
    "Archive": {
        "size": "4.1 GB, 0% of it free; write-ahead log 1.2 MB",
        "schema": "m001_first_tables",
        "rows": "200 runs, 1,000,000 outputs",
        "health": "opens; c reads all of it",
    },
    "llama.cpp": {"build": "0.3.36", "offload": "no: this llama.cpp was built for the CPU (README, section GPU)"},
    "Terminal": {"size": "120 columns, 36 lines (80 by 24 is the least that is tested)", "colours": "16 million"},
}


@pytest.fixture(autouse=True)
def home_below_the_users(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are shown from the user's home on, alike in every run."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(home.parent / "user" / "medic"))


@SIZES
def test_search_while_one_types(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("enter", "slash", *"med"))


@SIZES
def test_search_that_was_kept(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("enter", "slash", *"med", "enter"))


@SIZES
def test_jump_mode(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("n", "ctrl+o"))


@SIZES
def test_plain_text(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after(*CEF, "Y"))


@SIZES
def test_tasks(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("T", "down", "down"))


@SIZES
def test_a_task_in_front(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("T", "2"))


@SIZES
def test_tasks_while_looking(snap_compare: Compare, archive: Path, size: tuple[int, int]) -> None:
    app = MedicConsole(archive, tasks=TASKS, faults=(FAULT,))

    async def run(pilot: Pilot[None]) -> None:
        await after("T")(pilot)
        assert isinstance(app.screen, TasksScreen)
        app.clear_notifications()
        app.screen._found.clear()
        app.screen._fill()
        await press(pilot, "end")

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
def test_no_tasks(snap_compare: Compare, archive: Path, size: tuple[int, int]) -> None:
    app = MedicConsole(archive, tasks={})
    assert snap_compare(app, terminal_size=size, run_before=after("T"))


@SIZES
def test_settings_of_no_file(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    assert snap_compare(open_app(), terminal_size=size, run_before=after("S"))


@SIZES
def test_settings_while_one_is_typed(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    _set('[run]\nparallel = 4\nkv_type = "q8_0"\n[keys]\nhome.new_run = "ctrl+n"\n')
    keys = ("S", "slash", *"sequences", "enter", "enter")
    assert snap_compare(open_app(), terminal_size=size, run_before=after(*keys))


@SIZES
def test_settings_of_a_faulty_file(snap_compare: Compare, open_app: Open, size: tuple[int, int]) -> None:
    _set("[run]\nparalel = 4\nthreads = 2\n")
    app = open_app()

    async def run(pilot: Pilot[None]) -> None:
        await after("S")(pilot)
        app.clear_notifications()
        await settle(pilot)

    assert snap_compare(app, terminal_size=size, run_before=run)


@SIZES
@pytest.mark.parametrize("state", ["found", "busy", "faulty"])
def test_diagnostics(snap_compare: Compare, open_app: Open, size: tuple[int, int], state: str) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await after("D")(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, DiagnosticsScreen)
        screen._sections = dict(FOUND)
        if state == "busy":
            screen._sections |= {"Archive": None, "llama.cpp": None}
        if state == "faulty":
            fault = ArchiveError(
                "/home/clinic/archive.db: there is no archive yet.", "Start a run; it makes the archive."
            )
            screen._sections["Archive"] = fault
        screen._draw()
        await settle(pilot)

    assert snap_compare(open_app(), terminal_size=size, run_before=run)


def _set(text: str) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_text(text, "utf-8")
