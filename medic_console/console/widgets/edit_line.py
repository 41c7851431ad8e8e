"""A line to type a value into, in place of the footer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from medic_console.console.commands import bindings
from medic_console.console.messages import LineOpened
from medic_console.console.text import one_line
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.path_input import PathInput


class EditLine(Horizontal):
    """Posts `Entered`; stays until it is closed or left, so that a refused value can be corrected.

    Tab does not lead out of it: what is typed on would be taken as commands of the screen behind.

    Args:
        title: Before the text.
        value: What stands there at first.
        note: What the keys do.
        completes: Endings of files that a typed path is completed with, none for folders alone; None: it is no path.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("edit"),
        Binding("tab,shift+tab", "stay", "Stay", show=False),
    ]

    class Entered(Message):
        """The value was typed."""

        def __init__(self, line: EditLine, text: str) -> None:
            super().__init__()
            self.line = line
            self.text = text

    def __init__(
        self,
        title: str,
        value: str,
        note: str = "enter saves · esc leaves",
        completes: Sequence[str] | None = None,
    ) -> None:
        super().__init__()
        self._title, self._value, self._note, self._completes = title, value, note, completes
        self._over = False

    def compose(self) -> ComposeResult:
        """Title, value, what to do."""
        yield Static(f"{one_line(self._title)}:", id="edit-title", markup=False)
        if self._completes is None:
            yield Input(self._value, id="edit-text", compact=True)
        else:
            yield PathInput(self._value, suffixes=self._completes, id="edit-text", compact=True)
        yield Static(self._note, id="edit-note", markup=False)

    def on_mount(self) -> None:
        """Take the footer's place and the focus."""
        self._before = self.screen.focused
        for bar in self.screen.query(KeyBar):
            bar.display = False
        self.screen.set_focus(self.query_one(Input))
        self.post_message(LineOpened(self))

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Entered(self, event.value))

    @on(events.DescendantBlur)
    def _on_left(self) -> None:
        """Leave without saving when another pane is clicked; a terminal without focus gives it back."""
        focused = self.screen.focused
        if not self._over and focused is not None and self not in focused.ancestors:
            self.notify(f"{one_line(self._title)}: left without saving.", markup=False, timeout=4)
            self._end()

    def action_stay(self) -> None:
        """Keep the focus."""

    def action_close(self) -> None:
        """Leave without saving."""
        self.close()

    def close(self) -> None:
        """Give the footer its place back, and the focus to where it was."""
        self._end()
        if self._before is not None:
            self.screen.set_focus(self._before)

    def _end(self) -> None:
        self._over = True
        for bar in self.screen.query(KeyBar):
            bar.display = True
        self.remove()
