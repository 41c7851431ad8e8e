"""Open work: what is to be done in the archive, a line each; enter opens the screen on which it is done."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import RunView
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.home.open_work import Kind, OpenWork, Work, in_short, open_work
from medic_console.console.home.opening import screen_of
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.errors import MedicError
from medic_console.results.reader import Reader

_COLUMNS = (Column("To do", 23), Column("Where", weight=2, least=28), Column("What", weight=4, least=16))


class OpenWorkScreen(ReadingScreen[tuple[OpenWork, dict[str, RunView]]]):
    """One list, read anew whenever one comes back to it."""

    BINDINGS = bindings("work")
    PLACES = ("work",)
    PANES = ("open-work",)

    _work: tuple[Work, ...] = ()
    _runs: dict[str, RunView] = {}  # noqa: RUF012 - replaced, never changed

    def compose(self) -> ComposeResult:
        """Heading and list."""
        yield Heading()
        yield Notice()
        table = Table(_COLUMNS, id="open-work")
        table.border_title = "Open work"
        yield table
        yield KeyBar()

    def on_mount(self) -> None:
        """Say what is being done."""
        self.heading.show(Content.styled("Open work", "bold $primary"))
        self.query_one("#open-work").display = False
        self.query_one(Notice).busy("looking at judges, runs and queues")

    def on_screen_resume(self) -> None:
        """Read again: something may have been done."""
        self.reload()

    def reading(self) -> Callable[[Reader], tuple[OpenWork, dict[str, RunView]]]:
        """Read what is to be done, and the runs that it is about."""
        archive, tasks = self.context.archive, tuple(self.context.tasks.values())
        return lambda reader: (open_work(archive, tasks), {run.id: run for run in reader.runs()})

    def show(self, value: tuple[OpenWork, dict[str, RunView]]) -> None:
        """Fill the list."""
        self._work, self._runs = value[0].work, value[1]
        self.heading.show(Content.styled("Open work", "bold $primary"), in_short(self._work))
        table, notice = self.query_one("#open-work", Table), self.query_one(Notice)
        table.display = bool(self._work)
        if not self._work:
            notice.empty("Nothing is left to do.", "Judges are qualified, runs are finished, queues are decided.")
            return
        notice.hide()
        table.fill([_row(one) for one in self._work])
        if self.focused is None:
            table.focus()

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self.query_one(Notice).error(error)

    @on(Table.RowHighlighted, "#open-work")
    def _on_work_marked(self) -> None:
        """Say what the row may have no room for."""
        self.query_one("#open-work", Table).border_subtitle = Content(self._marked.told)

    @property
    def _marked(self) -> Work:
        chosen = self.query_one("#open-work", Table).chosen
        return next(one for one in self._work if _key(one) == chosen)

    @on(Table.RowSelected, "#open-work")
    def _on_work_chosen(self) -> None:
        work = self._marked
        if work.kind in (Kind.JUDGE, Kind.AGAIN):
            from medic_console.console.judges.screen import JudgesScreen

            self.app.push_screen(JudgesScreen(self.context))
        elif work.kind is Kind.QUEUE:
            from medic_console.console.review.screen import ReviewScreen

            self.app.push_screen(ReviewScreen(self.context))
        else:
            self.app.push_screen(screen_of(self._runs[work.subject], self.context))


def _key(one: Work) -> str:
    return f"{one.kind} {one.subject} {one.name}"


def _row(one: Work) -> Row:
    return _key(one), [Cell(one.kind.value, "score-unscored"), Cell(one.name, bold=True), one.told]
