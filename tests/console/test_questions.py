"""Nothing begins or ends that nobody has asked for: resuming and stopping are asked first."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.console.dialogs.questions import ResumeScreen, StopScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.served import Served
from medic_console.engine.sizing.memory import gigabytes
from medic_console.session.audit import Audit
from medic_console.testing.scripted import ScriptedEngine
from tests.conftest import fake_model, make_plan, real_plan, sample_task
from tests.console.audited import SCRIPTS, demo_plan
from tests.console.conftest import Open, press, screen_text, settle, shows, until
from tests.console.test_live import Gates, session_of

WIDE = (120, 36)


async def test_x_asks_before_it_stops_a_run(open_app: Open, tmp_path: Path) -> None:
    gates = Gates(2)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=demo_plan(tmp_path / "cache", limit=2))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(2) and session_of(app).state.run != "", "a request in flight")
        await pilot.press("x", "enter")
        assert shows(app, LiveScreen)
        assert not session_of(app).stopping
        await pilot.press("x")
        assert shows(app, StopScreen)
        await until(pilot, lambda: "Stop the run?" in screen_text(app), "the question on the screen")
        await pilot.press("escape")
        assert not session_of(app).stopping
        await pilot.press("x", "s")
        assert session_of(app).stopping
        gates.let_on(2)
        await until(pilot, lambda: session_of(app).over, "the end")


def test_a_served_model_is_sent_prompts_and_takes_no_memory_here(tmp_path: Path) -> None:
    def text(*models: ModelFile) -> str:
        plan = make_plan([sample_task("medqa", tmp_path, limit=2)], models)
        return ResumeScreen(plan, 1)._text

    served = replace(fake_model("ward"), served=Served("http://10.0.0.5:8000/v1", "ward"))
    assert "1 of 2 scores are left to make.\nIt sends prompts, with the texts of items, to:\n  ward" in text(served)
    assert "behind a server" in text(served) and "memory" not in text(served)
    both = text(fake_model("alpha"), served)
    assert "It loads:\n  alpha" in both and "takes its memory" in both and both.endswith("behind a server")


async def test_r_says_what_it_will_load_and_asks(open_app: Open, tmp_path: Path, random_model: Path) -> None:
    archive = tmp_path / "archive.db"
    plan = real_plan([sample_task("medqa", tmp_path / "cache", limit=2)], [random_model])

    def start(model: ModelFile, cache: str) -> ScriptedEngine:
        return ScriptedEngine(SCRIPTS["clinic-8b"])

    for _ in Audit(archive, plan, start).events():
        pass
    with closing(sqlite3.connect(archive)) as base, base:
        base.execute("UPDATE runs SET status = 'interrupted'")
        base.execute("DELETE FROM scores WHERE id = (SELECT max(id) FROM scores)")
    app = open_app(archive, start=start)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "r")
        await until(pilot, lambda: shows(app, ResumeScreen), "the question")
        text = " ".join(screen_text(app).split())
        assert "1 of 2 scores are left to make. It loads:" in text
        assert f"one {plan.candidates[0].quantisation}, " in text
        assert gigabytes(plan.candidates[0].size) in text
        assert app.context.session is None
        await press(pilot, "enter")
        assert shows(app, HomeScreen)
        assert app.context.session is None
        await press(pilot, "r")
        await until(pilot, lambda: shows(app, ResumeScreen), "the question again")
        await press(pilot, "s")
        await until(pilot, lambda: app.context.session is not None, "the run that was asked for")
        assert shows(app, LiveScreen)
