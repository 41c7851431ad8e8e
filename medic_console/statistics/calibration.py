"""How often what was said with some probability was right: points of a reliability diagram (Murphy and Winkler 1977).

Bins are of one width; in each the share that was right has an interval that goes by groups of items.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.statistics.shares import Share, share

BINS = 10
"""Over 0 to 1."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose probabilities are alike.

    Attributes:
        low: Least probability, 0 to 1.
        high: Greatest; it belongs to the next bin but for 1.
        mean: Of the probabilities.
        right: Share of the answers that were right.
    """

    low: float
    high: float
    mean: float
    right: Share

    @property
    def apart(self) -> bool:
        """Whether the mean probability lies outside of the interval of what was right."""
        return self.right.low is not None and not self.right.low <= self.mean <= (self.right.high or 0.0)


def reliability(answers: Sequence[tuple[float, bool]], groups: Sequence[str]) -> tuple[Bin, ...]:
    """Return the bins that hold an answer, by probability.

    Args:
        answers: Probability, 0 to 1, and whether the answer was right.
        groups: As long as `answers`; answers of one non-empty group are not independent.
    """
    places: dict[int, list[int]] = {}
    for place, (weighed, _) in enumerate(answers):
        places.setdefault(min(BINS - 1, int(weighed * BINS + 1e-9)), []).append(place)
    found = []
    for number, own in sorted(places.items()):
        mean = math.fsum(answers[place][0] for place in own) / len(own)
        right = share([answers[place][1] for place in own], [groups[place] for place in own])
        found.append(Bin(number / BINS, (number + 1) / BINS, mean, right))
    return tuple(found)
