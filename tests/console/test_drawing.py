"""A test's screen is drawn when it comes to rest, and what breaks in drawing breaks the test."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip
from textual.widgets import Static

from tests.console.conftest import settle, until


class Counted(Static):
    """Counts the lines that it has drawn."""

    lines, broken = 0, False

    def render_line(self, y: int) -> Strip:
        self.lines += 1
        assert not self.broken, "broken line"
        return super().render_line(y)


class Sample(App[None]):
    """One line."""

    def compose(self) -> ComposeResult:
        yield Counted("text")


async def test_what_changed_is_drawn_at_rest() -> None:
    app = Sample()
    async with app.run_test() as pilot:
        await settle(pilot)
        shown = app.screen.query_one(Counted)
        before = shown.lines
        assert before > 0
        shown.update("other")
        await pilot.pause()
        assert shown.lines == before
        await settle(pilot)
        assert shown.lines > before
        drawn = shown.lines
        await settle(pilot)
        assert shown.lines == drawn


async def test_what_breaks_in_drawing_breaks_the_test() -> None:
    app = Sample()
    async with app.run_test() as pilot:
        await settle(pilot)
        shown = app.screen.query_one(Counted)
        shown.broken = True
        shown.update("other")
        with pytest.raises(AssertionError, match="broken line"):
            await settle(pilot)
        shown.broken = False


@pytest.mark.usefixtures("every_frame")
async def test_where_it_matters_each_frame_is_drawn() -> None:
    app = Sample()
    async with app.run_test() as pilot:
        await settle(pilot)
        shown = app.screen.query_one(Counted)
        before = shown.lines
        shown.update("other")
        await until(pilot, lambda: shown.lines > before, "a frame")
