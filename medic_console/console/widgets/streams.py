"""What each sequence writes now, one line a sequence."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.console.live_state import Stream
from medic_console.console.session import Session
from medic_console.console.text import one_line, tail

_HEAD = 26
_LEAST = 10


class Streams(VerticalScroll, can_focus=True):
    """Lines of number, task, item and the end of the text."""

    BINDINGS = bindings("text")

    def __init__(self, id: str = "streams") -> None:
        super().__init__(id=id, classes="pane")
        self.border_title = "Streams"
        self._lines = Static(classes="lines")

    def compose(self) -> ComposeResult:
        """The lines."""
        yield self._lines

    def show(self, session: Session) -> None:
        """Draw the session's sequences."""
        state = session.state
        room = max(_LEAST, (self.content_size.width or 60) - _HEAD - 1)
        lines = [_line(number, stream, room) for number, stream in enumerate(state.streams, 1)]
        if not lines:
            said = "the run has ended" if session.over else state.phase
            lines = [Content.styled(one_line(said), "$muted")]
        self._lines.update(Content("\n").join(lines))


def _line(number: int, stream: Stream, room: int) -> Content:
    name = f"{stream.ref.task} {one_line(stream.ref.item).removeprefix(stream.ref.task)}"
    head = f"{number:>2} {name[: _HEAD - 4]:<{_HEAD - 4}} "
    if stream.chooses:
        said = Content.styled("choosing" if stream.active else "chosen", "$muted")
    else:
        end = Content(tail(stream.text, room * 2))
        shown = end[max(0, len(end) - room) :] if len(end) > room else end
        said = shown if stream.active else shown.stylize("$muted")
    mark = Content.styled("▌", "$run-running") if stream.active and not stream.chooses else Content("")
    return Content.assemble((head, "$muted"), said, mark)
