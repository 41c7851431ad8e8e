"""Ranks of models, and how alike two tasks rank them (Spearman 1904, ties averaged)."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medic_console.statistics.intervals import Values

Scores = Mapping[str, float | None]
"""A task's score by model; None where the model has none."""

_LEAST = 3
"""Models under which a rank correlation says nothing: two models always agree wholly or not at all."""


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rank correlation of two tasks over the models that both scored.

    Attributes:
        value: -1 to 1; None under three common models, or where a task gives all of them the same score.
        n: Common models.
    """

    value: float | None
    n: int


def ranks(scores: Scores, better: str = "higher") -> dict[str, float]:
    """Return each model's rank, 1 best; equal scores share their mean rank, models without a score have none.

    Args:
        scores: Score by model.
        better: `higher` or `lower` scores are the better ones.
    """
    known = {model: score for model, score in scores.items() if score is not None}
    if not known:
        return {}
    sign = -1.0 if better == "higher" else 1.0
    found = mean_ranks([sign * score for score in known.values()])
    return {model: float(rank) for model, rank in zip(known, found, strict=True)}


def mean_ranks(values: Sequence[float]) -> Values:
    """Return each value's rank, 1 for the least; equal values share the mean of their ranks.

    Args:
        values: At least one; none is NaN.
    """
    import numpy as np

    _, places, sizes = np.unique(np.asarray(values, dtype=float), return_inverse=True, return_counts=True)
    found: Values = (np.cumsum(sizes) - (sizes - 1) / 2)[places]
    return found


def spearman(first: Scores, second: Scores) -> Correlation:
    """Return the rank correlation of two sets of scores, both with the same better direction."""
    both = [(score, second.get(model)) for model, score in first.items()]
    common = [(left, right) for left, right in both if left is not None and right is not None]
    left, right = [score for score, _ in common], [score for _, score in common]
    if len(common) < _LEAST or len(set(left)) == 1 or len(set(right)) == 1:
        return Correlation(None, len(common))
    # Twice a rank less the mean of ranks is a whole number: the sums are exact, and equal rankings give 1 itself.
    one, other = (2 * mean_ranks(scores) - (len(common) + 1) for scores in (left, right))
    value = float(one @ other) / math.sqrt(float(one @ one) * float(other @ other))
    return Correlation(math.copysign(min(1.0, abs(value)), value), len(common))


def spearman_matrix(
    tasks: Mapping[str, Scores], lower_is_better: Collection[str] = ()
) -> dict[tuple[str, str], Correlation]:
    """Return the rank correlation of every two tasks, in both orders and of each with itself.

    Args:
        tasks: Scores by task.
        lower_is_better: Tasks whose lower scores are the better ones; 1 always means that two tasks put the same
            models first.
    """
    signs = {task: -1.0 if task in lower_is_better else 1.0 for task in tasks}
    found: dict[tuple[str, str], Correlation] = {}
    for first, second in combinations_with_replacement(tasks, 2):
        plain = spearman(tasks[first], tasks[second])
        value = None if plain.value is None else plain.value * signs[first] * signs[second]
        found[first, second] = found[second, first] = Correlation(value, plain.n)
    return found
