"""Where findings lie in the texts: of the item that is read, then of all items of its task under the same model."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ItemTrace, ModelView
from medic_console.console.base import ReadingScreen
from medic_console.console.context import Context
from medic_console.console.inspect.cef.rows import noun
from medic_console.console.inspect.position import Position
from medic_console.console.text import one_line
from medic_console.console.widgets.drawing import chart
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import MedicError
from medic_console.core.naming import called
from medic_console.results.charts.places import places_in, places_lines, places_of
from medic_console.results.reader import Reader

Lines = list[str]


class PlacesScreen(ReadingScreen[Lines]):
    """One text of rows.

    Args:
        trace: The item that is read.
        place: Where it stands.
    """

    CSS_PATH = "places.tcss"
    PLACES = ("places",)
    PANES = ("finding-places",)

    def __init__(self, context: Context, trace: ItemTrace, place: Position) -> None:
        super().__init__(context)
        self._trace = trace
        self._place = place

    def compose(self) -> ComposeResult:
        """Heading and text."""
        yield Heading()
        yield Notice()
        pane = TextPane("finding-places")
        pane.border_title = "Where findings lie"
        yield pane
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the item at once, and read the others."""
        place = self._place
        crumb = Content.styled("Where findings lie", "bold $primary")
        self.heading.show(crumb, f"run {place.run}", one_line(place.task.title), called(place.candidate))
        self.query_one(Notice).busy("reading the findings of all items")
        self._show(self._own())
        self.query_one(TextPane).focus()
        self.reload()

    def reading(self) -> Callable[[Reader], Lines]:
        """Read every cross-examination of the task."""
        place, judges, name = self._place, [judge.sha256 for judge in self._judges()], noun(self._trace)

        def read(reader: Reader) -> Lines:
            found = places_in(reader, place.run, place.task.id, place.candidate.sha256, judges)
            return places_lines(found, "All items of the task", name)

        return read

    def show(self, value: Lines) -> None:
        """Show all of it."""
        self.query_one(Notice).hide()
        self._show([*self._own(), "", *value])

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self.query_one(Notice).error(error)

    def _judges(self) -> tuple[ModelView, ...]:
        """Return who judged: of a panel all of them."""
        judges = self._trace.judges
        return judges if self._trace.by_judge else tuple(one for one in judges if one.sha256 == self._place.judge)

    def _own(self) -> Lines:
        traces = [one.cef for one in self._trace.by_judge or (self._trace,) if one.cef is not None]
        found = [place for trace in traces for place in places_of(trace)]
        return places_lines(found, f"This item: {one_line(self._place.item)}", noun(self._trace))

    def _show(self, lines: Lines) -> None:
        self.query_one(TextPane).show_content(chart(lines))
