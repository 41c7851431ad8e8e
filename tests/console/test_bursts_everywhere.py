"""Keys without a pause on every screen that there is: a new one has a way here, or this fails."""

from __future__ import annotations

import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

import medic_console.console
from medic_console.console.app import MedicConsole
from medic_console.console.compare.screen import CompareScreen, MarginScreen
from medic_console.console.compare.thresholds import ThresholdScreen
from medic_console.console.diagnostics.screen import DiagnosticsScreen
from medic_console.console.dialogs.help import HelpScreen
from medic_console.console.dialogs.jump import JumpScreen
from medic_console.console.dialogs.pick import PickScreen
from medic_console.console.dialogs.plain import PlainScreen
from medic_console.console.dialogs.questions import (
    QualifyScreen,
    QuestionScreen,
    QuitScreen,
    ResumeScreen,
    ScoreAgainScreen,
    StopScreen,
)
from medic_console.console.dialogs.two_texts import TwoTextsScreen
from medic_console.console.dialogs.whole import WholeTextScreen
from medic_console.console.home.model_runs import ModelRunsScreen
from medic_console.console.home.screen import HomeScreen
from medic_console.console.home.work_screen import OpenWorkScreen
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.cef.places import PlacesScreen
from medic_console.console.inspect.cef.screen import CefScreen
from medic_console.console.inspect.challenge import ChallengeScreen
from medic_console.console.inspect.item.screen import ItemScreen
from medic_console.console.inspect.sql.schema import SchemaScreen
from medic_console.console.inspect.sql.screen import SqlScreen
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.judges.screen import JudgesScreen, ProbeScreen
from medic_console.console.live.qualification import QualifyLiveScreen
from medic_console.console.live.replay import ReplayScreen
from medic_console.console.live.screen import FollowingScreen, LiveScreen
from medic_console.console.live.watch import WatchScreen
from medic_console.console.new_run.screen import NewRunScreen
from medic_console.console.palette import Palette
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.review.card import CardScreen
from medic_console.console.review.findings import FindingsScreen
from medic_console.console.review.new_queue import NewQueueScreen
from medic_console.console.review.new_reviewer import NewReviewerScreen
from medic_console.console.review.pause import PauseScreen
from medic_console.console.review.screen import ReviewScreen
from medic_console.console.review.sign_in import SignInScreen
from medic_console.console.run.screen import RunScreen
from medic_console.console.settings.screen import SettingsScreen
from medic_console.console.tasks.screen import TasksScreen
from medic_console.core import paths
from tests.console.audited import RUN, demo_plan
from tests.console.conftest import ADA, PIN, QUEUE, Open, press, settle, shows, until
from tests.console.test_bursts import SIZES, WAYS, assert_burst_does_no_harm
from tests.console.test_live import Gates, session_of
from tests.console.test_qualify import Held, asked

Kind = type[Screen[Any]]
Way = Callable[[Pilot[None]], Awaitable[None]]


def keys(*names: str) -> Way:
    """Return a way of keys from home."""

    async def go(pilot: Pilot[None]) -> None:
        await press(pilot, *names)

    return go


def pushed(make: Callable[[MedicConsole], Screen[Any]]) -> Way:
    """Return a way that opens a screen at once, where a way of keys takes long."""

    async def go(pilot: Pilot[None]) -> None:
        app = pilot.app
        assert isinstance(app, MedicConsole)
        await app.push_screen(make(app))
        await settle(pilot)

    return go


async def to_a_card(pilot: Pilot[None]) -> None:
    await press(pilot, "R", "t")
    field = pilot.app.screen.query_one("#reviewer-name", Input)
    field.value = ADA
    field.focus()
    await press(pilot, "enter", *PIN, "enter")


async def to_the_last_question_of_a_qualification(pilot: Pilot[None]) -> None:
    await press(pilot, "J")
    await asked(pilot, *"harm")


ALONE: dict[type[Screen[Any]], Way] = {
    HelpScreen: keys("question_mark"),
    JumpScreen: keys("ctrl+o"),
    PickScreen: keys("n", "p"),
    MarginScreen: keys("v", "m"),
    ThresholdScreen: keys("p", "e", "enter"),
    ScoreAgainScreen: keys("enter", "s"),
    WholeTextScreen: keys("enter", "j", "j", "enter", "enter", "1", "enter"),
    PlacesScreen: keys(*WAYS["cef"], "w"),
    ChallengeScreen: keys(*WAYS["item"], "L"),
    NewReportScreen: keys("enter", "W"),
    QualifyScreen: to_the_last_question_of_a_qualification,
    WatchScreen: pushed(lambda app: WatchScreen(app.context, RUN)),
    FindingsScreen: keys("R", "f"),
    NewQueueScreen: keys("R", "n"),
    NewReviewerScreen: keys("R", "a"),
    SignInScreen: keys("R", "t"),
    CardScreen: to_a_card,
    PauseScreen: pushed(lambda app: PauseScreen(app.context, QUEUE, 3)),
}
"""Screens that are opened from an archive in which nothing goes on."""
OTHERS: dict[type[Screen[Any]], str] = {
    LiveScreen: "test_no_burst_of_keys_stops_the_run_that_goes_on",
    Palette: "test_keys_that_come_before_the_palette_is_laid_out_end_nothing",
    StopScreen: "test_no_burst_says_yes_to_a_question_about_the_run_that_goes_on",
    QuitScreen: "test_no_burst_says_yes_to_a_question_about_the_run_that_goes_on",
    QualifyLiveScreen: "test_no_burst_stops_a_qualification",
    ProbeScreen: "test_a_burst_over_a_probe_does_no_harm",
    ResumeScreen: "test_a_burst_over_the_question_of_a_resumption_begins_no_run",
}
"""Those that need more, with the test that types over them."""
BY_PLACE = (
    HomeScreen, OpenWorkScreen, ModelRunsScreen, CompareScreen, NewRunScreen, RunScreen, ReplayScreen, ItemScreen,
    SqlScreen, SchemaScreen, CefScreen, TraceScreen, PlainScreen, TasksScreen, JudgesScreen, SettingsScreen,
    DiagnosticsScreen, ReviewScreen,
)  # fmt: skip
"""Those of `test_bursts.WAYS`."""
KINDS_OF = {InspectorScreen, FollowingScreen, QuestionScreen, TwoTextsScreen}
"""What screens are made from; none is opened itself."""


