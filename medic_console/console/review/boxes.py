"""What is asked of the card in front: a box for each stage, which holds the keys that mean something then."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from medic_console.archive.reviews import CardRow
from medic_console.console.commands import bindings
from medic_console.console.wrapping import wrap
from medic_console.core.records import Label
from medic_console.core.visible import before_number
from medic_console.review.cards import RATINGS, REASONS, SEVERITIES, UNSAID, Stage, answers_to

_ROWS = 8
"""Of a box at most, without its border."""
_CUT = " … (w: all of it)"


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


def choices(stage: Stage, card: CardRow) -> str:
    """Return what the keys of a stage of a card mean, in words."""
    if stage is Stage.REASON:
        told = [f"{key} {said}" for key, said in REASONS.items()]
        # Two lines by hand: a key and its word stay together where 80 columns would part them.
        return "\n".join(" · ".join(part) for part in (told[:4], told[4:]))
    if stage is Stage.SEVERITY:
        return " · ".join(f"{number} {said}" for number, said in enumerate(SEVERITIES))
    if stage is Stage.RATING:
        return " · ".join(f"{number} {said}" for number, said in RATINGS.items())
    unsaid = f"i {UNSAID} · " if str(Label.IDK) in answers_to(card).values() else ""
    return f"y yes · n no · {unsaid}q bad question · ? unsure · x escalate"


def fitted(question: str, said: str, keys: str, width: int, height: int) -> tuple[str, str]:
    """Return a question and what readers said, cut so that keys and texts have room.

    Args:
        question: Made safe to show.
        said: What readers said, made safe; may be empty.
        keys: What stands below, which is never cut.
        width: Cells of a row of the box.
        height: Rows of the screen, of which the box takes a third at most.
    """
    room = max(1 + bool(said), min(_ROWS, height // 3) - len(wrap(keys, width)))
    below = min(len(wrap(said, width)), max(room // 2, room - len(wrap(question, width)))) if said else 0
    return _cut(question, width, room - below), _cut(said, width, below) if said else ""


def _cut(text: str, width: int, most: int) -> str:
    rows = wrap(text, width)
    if len(rows) <= most:
        return text
    last = rows[most - 1]
    end = last.start + max(0, min(last.end - last.start, width - len(_CUT)))
    while cell_len(text[last.start : end]) > width - len(_CUT) and end > last.start:
        end -= 1
    if end < last.end:  # no word is cut
        blank = text.rfind(" ", last.start, end)
        end = blank if blank > last.start else before_number(text, end)
    return text[:end].rstrip() + _CUT
