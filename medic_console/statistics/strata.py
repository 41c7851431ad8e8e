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
        hits: Whether each sampled thing has the property.
        groups: As long as `hits`; things of one non-empty group are not independent.
        weight: Of each thing in the whole.
    """

    size: int
    hits: Sequence[bool]
    groups: Sequence[str] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of the population, 0 to 1, with its 95 % interval; None where a stratum has no sample."""

    value: float | None
    low: float | None
    high: float | None
    n: int


def poststratified(strata: Sequence[Stratum], whole: float | None = None) -> Rate:
    """Return the share of the population that has the property; each stratum weighs as much as its things together.

    Args:
        strata: Parts of it.
        whole: Weight of the population; None: of the strata together.
    """
    import numpy as np

    parts = [stratum for stratum in strata if stratum.size]
    total, n = math.fsum(part.size * part.weight for part in parts), sum(len(part.hits) for part in parts)
    total = total if whole is None else whole
    if not parts or any(not part.hits for part in parts):
        return Rate(None, None, None, n)
    value = math.fsum(part.size * part.weight * sum(part.hits) / len(part.hits) for part in parts) / total
    sums = np.zeros((2, _DRAWS))
    moved = [part.size * part.weight / len(part.hits) for part in parts]
    length = math.hypot(*moved)
    for end, lean in enumerate((-_LEAN, _LEAN)):
        random = np.random.default_rng(_SEED)
        for part, by in zip(parts, moved, strict=True):
            towards = lean * by / length
            hits, seen = sum(part.hits), len(part.hits)
            values = [float(hit) for hit in part.hits]
            worth = effective_n(values, part.groups) / seen if part.groups else 1.0
            share = random.beta(hits * worth + _PRIOR + towards, (seen - hits) * worth + _PRIOR - towards, size=_DRAWS)
            sums[end] += part.weight * (hits + random.binomial(max(0, part.size - seen), share))
    low, high = (ends(draws / total, value)[end] for end, draws in enumerate(sums))
    return Rate(value, low, high, n)