def every_screen() -> Iterator[type[Screen[Any]]]:
    """Yield each class of screens of the console, once all of its modules are loaded."""
    for module in pkgutil.walk_packages(medic_console.console.__path__, "medic_console.console."):
        import_module(module.name)
    waiting: list[type[Screen[Any]]] = [Screen]
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if one.__module__.startswith("medic_console.") and not one.__module__.endswith("console.base"):
                yield one


def test_every_screen_is_typed_over() -> None:
    known = {*BY_PLACE, *ALONE, *OTHERS}
    assert len(BY_PLACE) == len(WAYS)
    assert set(every_screen()) - KINDS_OF - known == set(), "a new screen needs a way here"
    here = {*globals(), *vars(import_module("tests.console.test_bursts"))}
    assert set(OTHERS.values()) <= here


@pytest.mark.parametrize("kind", ALONE, ids=lambda kind: kind.__name__)
async def test_no_burst_breaks_the_other_screens(open_app: Open, request: pytest.FixtureRequest, kind: Kind) -> None:
    with_queue = "review" in kind.__module__
    archive = request.getfixturevalue("reviewed") if with_queue else None
    app = open_app(archive)
    async with app.run_test(size=SIZES[len(kind.__name__) % 2], notifications=True) as pilot:
        await settle(pilot)
        await ALONE[kind](pilot)
        assert shows(app, kind)
        await assert_burst_does_no_harm(pilot, kind.__name__)
        assert app.context.session is None


async def test_a_burst_over_a_probe_does_no_harm(open_app: Open, judged: Path) -> None:
    app = open_app(judged)
    async with app.run_test(size=SIZES[0], notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "J", "j", "j", "j", "j", "3", "enter")
        assert shows(app, ProbeScreen)
        await assert_burst_does_no_harm(pilot, "probe")
        assert app.context.session is None


@pytest.mark.parametrize(("key", "kind"), [("x", StopScreen), ("ctrl+q", QuitScreen)])
async def test_no_burst_says_yes_to_a_question_about_the_run_that_goes_on(
    open_app: Open, tmp_path: Path, key: str, kind: Kind
) -> None:
    gates = Gates(2)
    app = open_app(tmp_path / "new.db", start=gates.start, initial=demo_plan(tmp_path / "cache", limit=2))
    async with app.run_test(size=SIZES[1], notifications=True) as pilot:
        await until(pilot, lambda: gates.reached(2), "a run at work")
        await pilot.press(key)
        await until(pilot, lambda: shows(app, kind), "the question")
        await assert_burst_does_no_harm(pilot, kind.__name__, waits=False)
        session = session_of(app)
        assert not session.stopping and not session.over and app.is_running
        if session.paused:
            session.toggle_pause()
        gates.let_on(2)
        await until(pilot, lambda: session.over, "the end")


async def test_no_burst_stops_a_qualification(open_app: Open, tmp_path: Path) -> None:
    held = Held(held=True)
    app = open_app(tmp_path / "none.db", held.start)
    async with app.run_test(size=SIZES[0], notifications=True) as pilot:
        await settle(pilot)
        await to_the_last_question_of_a_qualification(pilot)
        await pilot.press("s")
        await until(pilot, lambda: shows(app, QualifyLiveScreen) and held.asked > 0, "the qualification at work")
        await assert_burst_does_no_harm(pilot, "qualification", waits=False)
        session = session_of(app)
        assert not session.stopping and not session.over
        session.stop()
        held.go.set()
        await until(pilot, lambda: session.over, "the end")


async def test_a_burst_over_the_question_of_a_resumption_begins_no_run(open_app: Open, tmp_path: Path) -> None:
    app = open_app()
    async with app.run_test(size=SIZES[1], notifications=True) as pilot:
        await settle(pilot)
        await app.push_screen(ResumeScreen(demo_plan(tmp_path / "cache", limit=2), 3))
        await settle(pilot)
        await assert_burst_does_no_harm(pilot, "resumption")
        assert app.context.session is None and paths.default_archive() != app.context.archive
