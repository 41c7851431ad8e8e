"""`review take` and `review adjudicate`: card after card as plain text, a line of keys each."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from medic_console.archive.reviews import ADJUDICATE, ReviewStore
from medic_console.archive.reviews import CardRow as Card
from medic_console.commands.options import add_common, archive_of
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.naming import told_apart
from medic_console.core.visible import one_line, plain
from medic_console.review.cards import ANSWERS, REASONS, SEVERITIES, Round, Stage
from medic_console.review.packets import read_packet, take_packet
from medic_console.review.reader import Queue, ReviewReader, Texts
from medic_console.review.report import BLOCK, report
from medic_console.review.reviewers import sign_in
from medic_console.review.taking import begin, cards_for, differences, may_settle, texts_as_drawn, without_names
from medic_console.statistics.raters import percent_up

_KEYS = "y yes · n no · i it does not say · q bad question · ? unsure · x escalate · s later · z undo · c TEXT comment"


def add_verbs(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both verbs to those of `review`."""
    take = verbs.add_parser("take", help="decide the cards of a queue, or of a packet")
    add_common(take)
    take.add_argument("queue", nargs="?", metavar="QUEUE")
    take.add_argument("--packet", type=Path, metavar="FILE", help="a packet from another machine, instead of a queue")
    take.add_argument("--as", dest="name", required=True, metavar="NAME", help="reviewer; the PIN is asked")
    take.set_defaults(handler=_take)
    settle = verbs.add_parser("adjudicate", help="settle the cards on which readers differ")
    add_common(settle)
    settle.add_argument("queue", metavar="QUEUE")
    settle.add_argument("--as", dest="name", required=True, metavar="NAME", help="neither of the readers")
    settle.set_defaults(handler=lambda given: adjudicate(archive_of(given), given.queue, given.name))


def _take(arguments: argparse.Namespace) -> int:
    if (arguments.queue is None) == (arguments.packet is None):
        raise UsageError("Name a queue or --packet FILE, one of them.", "See medic-console review list.")
    if arguments.packet is not None:
        return take_file(arguments.packet, arguments.name)
    return take(archive_of(arguments), arguments.queue, arguments.name)


def take(archive: Path, name: str, person: str) -> int:
    """Let a person decide the cards of a queue.

    Raises:
        UsageError: The PIN is wrong.
        ArchiveError: There is no such queue or reviewer.
    """
    with closing(ReviewReader(archive)) as reader:
        queue = reader.queue(name)
        reviewer = sign_in(archive, person, partial(ask_pin, "PIN: "))
        cards = cards_for(queue, reader.decisions(name), reviewer.id)
        _write(f"{len(cards)} cards. {_KEYS}")
        with closing(ReviewStore(archive)) as store:
            go = begin(store, name, cards, reviewer.id)
            _Loop(go, partial(texts_as_drawn, reader), _heads(reader, queue), lambda: _pause(archive, name)).run(
                len(cards)
            )
    return 0


def adjudicate(archive: Path, name: str, person: str) -> int:
    """Let a third person settle what two readers see differently; all decisions stay.

    Raises:
        UsageError: The PIN is wrong, or the person is one of the readers.
        ArchiveError: There is no such queue or reviewer.
    """
    with closing(ReviewReader(archive)) as reader:
        queue = reader.queue(name)
        reviewer = sign_in(archive, person, partial(ask_pin, "PIN: "))
        found = differences(queue, reader.decisions(name))
        for _, said in found:
            may_settle(said, reviewer)
        _write(f"{len(found)} differences. {_KEYS}")
        letters = {card.position: without_names(said) for card, said in found}
        with closing(ReviewStore(archive)) as store:
            go = begin(store, name, [card for card, _ in found], reviewer.id, ADJUDICATE)
            _Loop(go, partial(texts_as_drawn, reader), lambda card: letters[card.position]).run(len(found))
    return 0


def take_file(file: Path, person: str) -> int:
    """Let a person decide the cards of a packet; decisions are kept in the packet's file, one by one.

    Raises:
        UsageError: The file is no packet, or another person's.
    """
    packet = read_packet(file)
    go = take_packet(file, packet, person)
    texts: Mapping[int, Texts] = packet.texts
    _write(f"{go.left} cards. {_KEYS}")
    _Loop(go, lambda card: texts[card.position], lambda card: "").run(go.left)
    _write(f"Take {file} back: medic-console review merge {file}")
    return 0


