"""Dispute the reference label of an item: who, why, what it should be; or accept a challenge, or take it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from medic_console.archive.challenges import Action, Challenge, Dispute, enter
from medic_console.console.defects import attempt
from medic_console.console.inspect.base import InspectorScreen
from medic_console.console.inspect.position import Position
from medic_console.console.review.key_notice import KeyNotice
from medic_console.console.text import one_line, plain
from medic_console.console.threads import in_thread
from medic_console.core.errors import MedicError
from medic_console.review.reviewers import sign_in

_NAME, _PIN, _REASON, _LABEL = "challenge-name", "challenge-pin", "challenge-reason", "challenge-label"
RULE = "Official figures never change; an accepted challenge leaves the item out of a second figure beside them."

_STANDS = {
    "open": "challenged; a second reviewer may accept it",
    "accepted": "left out of the second figure",
    "withdrawn": "not disputed any more",
}


def dispute(screen: InspectorScreen[Any], standing: Challenge | None) -> None:
    """Ask for a dispute of the reference label of an inspector's item; then say how it stands, and show it anew.

    Args:
        standing: The item's newest challenge; None where nobody has disputed its label.
    """

    def entered(challenge: Challenge | None) -> None:
        if challenge is not None:
            label = f"The label of item {challenge.item} is {_STANDS[challenge.state]}."
            screen.notify(label, markup=False, timeout=6)
            screen.reload()

    context = screen.context
    form = ChallengeScreen(context.archive, screen.place, standing, context.settings.reviewer)
    screen.app.push_screen(form, entered)


def dispute_lines(one: Challenge | None) -> list[str]:
    """Return who disputes a label, why, and what it should be, in words; none where nobody does any more."""
    if one is None or one.state == "withdrawn":
        return []
    by = f"challenged by {one_line(one.by)}" + (f", accepted by {one_line(one.settled_by)}" if one.settled_by else "")
    return [f"{by}: {one_line(one.reason)}"] + ([f"should be: {one_line(one.proposed)}"] if one.proposed else [])


class ChallengeScreen(ModalScreen[Challenge | None]):
    """Returns how the challenge stands; None where nothing was entered.

    Args:
        archive: Whose ledger takes it.
        place: The item.
        standing: Its newest challenge; None where nobody has disputed its label.
        name: Who signs in, as the settings have it; empty for nobody.
    """

    CSS_PATH = "../review/sign_in.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss", "Close")]

    class Answered(Message):
        """It is entered, or why not."""

        def __init__(self, outcome: Challenge | MedicError) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, archive: Path, place: Position, standing: Challenge | None, name: str) -> None:
        super().__init__()
        self._archive, self._place, self._person = archive, place, name
        self._standing = None if standing is None or standing.state == "withdrawn" else standing
        self._busy = False

    def compose(self) -> ComposeResult:
        """What is known, fields, what is wrong with them."""
        new = self._standing is None
        fields = [Input(self._person, placeholder="name", id=_NAME), Input(placeholder="PIN", password=True, id=_PIN)]
        if new:
            fields.append(Input(placeholder="what is wrong with the label; name no patient", id=_REASON))
            fields.append(Input(placeholder="what it should be (may stay empty)", id=_LABEL))
        box = Vertical(
            KeyNotice(self._archive),
            Static(self._known(), markup=False),
            *fields,
            Static(id="sign-in-fault", markup=False),
            id="sign-in-box",
        )
        box.border_title = "Dispute the label?" if new else "The label is disputed"
        box.border_subtitle = "enter goes on · esc closes"
        yield box

    def _known(self) -> str:
        item, one = one_line(self._place.item), self._standing
        if one is None:
            return f"Item {item} of {self._place.task.id}. {RULE}"
        said = f"Item {item}: {one.state}, challenged by {one_line(one.by)}: {one_line(one.reason)}"
        asked = f" It should be: {one_line(one.proposed)}." if one.proposed else ""
        if one.state == "accepted":
            return f"{said}{asked}\nAccepted by {one_line(one.settled_by)}. Either of both takes it back here."
        return f"{said}{asked}\n{one_line(one.by)} takes it back here; anybody else accepts it."

    def on_mount(self) -> None:
        """Ask for what is not known yet."""
        self.query_one(f"#{_PIN}" if self._person else f"#{_NAME}").focus()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        fields = list(self.query(Input))
        after = fields.index(event.input) + 1
        if after < len(fields):
            fields[after].focus()
        elif not self._busy:
            self._busy = True
            self._say("… checking")
            values = {field.id: field.value for field in fields}
            dispute = self._dispute(values.get(_NAME, ""), values.get(_REASON, ""), values.get(_LABEL, ""))
            self._enter(self._archive, dispute, values.get(_PIN, ""))

    def _dispute(self, name: str, reason: str, label: str) -> Dispute:
        one = self._standing
        if one is None:
            action = Action.CHALLENGE
        else:
            action = Action.WITHDRAW if name in (one.by, one.settled_by) else Action.ACCEPT
        return Dispute(action, self._place.run, self._place.task.id, self._place.item, name, reason, label)

    @in_thread("challenge")
    def _enter(self, archive: Path, dispute: Dispute, pin: str) -> None:
        def entered() -> Challenge:
            sign_in(archive, dispute.by, lambda: pin)
            return enter(archive, dispute)

        self.post_message(self.Answered(attempt(entered)))

    @on(Answered)
    def _on_answered(self, message: Answered) -> None:
        self._busy = False
        if isinstance(message.outcome, Challenge):
            self.dismiss(message.outcome)
            return
        hint = message.outcome.hint
        self._say(f"✗ {message.outcome.message} {'' if '--' in hint else hint}".rstrip())  # no words of the command
        self.query_one(f"#{_PIN}", Input).value = ""

    def _say(self, text: str) -> None:
        self.query_one("#sign-in-fault", Static).update(plain(text))
