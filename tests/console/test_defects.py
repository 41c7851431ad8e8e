"""A defect in a thread is told with its cause; the console goes on."""

from __future__ import annotations

import io
import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
from textual.worker import WorkerFailed

from medic_console.console.after_defect import ask_on
from medic_console.console.app import MedicConsole
from medic_console.console.home.screen import HomeScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.session import Session
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.conftest import TASKS, Open, screen_text, settle, shows, until
from tests.console.test_live import Gates, session_of
from tests.faults.test_signals import stored


async def test_what_a_thread_raises_unexpectedly_is_shown_and_nothing_stops(open_app: Open, archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as db:
        db.execute("UPDATE scores SET reason = 'no such reason'")
        db.commit()
    app = open_app()
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        with suppress(WorkerFailed):
            await settle(pilot)
        await pilot.pause()
        told = [notice for notice in app._notifications if notice.title == "Defect of medic-console"]
        assert [notice.message.split("\n")[0].startswith("KeyError") for notice in told] == [True]
        assert shows(app, HomeScreen)
        assert app.is_running


async def test_a_defect_in_a_handler_ends_the_screens_alone_and_the_run_is_shown_again(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gates, archive = Gates(2), tmp_path / "new.db"
    plan = make_plan([sample_task("medqa", tmp_path / "cache")], [fake_model("clinic-8b")])
    broken = open_app(archive, start=gates.start, initial=plan)
    with monkeypatch.context() as patch:
        patch.setattr(MedicConsole, "action_show_help", lambda app: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            async with broken.run_test() as pilot:
                await until(pilot, lambda: gates.reached(2), "a request in flight")
                session = session_of(broken)
                await pilot.press("question_mark")
                await until(pilot, lambda: broken._exception is not None, "the defect")
    assert not session.wait(0), "the screens did not wait for the run"
    monkeypatch.setattr("sys.stdin", io.StringIO("what\nc\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert ask_on(session, grace=10)
    told = capsys.readouterr().err
    assert told.count("open the console again") == 2 and f"1 of {plan.total} scores" in told
    again = MedicConsole(archive, tasks=TASKS, going=session)
    async with again.run_test() as pilot:
        await until(pilot, lambda: shows(again, LiveScreen), "the live view")
        gates.let_on(2)
        await until(pilot, lambda: session.over, "the end")
        await settle(pilot)
        assert "✓ done" in screen_text(again)
    assert session.state.counts.total == plan.total
    assert stored(archive, session.state.run)[0] == "done"


@pytest.mark.parametrize(
    ("answer", "status"), [("s", "interrupted"), ("n", "interrupted"), ("w", "done"), ("", "done")]
)
def test_after_a_defect_a_run_ends_as_one_chooses(
    answer: str, status: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gates, archive = Gates(2), tmp_path / "new.db"
    plan = make_plan([sample_task("medqa", tmp_path / "cache")], [fake_model("clinic-8b")])
    session = Session(archive, plan, gates.start)
    session.begin()
    assert gates.waiting(2)
    if answer:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    else:  # nobody is there
        monkeypatch.setattr("sys.stdin", io.StringIO())
    threading.Timer(0.3, gates.let_on, [2]).start()
    assert not ask_on(session, grace=10)
    assert session.over and session.wait(0)
    run = session.state.run
    assert stored(archive, run)[0] == status
    assert f"Run {run}: " in capsys.readouterr().err.splitlines()[-1]
