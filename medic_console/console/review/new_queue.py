"""Draw a queue: a line for each part of its design, and below what its size can say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message

from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.review.key_notice import key_lines
from medic_console.console.text import one_line
from medic_console.console.threads import in_thread
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.form_table import FormTable
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.naming import told_apart
from medic_console.results.reader import Reader
from medic_console.review.drawing import check_name, forecast, store_queue
from medic_console.review.questions import Question
from medic_console.review.queues import ORDERS, RANDOM, Design, Drawn, draw
from medic_console.review.reader import ReviewReader

_COLUMNS = (Column("Part", 15), Column("Value", least=16), Column("What it is", weight=2, least=20))
_PARTS: Mapping[str, tuple[str, str, str]] = {
    "name": ("Name", "", "of the queue"),
    "runs": ("Runs", "", "ids, with blanks between"),
    "tasks": ("Tasks", "", "ids, with blanks between; empty: all"),
    "kinds": ("Kinds", "", "as below, commas between; empty: all"),
    "number": ("Findings", "59", "how many are drawn; empty: all"),
    "seed": ("Seed", "0", "the same seed draws the same cards"),
    "controls": ("Controls %", "25", "answers as expected, mixed in"),
    "order": ("Order", RANDOM, "random for a bound, risk to find harm"),
    "second": ("Second reader %", "20", "cards that a second person reads too"),
    "blind": ("Blind", "yes", "model and judge are hidden"),
}
"""Title, usual value, what it is; by name."""
_TURNING: Mapping[str, tuple[str, ...]] = {"order": ORDERS, "blind": ("yes", "no")}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a design would draw.

    Attributes:
        run: Newest run, where none was named.
        name: A name that is free.
        drawn: None where nothing can be drawn.
        lines: What it can say, or why it cannot be.
    """

    run: str
    name: str
    drawn: Drawn | None
    lines: tuple[str, ...]


