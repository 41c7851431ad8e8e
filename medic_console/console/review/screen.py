"""Review: the queues of the archive, and what the decisions on the marked one say."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.review.card import CardScreen
from medic_console.console.review.findings import FindingsScreen
from medic_console.console.review.new_queue import NewQueueScreen
from medic_console.console.review.new_reviewer import NewReviewerScreen
from medic_console.console.review.rows import COLUMNS, COLUMNS_NARROW, queue_row
from medic_console.console.review.sign_in import SignInScreen
from medic_console.console.review.sitting import sitting_of
from medic_console.console.text import count, plain
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import ArchiveError, MedicError
from medic_console.core.naming import told_apart
from medic_console.results.reader import Reader
from medic_console.review.charts import pictures
from medic_console.review.reader import Reviewer, ReviewReader
from medic_console.review.report import Report, report
from medic_console.review.standing import Standing, standings
from medic_console.review.words import sentences

_NEW = "n draws one; f lists the findings of the newest run."
_WHO = "a adds a reviewer."


_FRAME = 6
"""Cells of the pane's border, gutter and scroll bar."""


@dataclass(frozen=True, slots=True)
class Desk:
    """All queues, and who may review."""

    queues: tuple[Standing, ...]
    reviewers: tuple[Reviewer, ...]


@dataclass(frozen=True, slots=True)
class Saying:
    """What the decisions on a queue say."""

    queue: str
    lines: tuple[str, ...]
    found: Report


class ReviewScreen(ReadingScreen[Desk | Saying]):
    """Queues above, what the marked one says below."""

    CSS_PATH = "review.tcss"
    BINDINGS = bindings("review")
    PLACES = ("review",)
    PANES = ("queues", "queue-says")

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._desk = Desk((), ())
        self._person = context.settings.reviewer
        self._wanted = ""

    def compose(self) -> ComposeResult:
        """Heading, queues, what is said."""
        yield Heading()
        yield Notice()
        table, says = Table(COLUMNS, id="queues"), TextPane("queue-says")
        table.border_title, says.border_title = "Queues", "What the decisions say"
        yield table
        yield says
        yield KeyBar()

    def on_mount(self) -> None:
        """Name the screen."""
        self.heading.show(Content.styled("Review", "bold $primary"))
        self._panes(False)

    def on_screen_resume(self) -> None:
        """Read again: cards may have been decided."""
        self._wanted = ""
        self.reload()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def reading(self) -> Callable[[Reader], Desk | Saying]:
        """Read all queues first, then what the marked one says."""
        archive, wanted = self.context.archive, self._wanted

        def read(_: Reader) -> Desk | Saying:
            with closing(ReviewReader(archive)) as reader:
                if not wanted:
                    people = tuple(one for one in reader.reviewers() if one.pin)  # others came with ratings from a file
                    return Desk(tuple(standings(reader)), people)
                found = report(
                    reader.queue(wanted), reader.decisions(wanted), reader.reviewers(), reader.changed_answers(wanted)
                )
                return Saying(wanted, tuple(sentences(wanted, found, told_apart(reader.models()))), found)

        return read

    def show(self, value: Desk | Saying) -> None:
        """Show what was read."""
        if isinstance(value, Saying):
            pane = self.query_one("#queue-says", TextPane)
            pane.show("\n".join([*value.lines, *pictures(value.found, max(30, pane.size.width - _FRAME))]))
            return
        self._desk = value
        self._panes(bool(value.queues))
        self.heading.show(
            Content.styled("Review", "bold $primary"),
            count(len(value.queues), "queue"),
            count(len(value.reviewers), "reviewer"),
        )
        if value.queues:
            self.query_one(Notice).hide()
            self._fill()
            self.query_one("#queues").focus()
        else:
            self.query_one(Notice).empty("No queue has been drawn yet.", f"{_NEW}\n{_WHO}")
        self.refresh_bindings()

    def show_error(self, error: MedicError) -> None:
        """An archive that is not there yet has no queue; else say what is wrong."""
        if isinstance(error, ArchiveError) and not self.context.archive.exists():
            self.show(Desk((), ()))
            return
        self._panes(False)
        self.query_one(Notice).error(error)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done to queues only where there are some."""
        return (
            bool(self._desk.queues)
            if action in ("take", "settle", "report")
            else super().check_action(action, parameters)
        )

    def action_take(self) -> None:
        """Decide the cards of the marked queue."""
        self._sit(settle=False)

    def action_settle(self) -> None:
        """Settle the differences of the marked queue."""
        self._sit(settle=True)

    def action_new_queue(self) -> None:
        """Draw a queue."""
        self.app.push_screen(NewQueueScreen(self.context))

    def action_findings(self) -> None:
        """List the findings of the marked queue's runs, or of the newest run."""
        marked = self._marked() if self._desk.queues else None
        self.app.push_screen(FindingsScreen(self.context, marked.queue.design["runs"] if marked else ()))

    def action_report(self) -> None:
        """Ask what a report of the marked queue's runs is to hold."""
        marked = self._marked()
        if marked is not None:
            runs = tuple(sorted(map(str, marked.queue.design["runs"])))
            self.app.push_screen(NewReportScreen(self.context, runs))

    def action_add_reviewer(self) -> None:
        """Add a person."""

        def added(name: str | None) -> None:
            if name:
                self._person = name
                self.notify(f"{name} may review.", markup=False, timeout=5)

        self.app.push_screen(NewReviewerScreen(self.context.archive), added)

    @on(Table.RowSelected, "#queues")
    def _on_opened(self) -> None:
        self.action_take()

    @on(Table.RowHighlighted, "#queues")
    def _on_marked(self) -> None:
        marked = self._marked()
        if marked is not None:
            self._wanted = marked.queue.name
            self.reload()

    def _sit(self, settle: bool) -> None:
        marked = self._marked()
        if marked is None:
            return
        if not self._desk.reviewers:
            self.notify(f"Nobody may decide yet: {_WHO}", severity="warning", markup=False, timeout=8)
            return
        name = marked.queue.name
        what = "Settle the differences of" if settle else "Decide the cards of"

        def signed_in(reviewer: Reviewer | None) -> None:
            if reviewer is not None:
                self._person = reviewer.name
                self._open(name, reviewer, settle)

        screen = SignInScreen(self.context.archive, self._desk.reviewers, self._person, f"{what} {plain(name)}.")
        self.app.push_screen(screen, signed_in)

    def _open(self, queue: str, reviewer: Reviewer, settle: bool) -> None:
        try:
            sitting = sitting_of(self.context, queue, reviewer, settle)
            if sitting.cards:
                self.app.push_screen(CardScreen(self.context, sitting))
                return
        except MedicError as error:
            self.notify(f"{error.message} {error.hint}", title=error.title, severity="error", markup=False, timeout=12)
            return
        left = "No difference is open" if settle else "No card is left for you"
        self.notify(f"{left} in queue {queue}.", markup=False, timeout=6)

    def _marked(self) -> Standing | None:
        chosen = self.query_one("#queues", Table).chosen
        return next((one for one in self._desk.queues if one.queue.name == chosen), None)

    def _panes(self, shown: bool) -> None:
        self.query_one("#queues").display = self.query_one("#queue-says").display = shown

    def _fill(self) -> None:
        narrow = self.has_class("-narrow")
        table = self.query_one("#queues", Table)
        table.use_columns(COLUMNS_NARROW if narrow else COLUMNS)
        table.fill([queue_row(one, narrow) for one in self._desk.queues])
