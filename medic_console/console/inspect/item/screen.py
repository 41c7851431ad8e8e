"""Item inspector: what was asked, and the verdict with what it rests on, by the kind of task."""

from __future__ import annotations

from textual.app import ComposeResult

from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.challenge import dispute
from medic_console.console.inspect.item.parts import ItemView
from medic_console.console.inspect.item.registry import view_of
from medic_console.console.inspect.others import OTHERS, OthersPane
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.results.reader import Reader


class ItemScreen(InspectorScreen[ItemView]):
    """Question left, verdict right."""

    CSS_PATH = "item.tcss"
    BINDINGS = bindings("item", "trace")
    PLACES = ("item", "inspector", "trace")
    PANES = ("question", "verdict", OTHERS)

    def __init__(self, context: Context, place: Position) -> None:
        super().__init__(context, place)
        self._view: ItemView | None = None

    def compose(self) -> ComposeResult:
        """Heading and two panes."""
        yield Heading()
        yield Notice()
        yield Folding([("Question", TextPane("question")), ("Verdict", TextPane("verdict"))], last=OthersPane())
        yield KeyBar()

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Position) -> ItemView:
        """Check instructions, compare words, read the opponents' answers."""
        return view_of(reader, trace, place)

    def first_pane(self, trace: ItemTrace) -> int:
        """The verdict comes first."""
        return 2

    def show_trace(self, trace: ItemTrace, prepared: ItemView) -> None:
        """Fill both panes."""
        self._view = prepared
        left, right = self.query_one("#question", TextPane), self.query_one("#verdict", TextPane)
        for pane, title, content in (
            (left, prepared.left_title, prepared.left),
            (right, prepared.right_title, prepared.right),
        ):
            pane.border_title = title
            self.query_one(Folding).rename(pane, title)
            pane.show_content(content)

    def as_text(self, trace: ItemTrace) -> str:
        """Return both panes."""
        return f"{self._view.left.plain}\n\n{self._view.right.plain}\n" if self._view else ""

    def action_whole_trace(self) -> None:
        """Open the item's prompts, output, limits and times."""
        self.app.push_screen(TraceScreen(self.context, self.place))

    def action_challenge(self) -> None:
        """Dispute the item's reference label, or settle the challenge that it has; then show how it stands."""
        if self._view is not None:
            dispute(self, self._view.challenge)