class NewQueueScreen(ReadingScreen[Foreseen]):
    """A form above, the forecast below; `ctrl+g` draws."""

    CSS_PATH = "review.tcss"
    BINDINGS = bindings("new_queue")
    PLACES = ("new_queue",)
    PANES = ("queue-form", "queue-forecast")

    class Answered(Message):
        """The queue is in the archive, or why it is not."""

        def __init__(self, outcome: str | MedicError) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._values = {name: usual for name, (_, usual, _) in _PARTS.items()}
        self._asked: dict[tuple[str, tuple[str, ...]], list[Question]] = {}
        self._drawn: Drawn | None = None
        self._busy = False

    def compose(self) -> ComposeResult:
        """Heading, form, forecast."""
        yield Heading()
        form, told = FormTable(_COLUMNS, id="queue-form"), TextPane("queue-forecast")
        form.border_title, told.border_title = "Queue", "What it can say"
        yield form
        yield told
        yield KeyBar()

    def on_mount(self) -> None:
        """Look what the newest run holds."""
        self.heading.show(Content.styled("New queue", "bold $primary"), "a sample for people to decide, then ctrl+g")
        self._fill()
        self.query_one("#queue-form").focus()
        self._foresee()

    def reading(self) -> Callable[[Reader], Foreseen]:
        """Read the questions of the runs, once each, and draw."""
        archive, values, asked = self.context.archive, dict(self._values), self._asked

        def read(_: Reader) -> Foreseen:
            key = key_lines(archive)
            with closing(ReviewReader(archive)) as reader:
                newest = next((view.id for view in reader.runs()), "")
                taken = {one.name for one in reader.queues()}
                name = values["name"] or next(
                    free for free in (f"review-{n}" for n in range(1, 10_000)) if free not in taken
                )
                try:
                    design = _design({**values, "runs": values["runs"] or newest})
                    check_name(name)
                    if name in taken:
                        raise UsageError(f"There is a queue {name} already.", "Choose another name.")
                    for run in design.runs:
                        if (run, design.tasks) not in asked:
                            asked[run, design.tasks] = list(reader.questions(run, design.tasks))
                    drawn = draw(design, [one for run in design.runs for one in asked[run, design.tasks]])
                except MedicError as error:
                    return Foreseen(newest, name, None, (f"✗ {error.message} {error.hint}",))
                return Foreseen(newest, name, drawn, (*key, *forecast(drawn), "", *_strata(drawn, reader)))

        return read

    def show(self, value: Foreseen) -> None:
        """Show what the design would draw."""
        self._drawn = value.drawn
        self._values["runs"] = self._values["runs"] or value.run
        self._values["name"] = self._values["name"] or value.name
        self._fill()
        self.query_one("#queue-forecast", TextPane).show("\n".join(value.lines))

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self._drawn = None
        self.query_one("#queue-forecast", TextPane).show(f"✗ {error.message} {error.hint}")

    def action_draw(self) -> None:
        """Store the queue as it was foreseen."""
        if self._drawn is None or self._busy:
            self.notify("Nothing can be drawn yet; the pane below says why.", severity="warning", timeout=5)
            return
        self._busy = True
        self._store(self.context.archive, self._values["name"], self._drawn)

    @in_thread("queue")
    def _store(self, archive: Path, name: str, drawn: Drawn) -> None:
        def store() -> str:
            store_queue(archive, name, drawn)
            return name

        self.post_message(self.Answered(attempt(store)))

    @on(Answered)
    def _on_answered(self, message: Answered) -> None:
        self._busy = False
        if isinstance(message.outcome, MedicError):
            error = message.outcome
            self.notify(f"{error.message} {error.hint}", title="Not drawn", severity="error", markup=False, timeout=12)
            return
        self.app.notify(f"Queue {message.outcome} is drawn and frozen.", markup=False, timeout=6)
        self.leave()

    @on(Table.RowSelected, "#queue-form")
    def _on_opened(self) -> None:
        name = self.query_one("#queue-form", Table).chosen
        if name in _TURNING:
            values = _TURNING[name]
            self._values[name] = values[(values.index(self._values[name]) + 1) % len(values)]
            self._foresee()
        elif not self.query(EditLine):
            self.open_line(EditLine(_PARTS[name][0], self._values[name], "enter takes it · esc leaves it"))

    @on(EditLine.Entered)
    def _on_entered(self, message: EditLine.Entered) -> None:
        message.line.close()
        self._values[self.query_one("#queue-form", Table).chosen] = message.text.strip()
        self._foresee()

    def _foresee(self) -> None:
        self._fill()
        self._drawn = None
        self.query_one("#queue-forecast", TextPane).show("… reading the runs' questions")
        self.reload()

    def _fill(self) -> None:
        self.query_one("#queue-form", Table).fill([self._row(name) for name in _PARTS])

    def _row(self, name: str) -> Row:
        title, _, what = _PARTS[name]
        value = Cell(one_line(self._values[name]), bold=True) if self._values[name] else Cell("all", "muted")
        return name, [title, value, Cell(what, "muted")]


def _design(values: Mapping[str, str]) -> Design:
    """Return what was typed as a design.

    Raises:
        UsageError: A value is no number, or no run is named.
    """
    runs = tuple(dict.fromkeys(values["runs"].replace(",", " ").split()))
    if not runs:
        raise UsageError("There is no run to draw from.", "Audit a model first, or name a run.")
    number = _number(values, "number") if values["number"] and values["number"] != "all" else None
    return Design(
        runs=runs,
        tasks=tuple(dict.fromkeys(values["tasks"].replace(",", " ").split())),
        kinds=tuple(dict.fromkeys(kind.strip() for kind in values["kinds"].split(",") if kind.strip())),
        number=None if number is None else int(number),
        seed=int(_number(values, "seed")),
        controls=_number(values, "controls"),
        order=values["order"],
        second=_number(values, "second"),
        blind=values["blind"] == "yes",
    )


def _number(values: Mapping[str, str], name: str) -> float:
    text = values[name] or "0"
    if not text.isascii() or not text.replace(".", "", int(name in ("controls", "second"))).isdigit():
        raise UsageError(f"{_PARTS[name][0]}: {one_line(text, 40)!r} is no number.", "Correct it.")
    return float(text)


def _strata(drawn: Drawn, reader: ReviewReader) -> list[str]:
    """Return how many are drawn of how many, by kind and model."""
    names = told_apart(reader.models())
    return [
        f"{one['kind']}, {names.get(one['candidate'], one['candidate'])}: {one['drawn']:,} of {one['frame']:,}"
        for one in drawn.record["strata"]
    ]
