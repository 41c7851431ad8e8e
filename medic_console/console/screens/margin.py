"""Ask for the margin: the points that do not matter."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from medic_console.comparison.compare import check_margin
from medic_console.errors import UsageError


class MarginScreen(ModalScreen[float | None]):
    """Returns a margin, or None when it shall stay.

    Args:
        margin: The present one, in points on 0 to 100.
    """

    CSS_PATH = "margin.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    def __init__(self, margin: float) -> None:
        super().__init__()
        self._margin = margin

    def compose(self) -> ComposeResult:
        """What it means, the number, what is wrong with it."""
        box = Vertical(
            Static(
                "The largest difference, in points on 0 to 100, that would not matter to you. State it before you look."
            ),
            Input(f"{self._margin:g}", id="margin", restrict=r"[0-9]*\.?[0-9]*"),
            Static(id="margin-fault"),
            id="margin-box",
        )
        box.border_title = "Margin"
        box.border_subtitle = "enter takes it · esc keeps the old one"
        yield box

    def on_mount(self) -> None:
        """Let the number be typed at once."""
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        try:
            margin = float(event.value or 0)
            check_margin(margin)
        except (UsageError, ValueError):
            self.query_one("#margin-fault", Static).update(Content.styled("✗ above 0 and below 100", "$score-failed"))
        else:
            self.dismiss(margin)
