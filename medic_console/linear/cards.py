"""Cards of a review as plain text, a line of keys each: what the command line and the console in lines show.

Everything is read and written through a `Voice`, so that it goes through a terminal, a pipe or a conversation alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from medic_console.archive.reviews import ADJUDICATE, ReviewStore
from medic_console.archive.reviews import CardRow as Card
from medic_console.core.errors import ArchiveError
from medic_console.core.naming import told_apart
from medic_console.core.units import count
from medic_console.core.visible import one_line, plain
from medic_console.review.cards import ANSWERS, RATINGS, REASONS, SEVERITIES, Round, Stage, answers_to, spoken
from medic_console.review.packets import read_packet, take_packet
from medic_console.review.reader import Queue, ReviewReader, Texts
from medic_console.review.report import BLOCK, report
from medic_console.review.reviewers import sign_in
from medic_console.review.taking import (
    begin,
    cards_for,
    differences,
    halves_of,
    texts_as_drawn,
    to_settle,
    without_names,
)
from medic_console.statistics.bounds import percent_up

_KEYS = (
    "y yes · n no · i it does not say (where a text is asked) · q bad question · ? unsure · x escalate · s later · "
    "z undo · c TEXT comment"
)


class Voice(NamedTuple):
    """How a person is told and asked.

    Attributes:
        read: Returns the next line without its end; None when there is none, or the person leaves.
        write: Writes a line.
        pin: Asks for the PIN.
    """

    read: Callable[[], str | None]
    write: Callable[[str], None]
    pin: Callable[[str], str]

    def say(self, *lines: str) -> None:
        """Write lines, whatever they hold made visible."""
        for line in lines:
            self.write(plain(line))


def take(voice: Voice, archive: Path, name: str, person: str) -> int:
    """Let a person decide the cards of a queue.

    Raises:
        UsageError: The PIN is wrong.
        ArchiveError: There is no such queue or reviewer.
    """
    with closing(ReviewReader(archive)) as reader:
        queue = reader.queue(name)
        reviewer = sign_in(archive, person, partial(voice.pin, "PIN: "))
        decisions = reader.decisions(name)
        cards = cards_for(queue, decisions, reviewer.id, reader.first_reader(name))
        voice.say(f"{count(len(cards), 'card')}. {_KEYS}")
        with closing(ReviewStore(archive)) as store:
            go = begin(store, name, cards, reviewer.id, halves=halves_of(queue, decisions, reviewer.id))
            _Loop(
                voice, go, partial(texts_as_drawn, reader), _heads(reader, queue), lambda: _pause(voice, archive, name)
            ).run(len(cards))
    return 0


def adjudicate(voice: Voice, archive: Path, name: str, person: str) -> int:
    """Let a third person settle what two readers see differently; all decisions stay.

    Raises:
        UsageError: The PIN is wrong, or the person is part of all differences.
        ArchiveError: There is no such queue or reviewer.
    """
    with closing(ReviewReader(archive)) as reader:
        queue = reader.queue(name)
        reviewer = sign_in(archive, person, partial(voice.pin, "PIN: "))
        decisions = reader.decisions(name)
        found, left_out = to_settle(differences(queue, decisions), reviewer)
        if left_out:
            voice.say(left_out)
        voice.say(f"{count(len(found), 'difference')}. {_KEYS}")
        letters = {card.position: without_names(card, said) for card, said in found}
        with closing(ReviewStore(archive)) as store:
            halves = halves_of(queue, decisions, reviewer.id, adjudicates=True)
            go = begin(store, name, [card for card, _ in found], reviewer.id, ADJUDICATE, halves)
            _Loop(voice, go, partial(texts_as_drawn, reader), lambda card: letters[card.position]).run(len(found))
    return 0


def take_file(voice: Voice, file: Path, person: str) -> int:
    """Let a person decide the cards of a packet; decisions are kept in the packet's file, one by one.

    Raises:
        UsageError: The file is no packet, another person's, was edited, or the PIN is wrong.
    """
    packet = read_packet(file)
    go = take_packet(file, packet, person, partial(voice.pin, "PIN: "))
    texts: Mapping[int, Texts] = packet.texts
    voice.say(f"{count(go.left, 'card')}. {_KEYS}")
    _Loop(voice, go, lambda card: texts[card.position], lambda card: "").run(go.left)
    head = packet.record["head"]
    voice.say(f"Take {file} back: medic-console review merge {file}", f"Head, to be told apart from the file: {head}")
    return 0


class _Loop:
    """Shows a card, takes a line of keys, and so on to the end of the cards or of the input."""

    def __init__(
        self,
        voice: Voice,
        go: Round,
        texts: Callable[[Card], Texts],
        head: Callable[[Card], str],
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._voice = voice
        self._go, self._texts, self._head, self._pause = go, texts, head, pause

    def run(self, total: int) -> None:
        told = 0
        while (card := self._go.card) is not None:
            try:
                texts = self._texts(card)
            except ArchiveError as error:
                self._voice.say(f"! Card {card.position + 1} is left out: {error.message}")
                self._go.drop()
                continue
            self._show(card, texts, total)
            if not self._decide(card):
                self._voice.say(f"{count(self._go.left, 'card')} {'is' if self._go.left == 1 else 'are'} left.")
                return
            if len(self._go.done) // BLOCK > told:
                told = len(self._go.done) // BLOCK
                self._pause()
        self._voice.say("No card is left.")

    def _show(self, card: Card, texts: Texts, total: int) -> None:
        self._voice.say("", f"── {total - self._go.left + 1} of {total} {self._head(card)}".rstrip())
        for title, text in ((texts.left_title, texts.left), (texts.right_title, texts.right)):
            self._voice.say(f"[{title}]", text)
        asked = {"source": texts.right_title, "generated": texts.left_title}.get(card.part.partition("-")[0])
        self._voice.say(f"What does the {asked} say? {card.question}" if asked else card.question)
        if self._go.answer:  # left there in an earlier sitting
            self._voice.say(f"You answered {spoken(self._go.answer)} before; the rest is missing.")
            if card.said:
                self._uncover(card)
            self._voice.say(self._asked())

    def _decide(self, card: Card) -> bool:
        """Take keys until the card changes; False at the end of the input."""
        while self._go.card is card:
            line = self._voice.read()
            if line is None:
                return False
            line = line.strip()
            if line.startswith("c "):
                self._go.comment(line[2:].strip())
                self._voice.say("The comment is stored with your next answer on this card.")
                continue
            for key in line:
                before = self._go.answer
                if not self._go.press(key):
                    self._voice.say(f"! {one_line(key)} means nothing here. {self._asked()}")
                    break
                if self._go.answer and not before and card.said:
                    self._uncover(card)
                if self._go.card is not card:
                    if not before and card.said and self._go.done and self._go.done[-1].card is card:
                        self._uncover(card)
                    return True
                if key in ("s", "z"):  # the only card, come round again, or taken back
                    return True
            if self._go.stage not in (Stage.ANSWER, Stage.END):
                self._voice.say(self._asked())
        return True

    def _asked(self) -> str:
        if self._go.stage is Stage.REASON:
            return "Why do you differ? " + " · ".join(f"{key} {said}" for key, said in REASONS.items())
        if self._go.stage is Stage.SEVERITY:
            return "How bad is it? " + " · ".join(f"{number} {said}" for number, said in enumerate(SEVERITIES))
        if self._go.stage is Stage.RATING:
            return "How far does it go? " + " · ".join(f"{number} {said}" for number, said in RATINGS.items())
        keys = answers_to(self._go.card) if self._go.card is not None else ANSWERS
        return f"Answer: {' '.join(keys)}."

    def _uncover(self, card: Card) -> None:
        weighed = "" if card.probability is None else f" (p {card.probability:.2f})"
        who = "judge" if card.judge else "scorer"
        self._voice.say(f"The {who}'s answer: {spoken(card.said)}{weighed}.")


def _heads(reader: ReviewReader, queue: Queue) -> Callable[[Card], str]:
    """Return what stands above a card: nothing of model and judge where the queue is blind."""
    if queue.design["blind"]:
        return lambda card: ""
    names = told_apart(reader.models())
    return lambda card: one_line(
        f"{card.task} {card.item}, by {names.get(card.candidate)}, judge {names.get(card.judge, 'none')}"
    )


def _pause(voice: Voice, archive: Path, name: str) -> None:
    """Tell pace, agreement and what can be claimed now."""
    with closing(ReviewReader(archive)) as reader:
        found = report(reader.queue(name), reader.decisions(name), reader.reviewers())
    last = found.blocks[-1]
    claim = found.bound_note if found.bound is None else f"wrong findings below {percent_up(found.bound)} % at 95 %"
    voice.say(
        f"── pause: {found.decided} of {found.cards} decided; {last.seconds:.0f} s a card; "
        f"{100 * last.agreement:.0f} % as the judge; {claim}."
    )
