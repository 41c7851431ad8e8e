"""The whole trace of an item: prompts as the model got them, raw outputs, thinking, limits, engine and times."""

from __future__ import annotations

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.commands import bindings
from medic_console.console.dialogs.two_texts import TwoTextsScreen
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.trace_parts import answered, asked
from medic_console.results.reader import Reader
from medic_console.results.rendered import rendered_prompt


class TraceScreen(TwoTextsScreen):
    """Messages left, outputs right."""

    BINDINGS = bindings("whole")
    PLACES = ("whole", "inspector")
    PANES = ("asked", "answered")
    CRUMB = "Trace"
    TITLES = (("Prompt", "Prompt"), ("Output, limits and engine", "Output"))

    @staticmethod
    def prepare(reader: Reader, trace: ItemTrace, place: Position) -> None:
        """Compile the chat templates: it takes time once, and the texts are shown in the thread of the screen."""
        for call in trace.calls:
            rendered_prompt(call)

    def texts(self, trace: ItemTrace) -> tuple[Content, Content]:
        """Return the messages, and the outputs with all that belongs to them."""
        return asked(trace), answered(trace)
