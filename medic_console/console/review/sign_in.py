"""Who reviews: a name and a PIN, before the first card is seen."""

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
from medic_console.review.reader import Reviewer
from medic_console.review.reviewers import sign_in, wait_after


class SignInScreen(ModalScreen[Reviewer | None]):
    """Returns the person whose PIN was right, or None.

    Args:
        archive: Where reviewers are stored.
        known: Those who are there.
        name: Who signed in last; empty for nobody.
        why: What the person is about to do.
    """

    CSS_PATH = "sign_in.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    class Answered(Message):
        """The PIN was right, or why nobody is signed in."""

        def __init__(self, outcome: Reviewer | MedicError) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, archive: Path, known: tuple[Reviewer, ...], name: str, why: str) -> None:
        super().__init__()
        self._archive, self._known, self._why = archive, known, why
        self._person = name or (known[0].name if len(known) == 1 else "")
        self._busy = False

    def compose(self) -> ComposeResult:
        """Name, PIN, what is wrong with them."""
        names = ", ".join(plain(one.name) for one in self._known)
        box = Vertical(
            KeyNotice(self._archive),
            Static(f"{self._why}\nReviewers: {names}.", markup=False),
            Input(self._person, placeholder="name", id="reviewer-name"),
            Input(placeholder="PIN", password=True, id="reviewer-pin"),
            Static(id="sign-in-fault", markup=False),
            id="sign-in-box",
        )
        box.border_title = "Who reviews?"
        box.border_subtitle = "enter signs in · esc closes"
        yield box

    def on_mount(self) -> None:
        """Ask for what is not known yet."""
        self.query_one("#reviewer-pin" if self._person else "#reviewer-name").focus()

    @on(Input.Submitted, "#reviewer-name")
    def _on_named(self) -> None:
        self.query_one("#reviewer-pin").focus()

    @on(Input.Submitted, "#reviewer-pin")
    def _on_pin(self, event: Input.Submitted) -> None:
        name = self.query_one("#reviewer-name", Input).value
        if self._busy or not event.value:
            return
        if not name.strip():
            self._say("✗ Say who you are: type a reviewer's name above.")
            self.query_one("#reviewer-name").focus()
            return
        self._busy = True
        wrong = next((one.wrong for one in self._known if one.name == name), 0)
        wait = wait_after(wrong)
        self._say(f"… checking; after {wrong} wrong tries that takes {wait:g} s" if wait else "… checking")
        self._check(self._archive, name, event.value)

    @in_thread("sign-in")
    def _check(self, archive: Path, name: str, pin: str) -> None:
        self.post_message(self.Answered(attempt(lambda: sign_in(archive, name, lambda: pin))))

    @on(Answered)
    def _on_answered(self, message: Answered) -> None:
        self._busy = False
        if isinstance(message.outcome, Reviewer):
            self.dismiss(message.outcome)
            return
        self._say(f"✗ {message.outcome.message} {message.outcome.hint}")
        self.query_one("#reviewer-pin", Input).value = ""

    def _say(self, text: str) -> None:
        self.query_one("#sign-in-fault", Static).update(plain(text))
