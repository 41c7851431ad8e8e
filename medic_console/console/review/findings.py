"""The findings list: every question that speaks against a text, with what people said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ModelView
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.text import count, one_line, plain
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.core.errors import MedicError
from medic_console.core.naming import told_apart
from medic_console.results.export import MakeSheet, Sheet
from medic_console.results.reader import Reader
from medic_console.review.cards import grades
from medic_console.review.findings import CONFIRMED, DIFFER, NONE, OPEN, OTHER, REJECTED, Found, findings
from medic_console.review.questions import KINDS
from medic_console.review.reader import ReviewReader
from medic_console.suite.task import Task

_ITEM, _KIND, _ASKED = Column("Item", least=14), Column("Kind", 22), Column("Question", weight=3, least=20)
_WEIGHED, _STATE = Column("p", 4, right=True), Column("Review", 14)
COLUMNS = (
    *(_ITEM, Column("Model", least=10), Column("Task", 12, gives_way=1), _KIND, _WEIGHED),
    *(Column("Severity", 10, gives_way=2), _STATE, _ASKED),
)
"""An item's name tells its task: where room lacks, names of items and models go before it."""
COLUMNS_NARROW = (_ITEM, Column("Kind", 15), _WEIGHED, _STATE, _ASKED)
_STATES = (NONE, CONFIRMED, OTHER, REJECTED, OPEN, DIFFER)
_COLOURS: Mapping[str, str] = {
    NONE: "muted",
    CONFIRMED: "label-no",
    OTHER: "label-no",
    REJECTED: "label-yes",
    OPEN: "score-unscored",
    DIFFER: "score-unscored",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """The findings of some runs.

    Attributes:
        names: Titles of models by sha256.
        models: By sha256.
        tasks: By run and id.
    """

    runs: tuple[str, ...]
    found: tuple[Found, ...]
    names: Mapping[str, str]
    models: Mapping[str, ModelView]
    tasks: Mapping[tuple[str, str], Task]


class FindingWalk:
    """The items of the shown findings, each once, in the list's order.

    Args:
        listed: All findings.
        shown: Numbers of those that are shown, in their order.
    """

    def __init__(self, listed: Listed, shown: Sequence[int]) -> None:
        self._listed = listed
        self._traces = list(dict.fromkeys(_trace_of(listed.found[number]) for number in shown))

    def __len__(self) -> int:
        return len(self._traces)

    def at(self, found: Found) -> Position:
        """Return where the item of a finding is opened."""
        return self.place(self._traces.index(_trace_of(found)))

    def place(self, number: int) -> Position:
        """Return where an item is opened."""
        run, task, item, candidate, judge = self._traces[number]
        model = (self._listed.models[candidate],)
        return Position(run, self._listed.tasks[run, task], (item,), 0, model, 0, judge, self, number)


def _trace_of(one: Found) -> tuple[str, str, str, str, str]:
    asked = one.question
    return asked.run, asked.task, asked.item, asked.candidate, asked.judge


class FindingsScreen(ReadingScreen[Listed]):
    """One table; enter opens the trace of the marked finding."""

    CSS_PATH = "review.tcss"
    BINDINGS = bindings("findings")
    PLACES = ("findings",)
    PANES = ("all-findings",)

    def __init__(self, context: Context, runs: Sequence[str] = ()) -> None:
        super().__init__(context)
        self._runs = tuple(runs)
        self._listed = Listed((), (), {}, {}, {})
        self._kind = self._state = ""

    def compose(self) -> ComposeResult:
        """Heading, table."""
        yield Heading()
        yield Notice()
        table = Table(COLUMNS, id="all-findings")
        table.border_title = "Findings"
        yield table
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the runs."""
        self.heading.show(Content.styled("Findings", "bold $primary"))
        self.query_one(Notice).busy("reading the findings")
        self.query_one(Table).display = False

    def on_screen_resume(self) -> None:
        """Read again: people may have decided."""
        self.reload()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def reading(self) -> Callable[[Reader], Listed]:
        """Read the findings of the named runs, or of the newest one."""
        archive, wanted = self.context.archive, self._runs

        def read(_: Reader) -> Listed:
            with closing(ReviewReader(archive)) as reader:
                runs = wanted or tuple(view.id for view in reader.runs()[:1])
                found, models = tuple(findings(reader, runs)), reader.models()
                places = dict.fromkeys((one.question.run, one.question.task) for one in found)
                tasks = {(run, task): reader.task(run, task) for run, task in places}
                return Listed(runs, found, told_apart(models), {one.sha256: one for one in models}, tasks)

        return read

    def show(self, value: Listed) -> None:
        """Show the list."""
        self._listed = value
        table = self.query_one(Table)
        table.display = bool(value.found)
        if value.found:
            self.query_one(Notice).hide()
            self._fill()
            table.focus()
        else:
            self._head(0)
            self.query_one(Notice).empty("Nothing speaks against the texts of these runs.", "r names other runs.")
        self.refresh_bindings()

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self.query_one(Table).display = False
        self.query_one(Notice).error(error)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a filter only where there are findings."""
        return bool(self._listed.found) if action in ("kind", "state") else super().check_action(action, parameters)

    def action_kind(self) -> None:
        """Show the next kind of finding that there is, or all."""
        kinds = {one.question.kind for one in self._listed.found}
        self._kind = _next(self._kind, [kind for kind in KINDS if kind in kinds])
        self._fill()

    def action_state(self) -> None:
        """Show findings of the next state of review, or all."""
        states = {one.state for one in self._listed.found}
        self._state = _next(self._state, [state for state in _STATES if state in states])
        self._fill()

    def action_runs(self) -> None:
        """Type the runs whose findings are listed."""
        self.open_line(EditLine("Runs", " ".join(self._listed.runs or self._runs), "enter lists them · esc leaves"))

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return the shown findings with all that is known of them."""
        return partial(_sheet, self._listed, table.keys)

    @on(EditLine.Entered)
    def _on_entered(self, message: EditLine.Entered) -> None:
        message.line.close()
        self._runs = tuple(dict.fromkeys(message.text.replace(",", " ").split()))
        self.reload()

    @on(Table.RowSelected, "#all-findings")
    def _on_opened(self) -> None:
        table = self.query_one(Table)
        walk = FindingWalk(self._listed, [int(key) for key in table.keys])
        self.app.push_screen(inspector_for(self.context, walk.at(self._listed.found[int(table.chosen)])))

    def _fill(self) -> None:
        narrow, table = self.has_class("-narrow"), self.query_one(Table)
        table.use_columns(COLUMNS_NARROW if narrow else COLUMNS)
        rows = [self._row(number, one, narrow) for number, one in enumerate(self._listed.found) if self._holds(one)]
        table.fill(rows)
        self._head(len(rows))

    def _holds(self, one: Found) -> bool:
        return self._kind in ("", one.question.kind) and self._state in ("", one.state)

    def _head(self, shown: int) -> None:
        listed, reviewed = self._listed, sum(one.state != NONE for one in self._listed.found)
        only = ", ".join(filter(None, (self._kind, self._state)))
        self.heading.show(
            Content.styled("Findings", "bold $primary"),
            plain(" ".join(listed.runs)),
            f"{shown:,} of {count(len(listed.found), 'finding')}" if only else count(len(listed.found), "finding"),
            f"only {only}" if only else "",
            f"{reviewed:,} reviewed",
        )

    def _row(self, number: int, one: Found, narrow: bool) -> Row:
        asked, state = one.question, Cell(one.state, _COLOURS[one.state])
        weighed = "–" if asked.probability is None else f"{asked.probability:.2f}"
        item, question = one_line(asked.item), one_line(asked.question)
        if narrow:
            return str(number), [item, asked.kind, weighed, state, question]
        model = one_line(self._listed.names.get(asked.candidate, asked.candidate))
        return str(number), [item, model, asked.task, asked.kind, weighed, _severity(one), state, question]


def _sheet(listed: Listed, keys: Sequence[str]) -> Sheet:
    titles = ["run", "task", "item", "model", "judge", "kind", "question", "said", "p", "severity", "review"]
    rows = []
    for key in keys:
        one = listed.found[int(key)]
        asked, names = one.question, listed.names
        model, judge = names.get(asked.candidate, asked.candidate), names.get(asked.judge, asked.judge)
        weighed = "" if asked.probability is None else str(asked.probability)
        place = (asked.run, asked.task, asked.item, model, judge)
        rows.append([*place, asked.kind, asked.question, asked.said, weighed, _severity(one), one.state])
    return Sheet(f"findings {' '.join(listed.runs)}", titles, rows)


def _severity(one: Found) -> str:
    return "" if one.severity is None else grades(one.question)[one.severity]


def _next(chosen: str, there: Sequence[str]) -> str:
    """Return the value after the chosen one; behind the last one all are shown."""
    ring = ["", *there]
    return ring[(ring.index(chosen) + 1) % len(ring)] if chosen in ring else ""
