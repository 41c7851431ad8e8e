"""A run that is over, shown again: in the order of its times, at a speed that can be changed, writing nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from medic_console.archive.replay import LONGEST_PAUSE, ReplayReader, Written
from medic_console.audit.events import ItemScored, PromptStarted, PromptText
from medic_console.console.app import MedicConsole
from medic_console.console.live.replay import SPEEDS, Replay, ReplayScreen
from medic_console.console.run.screen import RunScreen
from tests.console.audited import RUN
from tests.console.conftest import Open, press, screen_text, settle, shows, told_by, until

BASE = "strftime('%Y-%m-%dT%H:%M:%S+00:00', '2026-03-02T09:30:00', "


@pytest.fixture
def timed(archive: Path) -> Path:
    """Give texts five seconds each, scores one more, and the last score a day."""
    with closing(sqlite3.connect(archive)) as db, db:
        db.execute("UPDATE sittings SET started = '2026-03-02T09:30:00+00:00'")
        db.execute(f"UPDATE outputs SET seconds = 4, created = {BASE} (5 * id) || ' seconds')")
        db.execute(f"UPDATE scores SET created = {BASE} (5 * id + 1) || ' seconds')")
        db.execute(f"UPDATE scores SET created = {BASE} '1 day') WHERE id = (SELECT max(id) FROM scores)")
    return archive


def replay_of(app: MedicConsole) -> Replay:
    assert isinstance(app.screen, ReplayScreen)
    return app.screen.replay


def test_a_recording_has_each_text_and_score_once_in_the_order_of_their_times(timed: Path) -> None:
    with closing(ReplayReader(timed)) as reader:
        found = reader.recording(RUN)
        scores = reader.run(RUN).counts.total
    kinds = [type(event) for _, event in found.told]
    assert kinds.count(ItemScored) == scores == 54
    assert kinds.count(PromptStarted) == kinds.count(PromptText) == kinds.count(Written) > scores
    moments = [moment for moment, _ in found.told]
    assert moments == sorted(moments) and moments[0] == 0.0
    assert (found.cut, found.status) == (1, "done")
    assert moments[-1] - moments[-2] == LONGEST_PAUSE
    assert isinstance(found.told[-1][1], ItemScored)


def test_time_that_goes_on_shows_what_happened_until_then_and_ends_with_the_counts_of_the_run(timed: Path) -> None:
    replay = Replay(RUN)
    with closing(ReplayReader(timed)) as reader:
        recording, counts = reader.recording(RUN), reader.run(RUN).counts
    replay.begin(recording)
    replay.go_on(20.0)
    shown = sum(moment <= 20.0 and isinstance(event, ItemScored) for moment, event in recording.told)
    assert 0 < shown == replay.state.counts.total < counts.total
    assert replay.state.streams and recording.seconds > replay.at
    replay.go_on(1e9)
    assert replay.state.counts == counts
    assert (replay.state.status, replay.at) == ("done", recording.seconds)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_run_is_replayed_held_slowed_and_ended_and_nothing_is_written(
    open_app: Open, timed: Path, size: tuple[int, int]
) -> None:
    before = sha256(timed.read_bytes()).hexdigest()
    app = open_app(timed)
    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "r")
        await until(pilot, lambda: replay_of(app).at > 0.0, "the replay")
        assert f"REPLAY of run {RUN}" in screen_text(app) and f"{SPEEDS[3]}×" in screen_text(app)
        await press(pilot, "p", "minus", "i")
        at = replay_of(app).at
        await pilot.pause(0.5)
        assert replay_of(app).at == at and "‖ paused" in screen_text(app)
        assert SPEEDS[replay_of(app).speed] == 20
        assert "x goes to its end" in told_by(app)
        await press(pilot, *["plus"] * 4)
        assert SPEEDS[replay_of(app).speed] == SPEEDS[-1]
        assert "It goes at its fastest." in told_by(app)
        await press(pilot, "x")
        await settle(pilot)
        assert "Faster" not in screen_text(app).splitlines()[-1]
        await press(pilot, "plus")
        assert "Faster: the replay has ended." in told_by(app)
        assert replay_of(app).over and "39 scored" in screen_text(app) and "✓ done" in screen_text(app)
        await press(pilot, "enter")
        assert shows(app, RunScreen)
    assert app.context.session is None
    assert sha256(timed.read_bytes()).hexdigest() == before


async def test_a_replay_says_pause_and_to_the_end_where_a_run_says_pause_run_and_stop(
    open_app: Open, timed: Path
) -> None:
    app = open_app(timed)
    async with app.run_test(size=(160, 36)) as pilot:
        await settle(pilot)
        await press(pilot, "enter", "r")
        foot = screen_text(app).splitlines()[-1]
        assert "p Pause" in foot and "x To the end" in foot and "Pause run" not in foot
        await press(pilot, "question_mark")
        assert "Let the replay stand still" in screen_text(app) and "Begin no new item" not in screen_text(app)
