"""A defect in a thread is told with its cause; the console goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from textual.worker import WorkerFailed

from medic_console.console.home.screen import HomeScreen
from tests.console.conftest import Open, settle, shows


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
