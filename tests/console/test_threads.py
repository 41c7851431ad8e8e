"""Threads of screens: nothing that is given to one is spelled out."""

from __future__ import annotations

import re

from textual.app import App
from textual.worker import Worker

from medic_console.console.threads import in_thread
from tests.conftest import ROOT


class Secret:
    """Nobody may ask what it is."""

    def __repr__(self) -> str:
        raise AssertionError("spelled out")


class One(App[None]):
    @in_thread("secrets", exclusive=True)
    def keep(self, secret: Secret, *, again: Secret) -> bool:
        return secret is again


async def test_what_a_thread_is_given_is_not_spelled_out() -> None:
    app = One()
    async with app.run_test():
        secret = Secret()
        worker: Worker[bool] = app.keep(secret, again=secret)
        assert await worker.wait() is True
        assert (worker.description, worker.group) == ("secrets", "secrets")


def test_every_thread_of_the_console_begins_that_way() -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / "medic_console" / "console").rglob("*.py")}
    assert sum("@in_thread(" in text for text in sources.values()) > 10
    threads = ROOT / "medic_console" / "console" / "threads.py"
    own = {path.name for path, text in sources.items() if path != threads and re.search(r"@?work\(\s*thread=", text)}
    assert not own, "Textual's own spells out what it is given"
