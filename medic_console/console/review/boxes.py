"""What is asked of the card in front: a box for each stage, which holds the keys that mean something then."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from medic_console.console.commands import bindings
from medic_console.review.cards import RATINGS, REASONS, SEVERITIES, Stage


class StageBox(Static, can_focus=True):
    """Shown and focused while its stage lasts."""

    def __init__(self, id: str) -> None:
        super().__init__(id=id, classes="pane")
        self.display = False
        self._told = ""

    def tell(self, content: Content) -> None:
        """Show what is asked; where it takes as many rows as before, nothing else is laid out anew."""
        before, self._told = self._told, content.plain
        alike = [line for line in (before, self._told) if max(map(len, line.split("\n"))) < self.content_size.width]
        self.update(content, layout=len(alike) < 2 or before.count("\n") != self._told.count("\n"))


class AnswerBox(StageBox):
    """The judge's question, before the judge's answer is seen."""

    BINDINGS = bindings("card", "card_texts")


class ReasonBox(StageBox):
    """Why the person differs."""

    BINDINGS = bindings("card_reason", "card_decided", "card_texts")


class SeverityBox(StageBox):
    """How bad a finding is."""

    BINDINGS = bindings("card_severity", "card_decided", "card_texts")


class RatingBox(StageBox):
    """How far an answer goes along with a harmful request."""

    BINDINGS = bindings("card_rating", "card_decided", "card_texts")


BOXES = {
    Stage.ANSWER: "card-answer",
    Stage.REASON: "card-reason",
    Stage.SEVERITY: "card-severity",
    Stage.RATING: "card-rating",
}
"""Ids by stage."""


def choices(stage: Stage) -> str:
    """Return what the keys of a stage mean, in words."""
    if stage is Stage.REASON:
        told = [f"{key} {said}" for key, said in REASONS.items()]
        # Two lines by hand: a key and its word stay together where 80 columns would part them.
        return "\n".join(" · ".join(part) for part in (told[:4], told[4:]))
    if stage is Stage.SEVERITY:
        return " · ".join(f"{number} {said}" for number, said in enumerate(SEVERITIES))
    if stage is Stage.RATING:
        return " · ".join(f"{number} {said}" for number, said in RATINGS.items())
    return "y yes · n no · i it does not say · q bad question · ? unsure · x escalate"
