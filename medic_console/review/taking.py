"""Which cards a person is to see, and storing what she says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from medic_console.archive.reviews import ADJUDICATE, ANSWER, UNDO, CardRow, DecisionRow, ReviewStore
from medic_console.core.errors import ArchiveError, UsageError
from medic_console.review.cards import Round, Said
from medic_console.review.reader import Decision, Queue, Reviewer, ReviewReader, Texts


def cards_for(queue: Queue, decisions: Sequence[Decision], reviewer: int) -> list[CardRow]:
    """Return the cards that a person is to decide, in their order.

    Who decides first reads all; others read those that were drawn for a second reader, or all where none were.
    """
    done = {one.position for one in decisions if one.reviewer == reviewer and not one.adjudicates}
    first = min((one for one in decisions if not one.adjudicates), key=lambda one: one.id, default=None)
    alone = first is None or first.reviewer == reviewer or not any(card.second for card in queue.cards)
    return [card for card in queue.cards if card.position not in done and (alone or card.second)]


def by_card(decisions: Sequence[Decision]) -> dict[int, list[Decision]]:
    """Return the readers' decisions on each card, without adjudications."""
    found: dict[int, list[Decision]] = defaultdict(list)
    for one in decisions:
        if not one.adjudicates:
            found[one.position].append(one)
    return found


def differing(decisions: Sequence[Decision]) -> dict[int, list[Decision]]:
    """Return what readers said of the cards that they answered in different ways and nobody has settled, by card."""
    settled = {one.position for one in decisions if one.adjudicates}
    return {
        position: said
        for position, said in sorted(by_card(decisions).items())
        if len({one.answer for one in said}) > 1 and position not in settled
    }


def differences(queue: Queue, decisions: Sequence[Decision]) -> list[tuple[CardRow, list[Decision]]]:
    """Return the cards that readers answered in different ways and nobody has settled, each with what they said."""
    cards = {card.position: card for card in queue.cards}
    return [(cards[position], said) for position, said in differing(decisions).items()]


def without_names(said: Sequence[Decision]) -> str:
    """Return what each reader of a card said, without names."""
    return "; ".join(
        f"reader {letter}: {one.answer}{f' ({one.reason})' if one.reason else ''}"
        for letter, one in zip("ABCDEFGH", said, strict=False)
    )


def may_settle(said: Sequence[Decision], reviewer: Reviewer) -> None:
    """Refuse a person who settles a difference that she is part of.

    Raises:
        UsageError: She is one of the readers.
    """
    if reviewer.id in {one.reviewer for one in said}:
        raise UsageError(
            f"{reviewer.name} is one of the readers who differ.", "Let somebody else settle it: --as ANOTHER."
        )


def texts_as_drawn(reader: ReviewReader, card: CardRow) -> Texts:
    """Return a card's texts.

    Raises:
        ArchiveError: They are not there any more, or not those that it was drawn with.
    """
    found = reader.texts(card)
    if found.digest != card.texts:
        raise ArchiveError("its texts are not those that it was drawn with.", "Check the archive: archive verify.")
    return found


def begin(store: ReviewStore, queue: str, cards: Sequence[CardRow], reviewer: int, action: str = ANSWER) -> Round:
    """Return a sitting whose decisions are stored as they are made.

    Args:
        store: Open for writing.
        queue: Name of the queue.
        cards: To be decided.
        reviewer: Id of the person.
        action: `ANSWER` or `ADJUDICATE`.
    """

    def keep(said: Said) -> int:
        return store.decide(row(queue, said, reviewer, action))[0]

    def withdraw(card: CardRow, number: int) -> None:
        store.decide(DecisionRow(queue, card.position, reviewer, "", action=UNDO, undone=number))

    return Round(cards, keep, withdraw)


def row(queue: str, said: Said, reviewer: int, action: str = ANSWER) -> DecisionRow:
    """Return what a person said, as it is stored."""
    assert action in (ANSWER, ADJUDICATE)
    return DecisionRow(
        queue, said.card.position, reviewer, said.answer, said.reason, said.severity, said.comment, said.seconds, action
    )
