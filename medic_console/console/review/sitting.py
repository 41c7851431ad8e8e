"""What a person sits down to: the cards that wait for her, or the differences that she is to settle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from medic_console.archive.reviews import CardRow
from medic_console.console.context import Context
from medic_console.review.cards import Said
from medic_console.review.reader import Queue, Reviewer, ReviewReader
from medic_console.review.taking import cards_for, differences, halves_of, to_settle, without_names


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a person sits down to.

    Attributes:
        cards: In their order, without those that she has decided.
        said: What readers said, by card, where differences are settled; else empty.
        halves: Her answers to be finished, by card.
        left_out: How many differences are not for her, in words; empty where none is left out.
    """

    queue: Queue
    reviewer: Reviewer
    cards: Sequence[CardRow]
    said: Mapping[int, str]
    halves: Mapping[int, tuple[Said, int]] = field(default_factory=dict)
    left_out: str = ""


def sitting_of(context: Context, queue: str, reviewer: Reviewer, settle: bool) -> Sitting:
    """Return the cards that a person is to decide, or the differences that she is to settle.

    Raises:
        UsageError: She is part of all differences.
        ArchiveError: The archive cannot be read.
    """
    with closing(ReviewReader(context.archive)) as reader:
        whole, decisions = reader.queue(queue), reader.decisions(queue)
        first = reader.first_reader(queue)
    if not settle:
        cards = cards_for(whole, decisions, reviewer.id, first)
        return Sitting(whole, reviewer, cards, {}, halves_of(whole, decisions, reviewer.id))
    found, left_out = to_settle(differences(whole, decisions), reviewer)
    said = {card.position: without_names(card, one) for card, one in found}
    halves = halves_of(whole, decisions, reviewer.id, adjudicates=True)
    return Sitting(whole, reviewer, [card for card, _ in found], said, halves, left_out)
