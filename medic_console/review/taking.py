"""Which cards a person is to see, and storing what she says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from medic_console.archive.reviews import ADJUDICATE, ANSWER, UNDO, CardRow, DecisionRow, ReviewStore
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.core.units import count
from medic_console.review.cards import ESCALATED, SETTLED, Round, Said, grades, missing, spoken
from medic_console.review.reader import Decision, Queue, Reviewer, ReviewReader, Texts


def cards_for(queue: Queue, decisions: Sequence[Decision], reviewer: int, first: int | None) -> list[CardRow]:
    """Return the cards that a person is to decide or to finish, in their order.

    The first reader reads all; others read those that were drawn for a second reader, or all where none were.

    Args:
        queue: With its cards.
        decisions: That count.
        reviewer: Id of the person.
        first: Id of the first reader (see `ReviewReader.first_reader`); None while there is none: then all cards are
            for anybody but who came by a packet.
    """
    own = [one for one in decisions if one.reviewer == reviewer and not one.adjudicates]
    done = {one.position for one in own} - halves_of(queue, decisions, reviewer).keys()
    second = any(card.second for card in queue.cards)
    reads_all = not second or first == reviewer or (first is None and not any(one.elsewhere for one in own))
    return [card for card in queue.cards if card.position not in done and (reads_all or card.second)]


def halves_of(
    queue: Queue, decisions: Sequence[Decision], reviewer: int, adjudicates: bool = False
) -> dict[int, tuple[Said, int]]:
    """Return a person's answers whose reason or severity is missing, with their ids, by card.

    Args:
        queue: With its cards.
        decisions: That count.
        reviewer: Id of the person.
        adjudicates: Those by which she settles differences; else those as a reader.
    """
    cards = {card.position: card for card in queue.cards}
    return {
        one.position: (said_of(cards[one.position], one), one.id)
        for one in decisions
        if one.reviewer == reviewer and one.adjudicates == adjudicates and lacks(cards[one.position], one)
    }


def said_of(card: CardRow, one: Decision) -> Said:
    """Return a stored decision as it was said."""
    return Said(card, one.answer, one.reason, one.severity, one.comment, one.seconds)


def lacks(card: CardRow, one: Decision) -> tuple[str, ...]:
    """Return which of `PARTS` a decision lacks; no reason is asked where the judge's answer is not shown."""
    return missing(said_of(card._replace(said="") if one.elsewhere else card, one))


def by_card(decisions: Sequence[Decision]) -> dict[int, list[Decision]]:
    """Return the readers' decisions on each card, without adjudications."""
    found: dict[int, list[Decision]] = defaultdict(list)
    for one in decisions:
        if not one.adjudicates:
            found[one.position].append(one)
    return found


def rulings(cards: Iterable[CardRow], decisions: Sequence[Decision]) -> dict[int, Decision]:
    """Return what settles the differences of readers, by card; of several the newest.

    Who is unsure, or left reason or severity for later, has settled nothing: the difference stays open.

    Args:
        cards: At least those that anybody adjudicated.
        decisions: That count.
    """
    known = {card.position: card for card in cards}
    return {
        one.position: one
        for one in decisions
        if one.adjudicates and one.answer in SETTLED and not lacks(known[one.position], one)
    }


def differing(cards: Iterable[CardRow], decisions: Sequence[Decision]) -> dict[int, list[Decision]]:
    """Return what readers said of the cards that are for somebody else and nobody has settled, by card.

    Those are the cards that they answered in different ways, and those that one of them escalated.

    Args:
        cards: At least those that anybody adjudicated.
        decisions: That count.
    """
    settled = rulings(cards, decisions)
    answers = {position: {one.answer for one in said} for position, said in by_card(decisions).items()}
    return {
        position: said
        for position, said in sorted(by_card(decisions).items())
        if (len(answers[position]) > 1 or ESCALATED in answers[position]) and position not in settled
    }


def differences(queue: Queue, decisions: Sequence[Decision]) -> list[tuple[CardRow, list[Decision]]]:
    """Return the cards that are for somebody else (see `differing`), each with what readers said."""
    cards = {card.position: card for card in queue.cards}
    return [(cards[position], said) for position, said in differing(queue.cards, decisions).items()]


def without_names(card: CardRow, said: Sequence[Decision]) -> str:
    """Return what each reader of a card said, with severity and remark, without names."""
    return "; ".join(f"reader {letter}: {_told(card, one)}" for letter, one in zip("ABCDEFGH", said, strict=False))


def _told(card: CardRow, one: Decision) -> str:
    grade = "" if one.severity is None else grades(card)[one.severity]
    why = ", ".join(filter(None, (one.reason, grade)))
    return f"{spoken(one.answer)}{f' ({why})' if why else ''}{f', remark: {one.comment}' if one.comment else ''}"


def to_settle(
    found: Sequence[tuple[CardRow, list[Decision]]], reviewer: Reviewer
) -> tuple[list[tuple[CardRow, list[Decision]]], str]:
    """Return the differences that a person may settle, and how many are left out since she is part of them, in words.

    Raises:
        UsageError: She is part of all of them.
    """
    others = [(card, said) for card, said in found if reviewer.id not in {one.reviewer for one in said}]
    if found and not others:
        raise UsageError(
            f"{reviewer.name} is one of the readers who differ.", "Let somebody else settle it: --as ANOTHER."
        )
    out = len(found) - len(others)
    told = f"{count(out, 'difference')} left out: {reviewer.name} is one of the readers. Somebody else settles those."
    return others, told if out else ""


def texts_as_drawn(reader: ReviewReader, card: CardRow) -> Texts:
    """Return a card's texts.

    Raises:
        ArchiveError: They are not there any more, or not those that it was drawn with.
    """
    found = reader.texts(card)
    if found.digest != card.texts:
        raise ArchiveError("its texts are not those that it was drawn with.", "Check the archive: archive verify.")
    return found


def begin(
    store: ReviewStore,
    queue: str,
    cards: Sequence[CardRow],
    reviewer: int,
    action: str = ANSWER,
    halves: Mapping[int, tuple[Said, int]] = MappingProxyType({}),
) -> Round:
    """Return a sitting whose decisions are stored as they are made.

    Args:
        store: Open for writing.
        queue: Name of the queue.
        cards: To be decided.
        reviewer: Id of the person.
        action: `ANSWER` or `ADJUDICATE`.
        halves: Answers to be finished (see `halves_of`).
    """

    def keep(said: Said) -> int:
        return store.decide(row(queue, said, reviewer, action))[0]

    def withdraw(card: CardRow, number: int) -> None:
        store.decide(DecisionRow(queue, card.position, reviewer, "", action=UNDO, undone=number))

    return Round(cards, keep, withdraw, halves=halves)


def row(queue: str, said: Said, reviewer: int, action: str = ANSWER) -> DecisionRow:
    """Return what a person said, as it is stored."""
    assert action in (ANSWER, ADJUDICATE)
    return DecisionRow(
        queue, said.card.position, reviewer, said.answer, said.reason, said.severity, said.comment, said.seconds, action
    )
