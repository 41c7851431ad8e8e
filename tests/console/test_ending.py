"""A console that is asked to end by the system, and a run that is stopped at once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from medic_console.console.dialogs.questions import StopScreen
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.conftest import Open, settle, shows, until
from tests.console.test_live import Gates, session_of
from tests.faults.test_signals import endless_plan, stored

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals")


async def test_a_console_ends_when_its_run_has(open_app: Open, tmp_path: Path) -> None:
    gates = Gates(2)
    plan = make_plan([sample_task("medqa", tmp_path / "cache")], [fake_model("clinic-8b")])
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test() as pilot:
        await until(pilot, lambda: gates.reached(2) and session_of(app).state.run != "", "a request in flight")
        run = session_of(app).state.run
        os.kill(os.getpid(), signal.SIGTERM)
        await until(pilot, lambda: session_of(app).stopping, "the signal")
        gates.let_on(2)
        await until(pilot, lambda: app._exit, "the end")
    assert stored(tmp_path / "new.db", run)[0] == "interrupted"


async def test_a_console_without_a_run_ends_at_once(open_app: Open, archive: Path) -> None:
    app = open_app(archive)
    async with app.run_test() as pilot:
        await settle(pilot)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(pilot, lambda: app._exit, "the end")


async def test_x_twice_stops_a_run_at_once(open_app: Open, endless_model: Path, tmp_path: Path) -> None:
    endless = endless_plan(endless_model, tmp_path / "cache")
    app = open_app(tmp_path / "new.db", start=None, initial=endless)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: any(one.tokens for one in session_of(app).state.streams), "a text")
        run = session_of(app).state.run
        await pilot.press("x", "s")
        assert session_of(app).stopping and not session_of(app).over
        await pilot.press("x")
        await until(pilot, lambda: shows(app, StopScreen), "the question")
        await pilot.press("s")
        await until(pilot, lambda: session_of(app).over, "the end")
    assert stored(tmp_path / "new.db", run) == ("interrupted", 0, 0)
