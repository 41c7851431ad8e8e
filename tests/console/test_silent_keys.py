"""No key is silent: what a screen offers does something that is seen, or says in a line why it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from medic_console.console.app import MedicConsole
from medic_console.console.base import ConsoleScreen
from medic_console.console.command import Command
from medic_console.console.commands import COMMANDS
from medic_console.console.inspect.cef.places import PlacesScreen
from medic_console.console.live.screen import LiveScreen
from medic_console.console.live.watch import WatchScreen
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.review.card import CardScreen
from medic_console.console.review.findings import FindingsScreen
from medic_console.console.review.new_queue import NewQueueScreen
from medic_console.console.why_not import ELSEWHERE, MOVES, WHY, why_not
from tests.console.audited import demo_plan
from tests.console.conftest import Open, press, screen_text, settle, told_by, until
from tests.console.test_bursts import WAYS
from tests.console.test_bursts_everywhere import ALONE
from tests.console.test_live import Gates, session_of

ENDS = {"request_quit", "command_palette", "terminal", "leave"}
"""What ends the app, opens what is not ours, hands the terminal over, or goes back."""
KINDS = ("screen", "app", "list", "text")


def _asked(command: Command) -> bool:
    return command.action.partition("(")[0].removeprefix("screen.") not in MOVES | ENDS


def _is_there(screen: ConsoleScreen, command: Command) -> bool:
    """Tell whether a key goes to the pane that has the focus already."""
    number = int(command.action.removeprefix("pane(").rstrip(")")) if command.action.startswith("pane(") else 0
    pane = screen._focused_pane
    return bool(number) and pane is not None and screen.PANES.index(str(pane.id)) == number - 1


def _state(app: MedicConsole) -> tuple[object, ...]:
    told = tuple(one.message for one in app._notifications)
    return app.screen, app.focused, told, app.clipboard


async def _back(pilot: Pilot[None], screen: ConsoleScreen) -> None:
    for _ in range(4):
        if pilot.app.screen is screen and not pilot.app.screen.query("EditLine, SearchLine"):
            return
        await press(pilot, "escape")


async def silent_keys(
    pilot: Pilot[None], app: MedicConsole, screen: ConsoleScreen, without: tuple[str, ...] = ()
) -> list[str]:
    """Press the keys of a screen one after the other and return those of which nothing is seen.

    Args:
        without: Ids of commands that go elsewhere for good.
    """
    found: list[str] = []
    own = {key for one in COMMANDS if one.where in screen.PLACES for key in one.keys.split(",")}
    places = (*screen.PLACES, *KINDS)
    for command in (one for one in COMMANDS if one.where in places and _asked(one) and one.id not in without):
        if command.where not in screen.PLACES and command.keys.split(",")[0] in own:
            continue  # here the key is the screen's
        await _back(pilot, screen)
        if app.screen is not screen:
            return [*found, f"no way back before {command.id}"]
        screen.minimize()  # else another pane changes out of sight
        app.clear_notifications()
        await settle(pilot)
        before, text = _state(app), screen_text(app)
        await press(pilot, command.keys.split(",")[0])
        same = _state(app) == before and screen_text(app) == text  # the text is drawn only where all else is the same
        if same and not _is_there(screen, command):
            found.append(f"{command.keys} {command.id}")
    return found


def test_every_reason_is_of_a_command() -> None:
    assert set(WHY) <= {one.id for one in COMMANDS}
    assert why_not("r", ("home",), (), {}) == "Resume: the archive holds no run yet; n makes one."
    assert why_not("u", ("home",), (), {}) == ELSEWHERE
    assert why_not("o", ("home",), ("text",), {}).startswith("Sort: no list is in focus")
    assert why_not("down", ("compare",), (), {}) == ""
    assert why_not("ctrl+k", ("home",), (), {}) == ""


async def test_a_key_that_cannot_do_anything_says_why(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "v", "8", "ctrl+o", "escape")
        assert "Compare: the archive holds no run yet" in told_by(app)
        await press(pilot, "T", "T", "9")
        assert "You are there already" in told_by(app)


@pytest.mark.parametrize("place", WAYS)
async def test_every_key_of_a_screen_does_something_or_says_why_not(open_app: Open, place: str) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, *WAYS[place])
        assert isinstance(app.screen, ConsoleScreen)
        found = await silent_keys(pilot, app, app.screen)
        assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "kind", [NewReportScreen, FindingsScreen, NewQueueScreen, CardScreen, PlacesScreen, WatchScreen]
)
async def test_keys_of_screens_that_are_reached_otherwise_are_not_silent_either(
    open_app: Open, request: pytest.FixtureRequest, kind: type[ConsoleScreen]
) -> None:
    app = open_app(request.getfixturevalue("reviewed") if "review" in kind.__module__ else None)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot)
        await ALONE[kind](pilot)
        assert isinstance(app.screen, kind)
        found = await silent_keys(pilot, app, app.screen)
        assert not found, "\n".join(found)


async def test_keys_of_a_live_run_are_not_silent(open_app: Open, tmp_path: Path) -> None:
    gates = Gates(2)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=demo_plan(tmp_path / "cache", limit=2))
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: gates.reached(2) and session_of(app).state.counts.total == 1, "the first score")
        assert isinstance(app.screen, LiveScreen)
        session_of(app).toggle_pause()  # else figures of the run change while keys are looked at
        found = await silent_keys(pilot, app, app.screen)
        assert not found, "\n".join(found)
        session_of(app).toggle_pause()
        gates.let_on(2)
        await until(pilot, lambda: session_of(app).over, "the end of the run")
        found = await silent_keys(pilot, app, app.screen, ("list.select_cursor", "live.results"))
        assert not found, "\n".join(found)


async def test_help_offers_to_open_a_row_only_where_rows_open(open_app: Open) -> None:
    app = open_app()
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "question_mark")
        assert "Open the marked row." in screen_text(app)
        await press(pilot, "escape", "3", "question_mark")
        text = screen_text(app)
        assert "Keys of this pane" in text and text.index("Keys of this pane") < text.index("y ") < text.index(
            "Keys of this screen"
        )
        assert "Open the marked row." not in screen_text(app)
