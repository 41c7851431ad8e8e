"""What all inspectors share: one item, its neighbours and the other candidates' answers to it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.inspect.judge_switch import judge_name, next_judge
from medic_console.console.inspect.others import OTHERS, read_others
from medic_console.console.inspect.position import Position
from medic_console.console.messages import ItemWanted
from medic_console.console.text import one_line
from medic_console.console.threads import in_thread
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.digest import short
from medic_console.core.errors import MedicError
from medic_console.results.comparison.models import column_title
from medic_console.results.reader import Reader

V = TypeVar("V")


class InspectorScreen(ReadingScreen[tuple[ItemTrace, V]], Generic[V]):
    """Shows one item's trace, and what `prepare` makes of it.

    Attributes:
        BODY: Selectors of what is hidden while there is nothing to show.
        CRUMB: What stands before the item's name in the heading; empty: the task's title.
    """

    BINDINGS = bindings("inspector")
    BODY: ClassVar[str] = "#folding"
    CRUMB: ClassVar[str] = ""

    class OthersRead(Message):
        """What the other models answered is known."""

        def __init__(self, place: Position, found: Content) -> None:
            super().__init__()
            self.place = place
            self.found = found

    def __init__(self, context: Context, place: Position) -> None:
        super().__init__(context)
        self.place = place
        self.trace: ItemTrace | None = None
        self._beside: Position | None = None

    def on_resize(self) -> None:
        """Show the other models' answers where there is room."""
        self.call_after_refresh(self._look_beside)

    def on_mount(self) -> None:
        """Read the item."""
        self.query_one(Notice).busy("reading the item")
        self._show_body(False)
        self._head("")
        self.reload()

    def reading(self) -> Callable[[Reader], tuple[ItemTrace, V]]:
        """Read the item's trace, and make of it what takes time."""
        place, prepare = self.place, self.prepare

        def job(reader: Reader) -> tuple[ItemTrace, V]:
            trace = reader.trace(place.run, place.task.id, place.item, place.candidate.sha256, place.judge)
            return trace, prepare(reader, trace, place)

        return job

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Position) -> V:
        """Return what the screen shows beside the trace; runs in the reading thread."""
        raise NotImplementedError

    def show(self, value: tuple[ItemTrace, V]) -> None:
        """Show the item."""
        first = self.trace is None
        trace, prepared = value
        self.trace = trace
        self.refresh_bindings()
        self.query_one(Notice).hide()
        self._show_body(True)
        self._head(str(trace.score.outcome) if trace.score else "")
        self.show_trace(trace, prepared)
        self._look_beside()
        if first:
            self.action_pane(self.first_pane(trace))

    def first_pane(self, trace: ItemTrace) -> int:
        """Return the number of the pane that is focused first."""
        return 1

    def show_trace(self, trace: ItemTrace, prepared: V) -> None:
        """Fill the panes."""
        raise NotImplementedError

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self._show_body(False)
        self.query_one(Notice).error(error)

    def action_pane(self, number: int) -> None:
        """Focus a pane; the other models' answers have one only where there is room for it."""
        found = self.query(f"#{OTHERS}") if number == len(self.PANES) else ()
        if found and not found.first().display:
            why = "one column more shows them from 160 columns on" if self.place.several_models else "there are none"
            self.notify(f"Other models' answers to this item: {why}.", timeout=5)
        else:
            super().action_pane(number)

    def _look_beside(self) -> None:
        """Show the other models' answers to the item in front, where the screen has a pane and room for them."""
        pane = next(iter(self.query(f"#{OTHERS}").results(TextPane)), None)
        if pane is None or self.trace is None:
            return
        wanted = self.has_class("-broad") and self.place.several_models
        if pane.display != wanted:
            pane.display = wanted
            self.splits.restore()
        if wanted and self._beside != self.place:
            self._beside = self.place
            self._read_others(self.place)

    @in_thread("others", exclusive=True)
    def _read_others(self, place: Position) -> None:
        try:
            with closing(Reader(self.context.archive)) as reader:
                found = read_others(reader, place)
        except MedicError as error:
            found = Content.styled(one_line(error.message), "$score-failed")
        self.post_message(self.OthersRead(place, found))

    @on(OthersRead)
    def _on_others_read(self, message: OthersRead) -> None:
        if message.place == self.place:
            self.query_one(f"#{OTHERS}", TextPane).show_content(message.found)

    def action_item(self, by: int) -> None:
        """Go to a neighbour."""
        place = self.place.step(by)
        if place == self.place:
            self.notify(f"This is the {'last' if by > 0 else 'first'} of {self.place.total:,}.", timeout=3)
        self._go(place)

    def action_model(self, by: int) -> None:
        """Go to another candidate's answer to the same item."""
        self._go(self.place.model(by))

    def action_next_judge(self) -> None:
        """Go to what another judge, or all of them as a panel, says of the same item."""
        if self._judges:
            self._go(self.place.under(next_judge(self.place.judge, self._judges)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another judge, model or item only where there are several."""
        several = {
            "next_judge": bool(self._judges),
            "model": self.place.several_models,
            "item": self.place.total > 1,
        }
        return several.get(action, super().check_action(action, parameters))

    def as_plain(self) -> str:
        """Return the heading and what the inspector tells of the item."""
        shown = super().as_plain() if self.trace is None else self.as_text(self.trace)
        return f"{self.heading.content_text}\n\n{shown}"

    def as_text(self, trace: ItemTrace) -> str:
        """Return what the screen shows as plain text."""
        raise NotImplementedError

    @property
    def _judges(self) -> tuple[ModelView, ...]:
        """The judges that can be switched; none while there are fewer than two."""
        if self.trace is None or not self.place.judge or self.place.one_judge or len(self.trace.judges) < 2:
            return ()
        return self.trace.judges

    def _go(self, place: Position) -> None:
        if place.task.id != self.place.task.id:
            self.post_message(ItemWanted(place))
        elif place != self.place:
            self.place = place
            self._head("")
            self.reload()

    def _show_body(self, shown: bool) -> None:
        for widget in self.query(self.BODY).results(Widget):
            widget.display = shown

    def _head(self, outcome: str) -> None:
        place, state = self.place, OUTCOMES[outcome]
        verdict = one_line(self.trace.score.verdict) if outcome and self.trace and self.trace.score else ""
        cut = bool(outcome and self.trace and self.trace.score and self.trace.score.truncated)
        doubted = bool(outcome and self.trace and self.trace.doubted)
        self.heading.show(
            Content.styled(f"{self.CRUMB or place.task.title} {one_line(place.item)}", "bold $primary"),
            f"{place.number} of {place.total}",
            Content.styled(state.text, f"${state.variable}"),
            "" if verdict == state.word else verdict,
            Content.styled("truncated" if cut else "", "$score-unscored"),
            Content.assemble(
                (column_title(place.candidate), "bold"),
                "" if self._judges else f" {place.candidate.quantisation} sha {short(place.candidate.sha256)}",
                f" ({place.chosen + 1} of {len(place.candidates)})" if len(place.candidates) > 1 else "",
            ),
            judge_name(place.judge, self._judges, doubted) if self._judges else "",
        )
