"""The question at quitting while a run goes on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Static


class QuitScreen(ModalScreen[bool]):
    """Returns True to stop the run and quit."""

    CSS_PATH = "quit.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape", "answer(False)", "Stay"),
        ("s", "answer(True)", "Stop and quit"),
        ("left,right", "app.focus_next", "Other button"),
    ]

    def __init__(self, run: str) -> None:
        super().__init__()
        self._run_id = run

    def compose(self) -> ComposeResult:
        """Question and two buttons."""
        box = Vertical(id="question-box")
        box.border_title = "A run is going on"
        with box:
            yield Static(
                f"Run {self._run_id} is not done. Stopped now, it finishes the items in flight and keeps all "
                "that it has; r on home resumes it later.",
                markup=False,
            )
            with Horizontal():
                yield Button("Stay  esc", id="stay", variant="primary")
                yield Button("Stop and quit  s", id="stop")

    def action_answer(self, stop: bool) -> None:
        """Close with the answer."""
        self.dismiss(stop)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Close with the button's answer."""
        self.dismiss(event.button.id == "stop")
