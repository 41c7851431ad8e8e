"""The macro-averaged F1 of classes, with its interval.

The rule is PubMedQA's (pubmedqa/pubmedqa, `evaluation.py`): the plain mean of the F1 of every class that is a key or an
answer at least once.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

_RESAMPLES = 2_000
_SEED = 20_240_907
_BATCH = 100
"""Resamples held in memory at a time."""

Pair = tuple[float, float]
"""An item's key and its answer, as numbers of their classes."""


def macro_f1(pairs: Sequence[Pair]) -> float:
    """Return the macro-F1, 0 to 1.

    Args:
        pairs: At least one.
    """
    cells = Counter(pairs)
    classes = sorted({label for pair in pairs for label in pair})
    keys, answers = Counter(key for key, _ in pairs), Counter(answer for _, answer in pairs)
    shares = [2 * cells[(label, label)] / (keys[label] + answers[label]) for label in classes]
    return math.fsum(shares) / len(classes)


def interval(pairs: Sequence[Pair], groups: Sequence[str]) -> tuple[float | None, float | None]:
    """Return the 95 % bootstrap interval (BCa; percentile where that is undefined), drawing whole groups.

    There is none for a single group, or where all answers are right or all wrong: drawing again would teach nothing.

    Args:
        pairs: At least one.
        groups: As long as `pairs`; an empty name is a group of its own.
    """
    clusters: dict[object, Counter[Pair]] = {}
    for index, (pair, group) in enumerate(zip(pairs, groups, strict=True)):
        clusters.setdefault(group or index, Counter())[pair] += 1
    value = macro_f1(pairs)
    if len(clusters) == 1 or value in (0.0, 1.0):
        return None, None
    low, high = _bootstrap(list(clusters.values()), sorted({label for pair in pairs for label in pair}))
    return min(low, value), max(high, value)


def _bootstrap(clusters: Sequence[Counter[Pair]], classes: Sequence[float]) -> tuple[float, float]:
    import numpy as np
    from scipy import stats

    cells = [(key, answer) for key in classes for answer in classes]
    columns = tuple(np.array([cluster[cell] for cluster in clusters], dtype=float) for cell in cells)

    def statistic(*drawn: Any, axis: int = -1) -> Any:
        sums = np.stack([column.sum(axis=axis) for column in drawn])
        table = sums.reshape(len(classes), len(classes), *sums.shape[1:])
        hits, seen = np.einsum("ii...->i...", table), table.sum(axis=0) + table.sum(axis=1)
        shares = np.divide(2 * hits, seen, out=np.zeros_like(seen), where=seen > 0)
        return shares.sum(axis=0) / (seen > 0).sum(axis=0)

    def bounds(method: Literal["BCa", "percentile"]) -> tuple[float, float]:
        with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", stats.DegenerateDataWarning)
            found = stats.bootstrap(
                columns,
                statistic,
                paired=True,
                vectorized=True,
                n_resamples=_RESAMPLES,
                batch=_BATCH,
                method=method,
                rng=np.random.default_rng(_SEED),
            ).confidence_interval
        return float(found.low), float(found.high)

    low, high = bounds("BCa")
    return (low, high) if math.isfinite(low) and math.isfinite(high) else bounds("percentile")