def ask_pin(prompt: str) -> str:
    """Return the PIN: typed unseen at a terminal, else the next line of stdin."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


class _Loop:
    """Shows a card, takes a line of keys, and so on to the end of the cards or of the input."""

    def __init__(
        self,
        go: Round,
        texts: Callable[[Card], Texts],
        head: Callable[[Card], str],
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._go, self._texts, self._head, self._pause = go, texts, head, pause

    def run(self, total: int) -> None:
        told = 0
        while (card := self._go.card) is not None:
            try:
                texts = self._texts(card)
            except ArchiveError as error:
                _write(f"! Card {card.position + 1} is left out: {error.message}")
                self._go.drop()
                continue
            self._show(card, texts, total)
            if not self._decide(card):
                _write(f"{self._go.left} cards are left.")
                return
            if len(self._go.done) // BLOCK > told:
                told = len(self._go.done) // BLOCK
                self._pause()
        _write("No card is left.")

    def _show(self, card: Card, texts: Texts, total: int) -> None:
        _write("", f"── {total - self._go.left + 1} of {total} {self._head(card)}".rstrip())
        for title, text in ((texts.left_title, texts.left), (texts.right_title, texts.right)):
            _write(f"[{title}]", text)
        asked = {"source": texts.right_title, "generated": texts.left_title}.get(card.part.partition("-")[0])
        _write(f"What does the {asked} say? {card.question}" if asked else card.question)

    def _decide(self, card: Card) -> bool:
        """Take keys until the card changes; False at the end of the input."""
        while self._go.card is card:
            line = sys.stdin.readline()
            if not line:
                return False
            line = line.strip()
            if line.startswith("c "):
                self._go.comment(line[2:].strip())
                continue
            for key in line:
                before = self._go.answer
                if not self._go.press(key):
                    _write(f"! {one_line(key)} means nothing here. {self._asked()}")
                    break
                if self._go.answer and not before and card.said:
                    self._uncover(card)
                if self._go.card is not card:
                    if not before and card.said and self._go.done and self._go.done[-1].card is card:
                        self._uncover(card)
                    return True
                if key in ("s", "z"):  # the only card, come round again, or taken back
                    return True
            if self._go.stage in (Stage.REASON, Stage.SEVERITY):
                _write(self._asked())
        return True

    def _asked(self) -> str:
        if self._go.stage is Stage.REASON:
            return "Why do you differ? " + " · ".join(f"{key} {said}" for key, said in REASONS.items())
        if self._go.stage is Stage.SEVERITY:
            return "How bad is it? " + " · ".join(f"{number} {said}" for number, said in enumerate(SEVERITIES))
        return f"Answer: {' '.join(ANSWERS)}."

    def _uncover(self, card: Card) -> None:
        weighed = "" if card.probability is None else f" (p {card.probability:.2f})"
        _write(f"The judge's answer: {card.said}{weighed}.")


def _heads(reader: ReviewReader, queue: Queue) -> Callable[[Card], str]:
    """Return what stands above a card: nothing of model and judge where the queue is blind."""
    if queue.design["blind"]:
        return lambda card: ""
    names = told_apart(reader.models())
    return lambda card: one_line(
        f"{card.task} {card.item}, by {names.get(card.candidate)}, judge {names.get(card.judge, 'none')}"
    )


def _pause(archive: Path, name: str) -> None:
    """Tell pace, agreement and what can be claimed now."""
    with closing(ReviewReader(archive)) as reader:
        found = report(reader.queue(name), reader.decisions(name), reader.reviewers())
    last = found.blocks[-1]
    claim = found.bound_note if found.bound is None else f"wrong findings below {percent_up(found.bound)} % at 95 %"
    _write(
        f"── pause: {found.decided} of {found.cards} decided; {last.seconds:.0f} s a card; "
        f"{100 * last.agreement:.0f} % as the judge; {claim}."
    )


def _write(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{plain(line)}\n")
    sys.stdout.flush()
