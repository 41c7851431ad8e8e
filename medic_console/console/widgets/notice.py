"""What a screen says in place of its content: nothing there yet, busy, or an error with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from medic_console.console.text import plain

if TYPE_CHECKING:
    from medic_console.core.errors import MedicError


class Notice(Static):
    """Hidden until it has something to say."""

    def __init__(self, id: str = "notice") -> None:
        super().__init__(id=id)
        self.display = False

    def hide(self) -> None:
        """Say nothing."""
        self.display = False

    def busy(self, text: str) -> None:
        """Say what is being done."""
        self._say(Content.assemble(("… ", "$muted"), (text, "$muted")))

    def empty(self, text: str, hint: str) -> None:
        """Say that there is nothing, and what to do next."""
        self._say(Content.assemble((plain(text), "bold"), "\n\n", plain(hint)))

    def error(self, error: MedicError) -> None:
        """Say what went wrong and what to do."""
        self._say(
            Content.assemble(
                (f"✗ {error.title}", "bold $score-failed"), "\n\n", plain(error.message), "\n\n", plain(error.hint)
            )
        )

    def _say(self, content: Content) -> None:
        self.update(content)
        self.display = True
