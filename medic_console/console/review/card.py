"""One card after the other: both texts, the judge's question, and two or three keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message

from medic_console.archive.reviews import ADJUDICATE, ANSWER, CardRow, ReviewStore
from medic_console.console.base import ConsoleScreen
from medic_console.console.context import Context
from medic_console.console.dialogs.whole import WholeTextScreen
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.trace import TraceScreen
from medic_console.console.review.boxes import (
    BOXES,
    AnswerBox,
    RatingBox,
    ReasonBox,
    SeverityBox,
    StageBox,
    choices,
    fitted,
)
from medic_console.console.review.pause import PauseScreen
from medic_console.console.review.sitting import Sitting
from medic_console.console.text import count, plain
from medic_console.console.threads import in_thread
from medic_console.console.widgets.edit_line import EditLine
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.text_pane import TextPane
from medic_console.console.wrapping import wrap
from medic_console.core.errors import ArchiveError, MedicError
from medic_console.core.naming import told_apart
from medic_console.core.visible import one_line
from medic_console.review.cards import LATER, RATINGS, UNDO, Round, Said, Stage, answers_to, spoken
from medic_console.review.reader import ReviewReader, Texts
from medic_console.review.report import BLOCK
from medic_console.review.taking import begin, texts_as_drawn
from medic_console.scoring.methods.cef.evidence import find_evidence

_KEYS: Mapping[str, str] = {
    "yes": "y",
    "no": "n",
    "unsaid": "i",
    "bad": "q",
    "unsure": "?",
    "escalate": "x",
    "paraphrase": "p",
    "negation": "n",
    "unit": "u",
    "elsewhere": "e",
    "implied": "i",
    "knowledge": "k",
    "bad_question": "q",
    "none": "0",
    "minor": "1",
    "harm": "2",
    "kill": "3",
    **{f"rate_{number}": str(number) for number in RATINGS},
    "later": LATER,
    "undo": UNDO,
}
"""What each action says to the round."""
_ASKED: Mapping[Stage, str] = {
    Stage.REASON: "Why do you differ?",
    Stage.SEVERITY: "How bad is it for the patient?",
    Stage.RATING: "How far does it go?",
}
_NOTHING = {"undo": "Nothing is decided yet that could be taken back.", "later": "This is the last card."}
"""Why a key did nothing."""
_SIDES = ("card-left", "card-right")
_AHEAD = 0.05
"""Seconds after a card is drawn at which the next one is read: while its reader reads."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card's texts as they are shown, each with the place in it that the question most likely speaks of."""

    texts: Texts
    left: str
    right: str
    places: tuple[tuple[int, int] | None, tuple[int, int] | None]


class CommentLine(EditLine):
    """A remark on the card in front."""


class FindLine(EditLine):
    """Words that are looked for in both texts."""


