"""What a panel of judges says, and how often a judge leaves it."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.core.errors import UsageError
from medic_console.statistics.shares import Share, share

Votes = Sequence[str | None]
"""One item's answers, a judge's always at the same place; None where there is no readable one."""

_PANEL = 3
"""Votes under which a majority says nothing of a judge: two either agree or have none."""


@dataclass(frozen=True, slots=True)
class Majority:
    """A panel's answer.

    Attributes:
        value: The answer with the most votes; None on a tie, or without a vote.
        votes: Votes of that answer, or of each answer of a tie.
        n: Votes given.
    """

    value: str | None
    votes: int
    n: int


@dataclass(frozen=True, slots=True)
class Median:
    """A panel's score: the median of its judges' scores, between the middle two where their number is even."""

    value: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Deviation:
    """How often a judge's answers leave the panel's majority.

    Attributes:
        share: Of the judge's answers to items on which the panel has a majority.
        no_majority: The judge's answers left out: the panel is tied, or fewer than three judges answered.
    """

    share: Share
    no_majority: int


def majority(votes: Votes) -> Majority:
    """Return the answer that most judges give."""
    counted = Counter(vote for vote in votes if vote is not None).most_common()
    if not counted:
        return Majority(None, 0, 0)
    tied = len(counted) > 1 and counted[0][1] == counted[1][1]
    return Majority(None if tied else counted[0][0], counted[0][1], sum(count for _, count in counted))


def median(scores: Sequence[float | None]) -> Median:
    """Return the median of the scores that there are."""
    known = [score for score in scores if score is not None]
    return Median(statistics.median(known) if known else None, len(known))


def deviations(
    judges: Sequence[str], items: Sequence[Votes], groups: Sequence[str] | None = None
) -> dict[str, Deviation]:
    """Return each judge's answer deviation from the majority of the whole panel, itself included.

    Args:
        judges: Names, in the order of the votes.
        items: Every item's votes.
        groups: As long as `items`; items of one non-empty group, such as a note, are not independent.

    Raises:
        UsageError: An item has not one vote, or None, for each judge.
    """
    names = groups if groups is not None else [""] * len(items)
    if any(len(votes) != len(judges) for votes in items):
        raise UsageError("An item lacks a judge's place among its votes.", "Give None where a judge has no answer.")
    panel = [majority(votes) for votes in items]
    found = {}
    for place, judge in enumerate(judges):
        answered = [number for number, votes in enumerate(items) if votes[place] is not None]
        decided = [number for number in answered if panel[number].n >= _PANEL and panel[number].value is not None]
        left = [items[number][place] != panel[number].value for number in decided]
        found[judge] = Deviation(share(left, [names[number] for number in decided]), len(answered) - len(decided))
    return found
