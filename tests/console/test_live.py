"""A run that goes on: counting, pausing, stopping, quitting, resuming."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.widgets import Button, Static

from medic_console.audit.plan import Plan
from medic_console.console.app import MedicConsole
from medic_console.console.dialogs.help import HelpScreen
from medic_console.console.dialogs.questions import QuitScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.run_end import end_signal
from medic_console.console.session import Session
from medic_console.console.widgets.table import Table
from medic_console.core import paths
from medic_console.core.records import Counts, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.results.reader import Reader
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import PATIENCE
from tests.console.audited import SCRIPTS, demo_plan
from tests.console.conftest import Open, press, screen_text, settle, shows, until

WIDE = (120, 36)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return demo_plan(tmp_path / "cache", limit=2)


class Gates:
    """Scripted models that wait at given requests until they are let on."""

    def __init__(self, *stops: int) -> None:
        self._gates = {stop: threading.Event() for stop in stops}
        self._waiting = {stop: threading.Event() for stop in stops}
        self._count = 0

    def start(self, model: ModelFile, cache: str) -> ScriptedEngine:
        """Load a model."""

        def script(prompt: Prompt) -> Reply:
            self._count += 1
            if self._count in self._gates:
                self._waiting[self._count].set()
                assert self._gates[self._count].wait(PATIENCE)
            return SCRIPTS[model.name](prompt)

        return ScriptedEngine(script)

    def reached(self, stop: int) -> bool:
        """Tell whether a request waits."""
        return self._waiting[stop].is_set()

    def waiting(self, stop: int) -> bool:
        """Wait until a request waits."""
        return self._waiting[stop].wait(PATIENCE)

    def let_on(self, *stops: int) -> None:
        """Let requests be answered."""
        for stop in stops:
            self._gates[stop].set()


def session_of(app: MedicConsole) -> Session:
    session = app.context.session
    assert session is not None
    return session


async def test_a_run_is_shown_to_its_end_and_its_results_open(open_app: Open, plan: Plan, tmp_path: Path) -> None:
    app = open_app(tmp_path / "new.db", initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: session_of(app).over, "the end of the run")
        await settle(pilot)
        session = session_of(app)
        assert session.error is None
        assert session.state.counts.total == plan.total
        text = screen_text(app)
        assert "✓ done" in text
        assert "2/2" in text
        assert "In words" in text
        words = app.screen.query_one("#streams .note", Static).visual
        assert "clinic-8b is ahead of ward-3b" in str(words)
        failing = session.state.finished.shown(True)
        items = app.screen.query_one("#live-items", Table)
        assert items.row_count == session.state.counts.total > len(failing)
        written: list[str] = []
        app._driver.write = written.append  # type: ignore[method-assign, union-attr]
        app.post_message(session.ended(session.state.started + 59.0))  # type: ignore[operator]
        app.post_message(session.ended(session.state.started + 61.0))  # type: ignore[operator]
        await press(pilot, "f")
        assert written.count("\x07") == 1
        assert items.row_count == len(failing) == session.state.counts.unscored + session.state.counts.failed
        await press(pilot, "enter")
        assert failing[0].ref.item in screen_text(app)
        await press(pilot, "escape", "1", "enter")
        assert shows(app, RunScreen)
        await press(pilot, "escape")
        assert shows(app, HomeScreen)
        assert session.state.run in screen_text(app)


async def test_the_end_of_the_engines_log_is_one_key_away(
    open_app: Open, plan: Plan, tmp_path: Path, home: Path
) -> None:
    app = open_app(tmp_path / "new.db", initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: session_of(app).over, "the end of the run")
        await press(pilot, "l")
        assert "Nothing has been written to the log." in screen_text(app)
        await press(pilot, "escape")
        paths.private(paths.log_dir()).joinpath("engine.log").write_text("first\nload: \x1b[31m12 layers\n", "utf-8")
        await press(pilot, "l")
        assert "load: ␛[31m12 layers" in screen_text(app)
        await press(pilot, "escape")
        assert shows(app, LiveScreen)


async def test_a_paused_view_keeps_counting(open_app: Open, plan: Plan, tmp_path: Path) -> None:
    gates = Gates(2, 7)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(2) and session_of(app).state.counts.total == 1, "the first score")
        await pilot.press("space")
        last = str(app.screen.query_one("#last", Static).visual)
        gates.let_on(2)
        await until(pilot, lambda: session_of(app).state.counts.total >= 4, "more scores")
        await pilot.pause()
        assert "view paused" in screen_text(app) and "ETA not known: " not in screen_text(app)
        assert f"● {session_of(app).state.counts.scored} scored" in screen_text(app)
        assert str(app.screen.query_one("#last", Static).visual) == last
        await pilot.press("space")
        await pilot.pause()
        assert str(app.screen.query_one("#last", Static).visual) != last
        gates.let_on(7)
        await until(pilot, lambda: session_of(app).over, "the end of the run")


def _last_task(app: MedicConsole) -> str:
    last = session_of(app).state.last
    return last.ref.task if last else ""


async def test_a_finished_item_can_be_inspected_while_others_run(open_app: Open, plan: Plan, tmp_path: Path) -> None:
    gates = Gates(4)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(4) and bool(session_of(app).results), "figures")
        await until(pilot, lambda: _last_task(app) == "ehrsql", "the query's score")
        await pilot.press("i")
        await until(pilot, lambda: "How many patients are female?" in screen_text(app), "the item")
        assert not session_of(app).over
        await pilot.press("escape", "escape")
        await until(pilot, lambda: "▶ running" in screen_text(app), "home shows the run as running")
        await pilot.press("enter")
        await pilot.pause()
        assert shows(app, LiveScreen)
        gates.let_on(4)
        await until(pilot, lambda: session_of(app).over, "the end of the run")


async def test_a_run_survives_a_dialog_another_size_and_leaving_the_screen(
    open_app: Open, plan: Plan, tmp_path: Path
) -> None:
    gates = Gates(2, 4, 5)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(2), "a request in flight")
        await pilot.press("question_mark")
        await until(pilot, lambda: shows(app, HelpScreen), "the help")
        gates.let_on(2)
        await until(pilot, lambda: session_of(app).state.counts.total == 3, "scores behind the dialog")
        await pilot.press("escape")
        await until(pilot, lambda: "● 3 scored" in screen_text(app), "what came behind the dialog")
        await pilot.resize_terminal(80, 24)
        gates.let_on(4)
        await until(pilot, lambda: "● 4 scored" in screen_text(app), "scores at the other size")
        await until(pilot, lambda: "1 Tasks" in screen_text(app), "folded panes")
        await pilot.resize_terminal(*WIDE)
        await pilot.press("escape")
        gates.let_on(5)
        await until(pilot, lambda: session_of(app).over, "the end of the run behind home")
        assert session_of(app).state.counts.total == plan.total
        await until(pilot, lambda: "✓ done" in screen_text(app), "home with the run that is done")


async def test_x_stops_and_r_resumes_what_was_left(open_app: Open, plan: Plan, tmp_path: Path) -> None:
    gates = Gates(3)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(3), "a request in flight")
        await pilot.press("x", "s")
        await pilot.pause()
        assert "stopping after the items in flight" in screen_text(app)
        assert "ETA not known: stopping" in screen_text(app)
        gates.let_on(3)
        await until(pilot, lambda: session_of(app).over, "the stop")
        await settle(pilot)
        first = session_of(app)
        assert first.state.status == "interrupted"
        assert first.state.counts.total < plan.total
        await press(pilot, "escape")
        assert "‖ interrupted" in screen_text(app)
    rest = Plan(plan.tasks, plan.candidates, plan.judges, plan.settings, id=first.state.run)
    again = open_app(tmp_path / "new.db", initial=rest)
    async with again.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: session_of(again).over, "the end of the resumed run")
        assert session_of(again).state.status == "done"
        assert session_of(again).state.counts == _stored(tmp_path / "new.db", first.state.run)
        assert session_of(again).state.counts.total == plan.total


def _stored(archive: Path, run: str) -> Counts:
    reader = Reader(archive)
    counts = reader.run(run).counts
    reader.close()
    return counts


async def test_a_paused_run_begins_nothing_until_it_is_let_on(open_app: Open, plan: Plan, tmp_path: Path) -> None:
    gates = Gates(2)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(2), "a request in flight")
        await pilot.press("p")
        await pilot.pause()
        assert "ETA not known: run paused" in screen_text(app)
        assert session_of(app).paused
        await pilot.press("p")
        assert not session_of(app).paused
        gates.let_on(2)
        await until(pilot, lambda: session_of(app).over, "the end of the run")


async def test_quitting_while_a_run_goes_on_asks_and_can_be_taken_back(
    open_app: Open, plan: Plan, tmp_path: Path
) -> None:
    gates = Gates(2)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gates.reached(2) and session_of(app).state.run != "", "a request in flight")
        await pilot.press("ctrl+q")
        await pilot.pause()
        assert shows(app, QuitScreen)
        assert f"Run {session_of(app).state.run} is not done" in screen_text(app)
        await pilot.press("escape")
        assert not session_of(app).stopping
        await pilot.press("ctrl+q")
        await pilot.pause()
        app.screen.query_one("#yes", Button).press()
        await until(pilot, lambda: session_of(app).stopping, "the stop")
        gates.let_on(2)
        await until(pilot, lambda: session_of(app).over, "the end")
    assert session_of(app).state.status == "interrupted"


async def test_a_run_that_cannot_start_says_why(open_app: Open, plan: Plan) -> None:
    app = open_app(Path("/proc/none/archive.db"), initial=plan)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: session_of(app).over, "the refusal")
        await pilot.pause()
        text = screen_text(app)
    assert "✗ Archive" in text
    assert "cannot be written" in text


@pytest.mark.parametrize(
    ("kind", "environment", "signal"),
    [
        ("off", {}, ""),
        ("bell", {"TMUX": "/tmp/t"}, "\x07"),
        ("notify", {}, "\x1b]9;run ␛ done\x07\x07"),
        ("notify", {"TMUX": "/tmp/t"}, "\x1bPtmux;\x1b\x1b]9;run ␛ done\x07\x1b\\\x07"),
        ("notify", {"STY": "1.tty"}, "\x1bP\x1b]9;run ␛ done\x07\x1b\\\x07"),
    ],
)
def test_the_end_of_a_long_run_is_told_to_the_terminal(kind: str, environment: dict[str, str], signal: str) -> None:
    assert end_signal(kind, "run \x1b done", environment) == signal
