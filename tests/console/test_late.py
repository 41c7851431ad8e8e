"""What a thread brings late opens before a person who has waited, never under the fingers of one who went on."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from textual.pilot import Pilot

from medic_console.console import app as console
from medic_console.console.dialogs.pick import PickScreen
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.dialogs.questions import ResumeScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.judges import qualify
from medic_console.console.judges.screen import JudgesScreen
from medic_console.console.run import screen as run_screen
from medic_console.console.run.screen import RunScreen
from medic_console.core.errors import UsageError
from medic_console.session import audit
from tests.conftest import PATIENCE
from tests.console.audited import RUN, demo_plan
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until


class Gate:
    """A function that waits until it is let go."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self.begun, self.go, self._work = Event(), Event(), work

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return self._work(*given, **named)


async def press_while(pilot: Pilot[None], gate: Gate, asking: str, *keys: str) -> None:
    """Press a key that sets a thread going, others while it works, and let it end."""
    await pilot.press(asking)
    await until(pilot, gate.begun.is_set, "the thread begins")
    for key in keys:
        await pilot.press(key)
    gate.go.set()
    await settle(pilot)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Gate:
    gate = Gate(lambda *_: "ACI-Bench in two parts\nby length: ...")
    monkeypatch.setattr(run_screen, "parts_of", gate)
    return gate


async def test_a_text_that_was_waited_for_opens(open_app: Open, parts: Gate) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await press_while(pilot, parts, "b")
        assert shows(app, PlainScreen)


@pytest.mark.parametrize("typed", [("j",), ("escape",), ("slash", "e", "h", "r")])
async def test_a_text_opens_under_nobodys_fingers(open_app: Open, parts: Gate, typed: tuple[str, ...]) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await press_while(pilot, parts, "b", *typed)
        assert shows(app, HomeScreen if typed == ("escape",) else RunScreen)
        if typed != ("escape",):
            assert "ACI-Bench in two parts" in told_by(app) and "b shows all of it." in told_by(app)
        if typed[0] == "slash":
            assert "ehr" in screen_text(app).splitlines()[-1]


@pytest.mark.parametrize("typed", [(), ("down",)])
async def test_what_a_resumed_run_loads_is_asked_of_who_waits(
    open_app: Open, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("update runs set status = 'stopped'")
    plan = replace(demo_plan(tmp_path), id=RUN)
    gate = Gate(lambda *_: plan)
    monkeypatch.setattr(audit, "restore_plan", gate)
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "2")
        await press_while(pilot, gate, "r", *typed)
        if typed:
            assert shows(app, HomeScreen) and "Resume: you have gone on meanwhile" in told_by(app)
        else:
            assert shows(app, ResumeScreen)


@pytest.mark.parametrize("typed", [(), ("escape",)])
async def test_which_file_is_the_judge_is_asked_of_who_waits(
    open_app: Open, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    gate = Gate(lambda *_: ())
    monkeypatch.setattr(qualify, "offered", gate)
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "J")
        assert shows(app, JudgesScreen)
        await press_while(pilot, gate, "q", *typed)
        assert shows(app, HomeScreen if typed else PickScreen)


@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_a_stream_that_is_no_terminal_is_told_before_anything_is_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, closed: str
) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{name}.isatty", lambda name=name: name != closed, raising=False)
    monkeypatch.delenv("TEXTUAL_DRIVER", raising=False)
    monkeypatch.setattr(console.MedicConsole, "run", lambda self: pytest.fail("it was opened"))
    with pytest.raises(UsageError, match="needs a terminal"):
        console.open_console(tmp_path / "archive.db", None)
