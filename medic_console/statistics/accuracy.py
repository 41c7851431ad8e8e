"""How often a judge gives an answer where it is right, and another one where it is not, from a sample of its answers.

The sample is drawn by what the judge said, so each thing in it stands for as many of its kind as were asked per thing
that was read: sensitivity and specificity are ratios of such masses. They are what a judge does, not what happened to
be asked: kinds that were read whole leave the doubt of so many things. Interval: the right answers of each kind and
the sizes of the kinds are drawn from their posterior (Jeffreys' prior), each end with the prior `_LEAN` of a card
further towards it, as in `strata`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medic_console.statistics.intervals import ends
from medic_console.statistics.shares import Share
from medic_console.statistics.strata import Stratum

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

_SEED, _DRAWS, _PRIOR, _LEAN = 20_240_907, 4_000, 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Answered:
    """Things of one kind that a judge answered alike.

    Attributes:
        said: The judge's answer.
        size: How many there are, read or not.
        right: The right answer of each that was read; one or more.
        groups: As long as `right`; things of one non-empty group are not independent.
        weights: How many each stands for, as long as `right`; empty: all the same.
    """

    said: str
    size: int
    right: Sequence[str]
    groups: Sequence[str] = ()
    weights: Sequence[float] = ()

    def share(self, answers: Sequence[str]) -> float:
        """Return the share of these things whose right answer is one of some."""
        return self._stratum(answers).share

    def worth(self) -> float:
        """Return how many independent things would tell as much as those that were read."""
        return len(self.right) * self._stratum([self.said]).worth

    def _stratum(self, answers: Sequence[str]) -> Stratum:
        hits = [float(answer in answers) for answer in self.right]
        return Stratum(self.size, hits, self.groups, 1.0, self.weights)


def rates(answered: Sequence[Answered], label: str, others: Sequence[str]) -> tuple[Share, Share]:
    """Return sensitivity and specificity of a judge for one answer, each with its 95 % interval.

    Their `n` is the things that were read and have such a right answer, `independent` the number of lone things that
    would tell as much.

    Args:
        answered: Its answers by kind.
        label: The answer.
        others: Right answers that speak for another one; what is right in neither way, as a bad question, is left out.
    """
    found = []
    for answers, hits in (([label], True), (list(others), False)):
        masses = [one.size * one.share(answers) for one in answered]
        hit = [(one.said == label) is hits for one in answered]
        part = math.fsum(mass for mass, is_hit in zip(masses, hit, strict=True) if is_hit)
        cards = sum(right in answers for one in answered for right in one.right)
        found.append(_share(part, math.fsum(masses), cards, _draws(answered, answers, [label, *others], hit)))
    return found[0], found[1]


def _draws(
    answered: Sequence[Answered], answers: Sequence[str], known: Sequence[str], hit: Sequence[bool]
) -> tuple[Values, Values]:
    """Return draws of the share of things with these right answers that the judge answered so as to hit.

    Returns:
        Those for the lower end, and those for the upper one.
    """
    import numpy as np

    by = [one.size / len(one.right) for one in answered]
    length = math.hypot(*by) or 1.0
    sides = []
    for end in (-1, 1):
        random = np.random.default_rng(_SEED)
        sums = np.zeros((2, _DRAWS))
        for one, moved, is_hit in zip(answered, by, hit, strict=True):
            lean = end * (1 if is_hit else -1) * _LEAN * moved / length
            worth, settled = one.worth(), one.share(known)
            yes = worth * one.share(answers)
            no = max(0.0, worth * settled - yes)
            share = settled * random.beta(yes + _PRIOR + lean, no + _PRIOR - lean, _DRAWS)
            sums[int(is_hit)] += random.standard_gamma(one.size + _PRIOR, _DRAWS) * share
        for is_hit in {True, False}.difference(hit):  # an answer that the judge never gave
            share = random.beta(_PRIOR, _PRIOR, _DRAWS)
            sums[int(is_hit)] += random.standard_gamma(_PRIOR, _DRAWS) * share
        total = sums.sum(axis=0)
        sides.append(sums[1][total > 0] / total[total > 0])
    return sides[0], sides[1]


def _share(part: float, whole: float, cards: int, draws: tuple[Values, Values]) -> Share:
    """Return the share; its lone things are those whose beta distribution has the mean and variance of the draws."""
    import numpy as np

    if not whole:
        return Share(0, 0, None, None, None, 0.0)
    value = part / whole
    low, high = ends(draws[0], value)[0], ends(draws[1], value)[1]
    both = np.concatenate(draws)
    mean, variance = float(both.mean()), float(both.var())
    independent = mean * (1 - mean) / variance - 1 if variance else 1.0
    return Share(round(value * cards), cards, value, low, high, max(1.0, independent))
