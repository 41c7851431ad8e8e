"""What all inspectors share: one item, its neighbours and the other candidates' answers to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.content import Content
from textual.widget import Widget

from medic_console.archive.queries import Reader
from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.place import Place
from medic_console.console.screens.base import ReadingScreen
from medic_console.console.text import one_line
from medic_console.console.widgets.notice import Notice
from medic_console.digest import short
from medic_console.errors import MedicError


class InspectorScreen(ReadingScreen[ItemTrace]):
    """Shows one item's trace.

    Attributes:
        BODY: Selector of what is hidden while there is nothing to show.
    """

    BINDINGS = bindings("inspector")
    BODY: ClassVar[str] = "#folding"

    def __init__(self, context: Context, place: Place) -> None:
        super().__init__(context)
        self.place = place
        self.trace: ItemTrace | None = None

    def on_mount(self) -> None:
        """Read the item."""
        self.query_one(Notice).busy("reading the item")
        self.query_one(self.BODY, Widget).display = False
        self._head("")
        self.reload()

    def reading(self) -> Callable[[Reader], ItemTrace]:
        """Read the item's trace."""
        place = self.place
        return lambda reader: reader.trace(place.run, place.task.id, place.item, place.candidate.sha256, place.judge)

    def show(self, value: ItemTrace) -> None:
        """Show the item."""
        first = self.trace is None
        self.trace = value
        self.query_one(Notice).hide()
        self.query_one(self.BODY, Widget).display = True
        self._head(str(value.score.outcome) if value.score else "")
        self.show_trace(value)
        if first:
            self.action_pane(self.first_pane(value))

    def first_pane(self, trace: ItemTrace) -> int:
        """Return the number of the pane that is focused first."""
        return 1

    def show_trace(self, trace: ItemTrace) -> None:
        """Fill the panes."""
        raise NotImplementedError

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self.query_one(self.BODY, Widget).display = False
        self.query_one(Notice).error(error)

    def action_item(self, by: int) -> None:
        """Go to a neighbour."""
        self._go(self.place.step(by))

    def action_model(self, by: int) -> None:
        """Go to another candidate's answer to the same item."""
        self._go(self.place.model(by))

    def as_plain(self) -> str:
        """Return the heading and what the inspector tells of the item."""
        shown = super().as_plain() if self.trace is None else self.as_text(self.trace)
        return f"{self.heading.content_text}\n\n{shown}"

    def as_text(self, trace: ItemTrace) -> str:
        """Return what the screen shows as plain text."""
        raise NotImplementedError

    def _go(self, place: Place) -> None:
        if place != self.place:
            self.place = place
            self._head("")
            self.reload()

    def _head(self, outcome: str) -> None:
        place, state = self.place, OUTCOMES[outcome]
        verdict = one_line(self.trace.score.verdict) if outcome and self.trace and self.trace.score else ""
        self.heading.show(
            Content.styled(f"{place.task.title} {one_line(place.item)}", "bold $primary"),
            f"{place.index + 1} of {len(place.items)}",
            Content.styled(state.text, f"${state.variable}"),
            "" if verdict == state.word else verdict,
            Content.assemble(
                (one_line(place.candidate.name), "bold"),
                f" {place.candidate.quantisation} sha {short(place.candidate.sha256)}",
                f" ({place.chosen + 1} of {len(place.candidates)})" if len(place.candidates) > 1 else "",
            ),
        )
