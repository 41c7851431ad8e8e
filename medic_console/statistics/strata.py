"""The share of a whole population, from a sample drawn by strata of known sizes (Cochran 1977, ch. 5).

The interval: in each stratum the unseen rest is drawn from the beta-binomial, so that a stratum without a hit is not
taken for one that can have none, and one that was read whole adds no doubt. Jeffreys' prior alone holds the truth in
91 % where fifty cards have a rare property; so each end is drawn with the prior `_LEAN` of a card further towards it
(half a card would be Clopper and Pearson's), and over several strata no further than one of them alone would move it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.statistics.intervals import effective_n, ends

_DRAWS = 4_000
_SEED = 20_240_907
_PRIOR, _LEAN = 0.5, 0.25


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the population.

    Attributes:
        size: Things in it.
        hits: How far each sampled thing has the property, 0 to 1; a yes or no is 1 or 0.
        groups: As long as `hits`; things of one non-empty group are not independent.
        weight: Of each thing in the whole, on average; below 0 it takes away.
        weights: Of each sampled thing, as long as `hits` and of the sign of `weight`; empty: `weight`.
    """

    size: int
    hits: Sequence[float]
    groups: Sequence[str] = ()
    weight: float = 1.0
    weights: Sequence[float] = ()

    @property
    def whole(self) -> float:
        """Weight of all its things."""
        return self.size * self.weight

    @property
    def share(self) -> float:
        """Share of its weight that has the property, as the sample says; of things without weight their mean."""
        weights = self.weights if any(self.weights) else [1.0] * len(self.hits)
        return math.fsum(w * hit for w, hit in zip(weights, self.hits, strict=True)) / math.fsum(weights)

    @property
    def worth(self) -> float:
        """Independent things of one weight that would tell as much, per sampled thing (Kish 1965 for the weights)."""
        groups = effective_n(self.hits, self.groups) / len(self.hits) if self.groups else 1.0
        squares = math.fsum(w * w for w in self.weights)
        return groups * math.fsum(self.weights) ** 2 / squares / len(self.hits) if squares else groups


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the population, 0 to 1, with its 95 % interval; None where a stratum has no sample."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def poststratified(strata: Sequence[Stratum], whole: float | None = None) -> Rate:
    """Return the share of the population that has the property; each stratum weighs as much as its things together.

    What was sampled counts as it is, the rest of a stratum as the sample's share; so a stratum that was read whole
    is exact, whatever its things weigh.

    Args:
        strata: Parts of it.
        whole: Weight of the population; None: of the strata together.
    """
    import numpy as np

    parts = [stratum for stratum in strata if stratum.size]
    total, n = math.fsum(part.whole for part in parts), sum(len(part.hits) for part in parts)
    total = total if whole is None else whole
    if not parts or any(not part.hits for part in parts):
        return Rate(None, None, None, n)
    value = math.fsum(part.whole * part.share for part in parts) / total
    sums = np.zeros((2, _DRAWS))
    moved = [part.whole / len(part.hits) for part in parts]
    length = math.hypot(*moved) or 1.0
    for end, lean in enumerate((-_LEAN, _LEAN)):
        random = np.random.default_rng(_SEED)
        for part, by in zip(parts, moved, strict=True):
            towards, seen = lean * by / length, len(part.hits)
            hits, known = part.share * seen * part.worth, sum(part.weights) if part.weights else seen * part.weight
            share = random.beta(hits + _PRIOR + towards, seen * part.worth - hits + _PRIOR - towards, size=_DRAWS)
            unseen = max(0, part.size - seen)
            each = (part.whole - known) / unseen if unseen else 0.0
            sums[end] += known * part.share + each * random.binomial(unseen, share)
    low, high = (ends(draws / total, value)[end] for end, draws in enumerate(sums))
    return Rate(value, low, high, n)
