"""Findings of runs with what people said of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from medic_console.review.cards import SETTLED
from medic_console.review.questions import CONTROL, Question, asked_key
from medic_console.review.reader import ReviewReader
from medic_console.review.report import graded, settled
from medic_console.review.taking import by_card

NONE, CONFIRMED, OTHER, REJECTED = "not reviewed", "confirmed", "another kind", "rejected"
OPEN, DIFFER = "unsure", "readers differ"


@dataclass(frozen=True, slots=True)
class Found:
    """A finding.

    Attributes:
        state: Of its review: `not reviewed`, `confirmed`, `another kind` (it speaks against the text in another way),
            `rejected`, `unsure` or `readers differ`.
        severity: What settled a difference says, else the gravest that a person gave; None without one.
    """

    question: Question
    state: str
    severity: int | None = None


Key = tuple[str, ...]
_UNREAD: tuple[str, int | None] = (NONE, None)
States = Mapping[Key, tuple[str, int | None]]
"""State of the review and gravest severity of each finding that anybody read."""
KNOWN = (CONFIRMED, OTHER, REJECTED)
"""States that hold against open ones of other queues; of two queues that know it the newer counts, as in figures."""


def findings(reader: ReviewReader, runs: Sequence[str]) -> list[Found]:
    """Return the findings of runs, in the order of their scores.

    Raises:
        ArchiveError: There is no such run, or it is a qualification.
    """
    return list(each_finding(reader, runs, review_states(reader)))


def each_finding(reader: ReviewReader, runs: Sequence[str], states: States) -> Iterator[Found]:
    """Yield the findings of runs, in the order of their scores.

    Args:
        states: What `review_states` gave.

    Raises:
        ArchiveError: There is no such run, or it is a qualification.
    """
    for run in runs:
        for one in reader.questions(run):
            if one.kind != CONTROL:
                yield Found(one, *states.get(asked_key(one), _UNREAD)) if states else Found(one, *_UNREAD)


def review_states(reader: ReviewReader) -> dict[Key, tuple[str, int | None]]:
    """Return what people said of each finding that anybody read."""
    found: dict[Key, tuple[str, int | None]] = {}
    for named in reversed(reader.queues()):
        decisions = reader.decisions(named.name)
        if not decisions:
            continue
        queue = reader.queue(named.name)
        given = graded(queue, decisions)
        known, said = {one.card.position: one for one in settled(queue, decisions)}, by_card(decisions)
        for card in queue.cards:
            if card.position not in said:
                continue
            answers = {one.answer for one in said[card.position]}
            if card.position in known:
                one = known[card.position]
                state = CONFIRMED if one.meaning == card.kind else OTHER if one.finds else REJECTED
            else:
                state = DIFFER if len(answers) > 1 and answers & set(SETTLED) else OPEN
            key = asked_key(card)
            if state in KNOWN or found.get(key, _UNREAD)[0] not in KNOWN:
                found[key] = state, given.get(card.position)
    return found
