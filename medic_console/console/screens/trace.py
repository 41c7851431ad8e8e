"""The whole trace of an item: prompts as the model got them, raw outputs, thinking, limits, engine and times."""

from __future__ import annotations

from textual.app import ComposeResult

from medic_console.archive.queries import Reader
from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.place import Place
from medic_console.console.screens.inspector import InspectorScreen
from medic_console.console.screens.trace_parts import answered, asked
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane


class TraceScreen(InspectorScreen[None]):
    """Messages left, outputs right."""

    CSS_PATH = "trace.tcss"
    BINDINGS = bindings("whole")
    PLACES = ("whole", "inspector")
    PANES = ("asked", "answered")
    CRUMB = "Trace"

    def compose(self) -> ComposeResult:
        """Heading and two panes."""
        yield Heading()
        yield Notice()
        left, right = TextPane("asked"), TextPane("answered")
        left.border_title, right.border_title = "Prompt", "Output, limits and engine"
        yield Folding([("Prompt", left), ("Output", right)])
        yield KeyBar()

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Place) -> None:
        """Nothing takes time here."""

    def first_pane(self, trace: ItemTrace) -> int:
        """The answer comes first."""
        return 2

    def show_trace(self, trace: ItemTrace, prepared: None) -> None:
        """Fill both panes."""
        self.query_one("#asked", TextPane).show_content(asked(trace))
        self.query_one("#answered", TextPane).show_content(answered(trace))

    def as_text(self, trace: ItemTrace) -> str:
        """Return both panes."""
        return f"{asked(trace).plain}\n\n{answered(trace).plain}\n"