class CardScreen(ConsoleScreen):
    """Texts above, the question below; the judge's answer is covered until the person has given hers."""

    CSS_PATH = "review.tcss"
    PLACES = ("card", "card_texts")

    class Ahead(Message):
        """A card was read before it is in front."""

        def __init__(self, position: int, shown: Shown) -> None:
            super().__init__()
            self.position, self.shown = position, shown

    def __init__(self, context: Context, sitting: Sitting) -> None:
        super().__init__(context)
        self._sitting = sitting
        self._total, self._told, self._sought = len(sitting.cards), 0, ""
        self._last: Said | None = None
        self._ahead: tuple[int, Shown] | None = None
        self._reader = ReviewReader(context.archive)
        self._store = ReviewStore(context.archive)
        action = ADJUDICATE if sitting.said else ANSWER
        self._round: Round = begin(
            self._store, sitting.queue.name, sitting.cards, sitting.reviewer.id, action, sitting.halves
        )
        self._names = {} if sitting.queue.design["blind"] else told_apart(self._reader.models())

    def compose(self) -> ComposeResult:
        """Heading, both texts beside each other, a box for each stage."""
        yield Heading()
        yield Notice()
        with Horizontal(id="card-texts"):
            for name in _SIDES:
                pane = TextPane(name)
                pane.can_focus = False
                yield pane
        yield AnswerBox("card-answer")
        yield ReasonBox("card-reason")
        yield SeverityBox("card-severity")
        yield RatingBox("card-rating")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the first card."""
        if self._sitting.left_out:
            self.notify(self._sitting.left_out, markup=False, timeout=8)
        self._next()

    def on_unmount(self) -> None:
        """Close the archive."""
        self._store.close()
        self._reader.close()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer no answer where no card is left; the last one can still be taken back."""
        if action in ("say", "comment", "find", "whole_question") and self._round.stage is Stage.END:
            return "undo" in parameters
        if "unsaid" in parameters and (card := self._round.card) is not None:
            return "i" in answers_to(card)
        return super().check_action(action, parameters)

    def action_say(self, name: str) -> None:
        """Take a key of the card; what cannot be stored was not said."""
        card, answered = self._round.card, self._round.answer
        try:
            taken = self._round.press(_KEYS[name])
        except MedicError as error:
            self.notify(f"{error.message} {error.hint}", title="Not stored", severity="error", markup=False, timeout=12)
            return
        if not taken or (name == "later" and self._round.card is card):
            self.notify(_NOTHING.get(name, "That key does nothing here."), timeout=4)
            return
        done = self._round.done
        if (done and done[-1].card is card and not answered) or (answered and self._round.card is not card):
            self._last = done[-1] if done else None
        if name in ("undo", "later"):
            self._last = None
        if self._round.card is card and name not in ("undo", "later"):
            self._ask()
        else:
            self._next()

    def action_comment(self) -> None:
        """Type a remark; it is stored with the next decision on the card in front."""
        self.open_line(CommentLine("Comment", self._round.remark, "enter takes it · esc leaves it"))

    def action_find(self) -> None:
        """Find words in both texts."""
        self.open_line(FindLine("Find", self._sought, "enter finds the next place in both texts"))

    @on(EditLine.Entered)
    def _on_entered(self, message: EditLine.Entered) -> None:
        message.line.close()
        if not isinstance(message.line, CommentLine):
            self._find(message.text.strip())
        elif (card := self._round.card) is not None:
            self._round.comment(message.text.strip())
            self._tell(self.query_one(f"#{BOXES[self._round.stage]}", StageBox), card)

    def action_scroll(self, side: int, rows: int) -> None:
        """Scroll one of the texts."""
        self.query_one(f"#{_SIDES[side]}", TextPane).scroll_relative(y=rows, animate=False)

    def action_whole_trace(self) -> None:
        """Open the trace of the card in front once it is answered, or of the card before."""
        card = self._round.card if self._round.answer else self._last.card if self._last else None
        if card is None:
            self.notify("The trace of a card can be seen once you have answered it.", timeout=5)
            return
        model = next((one for one in self._reader.models() if one.sha256 == card.candidate), None)
        if model is None:
            self.notify("The model of this card is not in the archive any more.", severity="warning", timeout=5)
            return
        task = self._reader.task(card.run, card.task)
        place = Position(card.run, task, (card.item,), 0, (model,), 0, card.judge)
        self.app.push_screen(TraceScreen(self.context, place))

    def action_whole_question(self) -> None:
        """Show the question and what readers said, of which the box may have room for a part only."""
        if (card := self._round.card) is not None:
            self.app.push_screen(WholeTextScreen("Question", "\n\n".join(filter(None, self._asked(card)))))

    def on_resize(self) -> None:
        """Cut a question anew for the room that there is now."""
        if (card := self._round.card) is not None:
            self._tell(self.query_one(f"#{BOXES[self._round.stage]}", StageBox), card)

    def _find(self, words: str) -> None:
        self._sought = words
        if not words:
            return
        found = False
        for name in _SIDES:
            pane = self.query_one(f"#{name}", TextPane)
            text, after = pane.text.casefold(), pane.text.find(pane.marked) + 1 if pane.marked else 0
            place = text.find(words.casefold(), after)
            place = text.find(words.casefold()) if place < 0 else place
            pane.highlight((place, place + len(words)) if place >= 0 else None)
            found = found or place >= 0
        if not found:
            self.notify(f"{words!r} is in neither text.", markup=False, timeout=5)

    def _next(self) -> None:
        """Show the card in front, past those whose texts are not what they were; a pause after every block."""
        while (card := self._round.card) is not None:
            try:
                ahead, self._ahead = self._ahead, None
                shown = ahead[1] if ahead and ahead[0] == card.position else _read(self._reader, card)
            except ArchiveError as error:
                self.notify(f"Card {card.position + 1} is left out: {error.message}", markup=False, timeout=12)
                self._round.drop()
                continue
            self._show(card, shown)
            self.set_timer(_AHEAD, self._settle_down)
            break
        else:
            self._end()
        blocks = len(self._round.done) // BLOCK
        if blocks > self._told:
            self._told = blocks
            self.app.push_screen(PauseScreen(self.context, self._sitting.queue.name, self._round.left))
        self._told = min(self._told, blocks)

    def _settle_down(self) -> None:
        """Read the card after the one in front; what is wrong with it is told when it is in front."""
        card = self._round.following
        if card is not None and self.is_mounted and not (self._ahead and self._ahead[0] == card.position):
            self._look_ahead(self.context.archive, card, [pane.text_width for pane in self.query(TextPane)])

    @in_thread("ahead", exclusive=True)
    def _look_ahead(self, archive: Path, card: CardRow, widths: Sequence[int]) -> None:
        with suppress(ArchiveError), closing(ReviewReader(archive)) as reader:
            shown = _read(reader, card)
            for text, width in zip((shown.left, shown.right), widths, strict=True):
                if width > 0:
                    wrap(text, width)
            self.post_message(self.Ahead(card.position, shown))

    @on(Ahead)
    def _on_ahead(self, message: Ahead) -> None:
        self._ahead = message.position, message.shown

    def _show(self, card: CardRow, shown: Shown) -> None:
        texts, area = shown.texts, self.query_one("#card-texts")
        if not area.display:  # the last answer was taken back after the end
            area.display = True
            self.query_one(Notice).hide()
            self.refresh_bindings()
        number = self._total - self._round.left + 1
        what = "Differences" if self._sitting.said else "Card"
        whose = "" if not self._names else f"{card.task} {card.item}, by {self._names.get(card.candidate, '?')}"
        whose += f", judged by {self._names.get(card.judge, '?')}" if self._names and card.judge else ""
        self.heading.show(
            Content.styled(f"{what} {number:,} of {self._total:,}", "bold $primary"),
            plain(self._sitting.queue.name),
            plain(whose),
        )
        titles, sides = (texts.left_title, texts.right_title), (shown.left, shown.right)
        for name, title, text, place in zip(_SIDES, titles, sides, shown.places, strict=True):
            pane = self.query_one(f"#{name}", TextPane)
            if pane.border_title != title.capitalize():
                pane.border_title = title.capitalize()
            if pane.text != text:
                pane.show_content(Content(text), place)
            else:
                if place is None:
                    pane.scroll_to(y=0, animate=False)
                pane.highlight(place)
        self._asked_of = {"source": texts.right_title, "generated": texts.left_title}.get(card.part.partition("-")[0])
        self._ask()

    def _ask(self) -> None:
        """Show and focus the box of the stage; the others cannot take a key."""
        stage, card = self._round.stage, self._round.card
        if card is None:
            return
        for of, name in BOXES.items():
            self.query_one(f"#{name}", StageBox).display = of is stage
        box = self.query_one(f"#{BOXES[stage]}", StageBox)
        title = f"What does the {self._asked_of} say?" if self._asked_of else "What do you say?"
        if box.border_title != title:
            box.border_title = title
        self._tell(box, card)
        self.set_focus(box)

    def _tell(self, box: StageBox, card: CardRow) -> None:
        """Fill a box: the question, what readers said, what was before, and the keys, which are never cut."""
        stage = self._round.stage
        if stage is Stage.ANSWER:
            before = Content.styled(self._before(), "$muted")
        else:
            before = Content.assemble(_compared(self._round.answer, card), "  ", (_ASKED[stage], "bold"))
        width = max(1, self.size.width - box.gutter.width)
        remark = one_line(f"Your comment: {self._round.remark}", width) if self._round.remark else ""
        below = (before, Content.styled(remark, "$muted"), Content(choices(stage, card)))
        keys = Content("\n").join(part for part in below if part.plain)
        question, said = fitted(*self._asked(card), keys.plain, width, self.size.height)
        parts = (Content.styled(question, "bold"), Content(said), keys)
        box.tell(Content("\n").join(part for part in parts if part.plain))

    def _asked(self, card: CardRow) -> tuple[str, str]:
        return plain(card.question), plain(self._sitting.said.get(card.position, ""))

    def _before(self) -> str:
        return "" if self._last is None else f"The card before: {_compared(self._last.answer, self._last.card)}"

    def _end(self) -> None:
        self.heading.show(Content.styled("No card is left", "bold $primary"), plain(self._sitting.queue.name))
        self.query_one("#card-texts").display = False
        for stage, name in BOXES.items():
            self.query_one(f"#{name}", StageBox).display = stage is Stage.ANSWER
        box = self.query_one(f"#{BOXES[Stage.ANSWER]}", StageBox)
        box.border_title = "The end"
        told = "z takes the last answer back · " if self._round.done else ""
        box.tell(Content(f"{told}esc goes back to the queues"))
        self.set_focus(box)
        self.refresh_bindings()
        before = f"{self._before()}\n" if self._last else ""
        made = count(len(self._round.done), "card")
        self.query_one(Notice).empty(
            "No card is left.",
            f"{before}You decided {made} in this sitting. esc goes back to the queues, which tell what can be claimed.",
        )


def _read(reader: ReviewReader, card: CardRow) -> Shown:
    texts = texts_as_drawn(reader, card)
    left, right = plain(texts.left), plain(texts.right)
    return Shown(texts, left, right, (find_evidence(card.question, left), find_evidence(card.question, right)))


def _compared(answer: str, card: CardRow) -> str:
    """Return the person's answer beside the judge's."""
    weighed = "" if card.probability is None else f" (p {card.probability:.2f})"
    who = "the judge" if card.judge else "the scorer"
    judge = f" · {who}: {spoken(card.said)}{weighed}" if card.said else ""
    return f"you: {spoken(answer)}{judge}."
