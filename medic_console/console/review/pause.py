"""After every twenty cards: pace, agreement, and what can be claimed now."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from textual.app import ComposeResult
from textual.content import Content

from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.text import plain
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import MedicError
from medic_console.core.units import count
from medic_console.results.reader import Reader
from medic_console.review.charts import curve, fatigue
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Report, report
from medic_console.review.words import blocks, claim

_FRAME = 6
"""Cells of the pane's border, gutter and scroll bar."""


class PauseScreen(ReadingScreen[Report]):
    """One page; enter goes on to the next card.

    Args:
        queue: Its name.
        left: Cards without a decision of this person.
    """

    CSS_PATH = "review.tcss"
    BINDINGS = bindings("pause")
    PLACES = ("pause",)
    PANES = ("pause-page",)

    def __init__(self, context: Context, queue: str, left: int) -> None:
        super().__init__(context)
        self._queue, self._left = queue, left
        self._found: Report | None = None

    def compose(self) -> ComposeResult:
        """Heading and page."""
        yield Heading()
        yield Notice()
        page = TextPane("pause-page")
        page.border_title = "A pause"
        page.show_content(Content("Counting what was decided; enter goes on meanwhile."))
        yield page
        yield KeyBar()

    def on_mount(self) -> None:
        """Count what was decided."""
        self.heading.show(
            Content.styled("Pause", "bold $primary"),
            f"{count(self._left, 'card')} {'is' if self._left == 1 else 'are'} left",
        )
        self.reload()
        self.query_one("#pause-page").focus()

    def on_resize(self) -> None:
        """Draw the curve anew."""
        self.call_after_refresh(self._fill)

    def reading(self) -> Callable[[Reader], Report]:
        """Read the queue and all decisions."""
        archive, name = self.context.archive, self._queue

        def read(_: Reader) -> Report:
            with closing(ReviewReader(archive)) as reader:
                return report(reader.queue(name), reader.decisions(name), reader.reviewers())

        return read

    def show(self, value: Report) -> None:
        """Show the page."""
        self._found = value
        self._fill()

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self.query_one(Notice).error(error)

    def _fill(self) -> None:
        pane, found = self.query_one("#pause-page", TextPane), self._found
        if found is None:
            return
        lines = [
            f"{found.decided:,} of {found.cards:,} cards are decided, {found.open:,} of them open.",
            "",
            claim(found),
        ]
        if found.bound is not None:
            lines += ["", *curve(found, max(30, pane.size.width - _FRAME))]
        lines += ["", "Pace, and how often as the judge:", *blocks(found)]
        if pace := fatigue(found.blocks):
            lines += ["", *pace]
        pane.show_content(Content(plain("\n".join(lines))))
