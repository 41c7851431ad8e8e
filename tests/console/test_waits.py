"""A wait for another program is shown while the app goes on."""

from __future__ import annotations

import threading
from pathlib import Path

from medic_console.core.notices import tell
from tests.console.conftest import Open, settle


async def test_a_thread_that_waits_is_told_of(open_app: Open, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.db")
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        thread = threading.Thread(target=tell, args=("a.db: another program is writing.",))
        thread.start()
        thread.join()
        await settle(pilot)
        assert "a.db: another program is writing." in [notice.message for notice in app._notifications]
