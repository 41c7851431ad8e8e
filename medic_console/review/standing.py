"""How far the queues of an archive are, without their cards: a queue of 10,000 is as quick as one of 10."""

from __future__ import annotations

from dataclasses import dataclass

from medic_console.review.reader import Queue, ReviewReader
from medic_console.review.taking import by_card, differing


@dataclass(frozen=True, slots=True)
class Standing:
    """One queue.

    Attributes:
        queue: Without its cards.
        cards: How many it has.
        decided: Cards with a decision of at least one reader.
        differing: Cards on which readers differ and that nobody has settled.
        readers: Names of those who decided, in the order in which they came.
    """

    queue: Queue
    cards: int
    decided: int
    differing: int
    readers: tuple[str, ...]


def standings(reader: ReviewReader) -> list[Standing]:
    """Return all queues, newest first."""
    names = {one.id: one.name for one in reader.reviewers()}
    found = []
    for queue in reader.queues():
        decisions = reader.decisions(queue.name)
        cards = sum(one["drawn"] for one in queue.design.get("strata", ()))
        differ = len(differing(reader.adjudicated(queue.name), decisions))
        ids = dict.fromkeys(one.reviewer for one in decisions)
        readers = tuple(names.get(one, str(one)) for one in ids)
        found.append(Standing(queue, cards, len(by_card(decisions)), differ, readers))
    return found
