"""One more person who reviews: a name, and a PIN twice."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from medic_console.console.defects import attempt
from medic_console.console.review.key_notice import KeyNotice
from medic_console.console.text import plain
from medic_console.console.threads import in_thread
from medic_console.core.errors import MedicError
from medic_console.review.reviewers import LEAST, add_reviewer

_FIELDS = ("reviewer-name", "reviewer-pin", "reviewer-again")


class NewReviewerScreen(ModalScreen[str]):
    """Returns the name of the person who was added; empty where nobody was.

    Args:
        archive: Where reviewers are stored.
    """

    CSS_PATH = "sign_in.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "close", "Close")]

    class Answered(Message):
        """The person is stored, or why not."""

        def __init__(self, outcome: str | MedicError) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, archive: Path) -> None:
        super().__init__()
        self._archive = archive
        self._busy = False

    def compose(self) -> ComposeResult:
        """Name, PIN, PIN again, what is wrong with them."""
        box = Vertical(
            KeyNotice(self._archive),
            Static(f"A PIN has {LEAST} characters or more; it is kept as scrypt.", markup=False),
            Input(placeholder="name", id=_FIELDS[0]),
            Input(placeholder="PIN", password=True, id=_FIELDS[1]),
            Input(placeholder="PIN again", password=True, id=_FIELDS[2]),
            Static(id="sign-in-fault", markup=False),
            id="sign-in-box",
        )
        box.border_title = "Who is to review?"
        box.border_subtitle = "enter goes on · esc closes"
        yield box

    def action_close(self) -> None:
        """Add nobody."""
        self.dismiss("")

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        place = _FIELDS.index(event.input.id or _FIELDS[0])
        if place + 1 < len(_FIELDS):
            self.query_one(f"#{_FIELDS[place + 1]}").focus()
            return
        name, pin, again = (self.query_one(f"#{field}", Input).value for field in _FIELDS)
        if pin != again:
            self._say("✗ The two PINs differ.")
        elif not self._busy:
            self._busy = True
            self._add(self._archive, name, pin)

    @in_thread("sign-in")
    def _add(self, archive: Path, name: str, pin: str) -> None:
        def add() -> str:
            add_reviewer(archive, name, pin)
            return name

        self.post_message(self.Answered(attempt(add)))

    @on(Answered)
    def _on_answered(self, message: Answered) -> None:
        self._busy = False
        if isinstance(message.outcome, MedicError):
            self._say(f"✗ {message.outcome.message} {message.outcome.hint}")
        else:
            self.dismiss(message.outcome)

    def _say(self, text: str) -> None:
        self.query_one("#sign-in-fault", Static).update(plain(text))
