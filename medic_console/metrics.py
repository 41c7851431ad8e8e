"""From item scores to metrics with intervals and counts, and from metrics to MEDIC's dimensions.

Intervals are 95 %. Proportions: Wilson score (Wilson 1927). All else: bias-corrected accelerated bootstrap of
the mean (Efron 1987), seeded. Where items share a note, proportions use the effective number of items (Rao
and Scott 1992) and the bootstrap draws notes, not items.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from medic_console.errors import UsageError
from medic_console.records import Counts, Dimension, MetricValue, Outcome, Score

_Z = 1.959963984540054
_RESAMPLES = 2_000
_SEED = 20_240_907
_BATCH = 100
"""Resamples held in memory at a time."""


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is made from item values."""

    title: str
    source: str
    """Key of `Score.values`."""
    scale: float = 1.0
    """Factor from the item's value to the metric's unit."""
    penalty: int | None = None
    """Factor of a value of -1 (EHRSQL's reliability score); None leaves values as they are."""
    by_count: bool = False
    """The penalty is the number of scored items."""
    proportion: bool = False
    """Item values can only be 0 or 1: the interval is Wilson's."""
    unit: str = "percent"


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": Metric("Accuracy", "accuracy", 100.0, proportion=True),
        "flag_accuracy": Metric("Flag accuracy", "flag_accuracy", 100.0, proportion=True),
        "sentence_accuracy": Metric("Sentence accuracy", "sentence_accuracy", 100.0, proportion=True),
        "rs_0": Metric("RS(0)", "rs", 100.0, penalty=0, proportion=True),
        "rs_5": Metric("RS(5)", "rs", 100.0, penalty=5),
        "rs_10": Metric("RS(10)", "rs", 100.0, penalty=10),
        "rs_n": Metric("RS(N)", "rs", 100.0, by_count=True),
        "rouge_l": Metric("ROUGE-L", "rouge_l", 100.0),
        "bleu_4": Metric("BLEU-4", "bleu_4", 100.0),
        "coverage": Metric("Coverage", "coverage"),
        "conformity": Metric("Conformity", "conformity"),
        "consistency": Metric("Consistency", "consistency"),
        "conciseness": Metric("Conciseness", "conciseness"),
        "overall": Metric("CEF overall", "overall"),
    }
)


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task's primary metric, for the dimensions.

    Attributes:
        better: `higher` or `lower`.
    """

    task: str
    primary: tuple[Dimension, ...]
    secondary: tuple[Dimension, ...]
    metric: MetricValue
    better: str = "higher"


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """A dimension's score, 0 to 100, higher better; all None when no task bears on it."""

    value: float | None
    low: float | None
    high: float | None
    tasks: int
    """Tasks that it rests on."""


def counts(scores: Sequence[Score]) -> Counts:
    """Return how many items ended in each of the three ways."""
    outcomes = [score.outcome for score in scores]
    return Counts(*(outcomes.count(outcome) for outcome in (Outcome.SCORED, Outcome.UNSCORED, Outcome.FAILED)))


def compute(
    metric_ids: Sequence[str], scores: Sequence[Score], groups: Sequence[str] | None = None
) -> dict[str, MetricValue]:
    """Return each metric over the scored items that have its value.

    Args:
        metric_ids: Keys of `METRICS`.
        scores: One an item.
        groups: The items' groups in the same order; items of one non-empty group are not independent.

    Raises:
        UsageError: A metric is unknown.
    """
    unknown = [name for name in metric_ids if name not in METRICS]
    if unknown:
        raise UsageError(f"There is no metric {unknown[0]!r}.", f"Use one of: {', '.join(METRICS)}.")
    names = groups if groups is not None else [""] * len(scores)
    return {metric_id: _metric(metric_id, scores, names) for metric_id in metric_ids}


def _metric(metric_id: str, scores: Sequence[Score], groups: Sequence[str]) -> MetricValue:
    metric = METRICS[metric_id]
    pairs = [
        (score.values[metric.source], group)
        for score, group in zip(scores, groups, strict=True)
        if score.outcome is Outcome.SCORED and metric.source in score.values
    ]
    if not pairs:
        return MetricValue(metric_id, None, None, None, 0, metric.unit)
    values = _penalised([value for value, _ in pairs], metric)
    value = math.fsum(values) / len(values)
    low, high = interval(values, [group for _, group in pairs], metric.proportion)
    if low is not None and high is not None:
        low, high = low * metric.scale, high * metric.scale
    return MetricValue(metric_id, value * metric.scale, low, high, len(values), metric.unit)


def _penalised(values: list[float], metric: Metric) -> list[float]:
    penalty = len(values) if metric.by_count else metric.penalty
    return values if penalty is None else [-float(penalty) if value == -1 else value for value in values]


def interval(values: Sequence[float], groups: Sequence[str], proportion: bool) -> tuple[float | None, float | None]:
    """Return the 95 % interval of the mean, in the values' unit.

    Values that are no proportion have none when there is a single item, a single group or no spread: nothing
    can be learnt from drawing such a sample again.

    Args:
        values: At least one.
        groups: As long as `values`; an empty name is a group of its own.
        proportion: The values can only be 0 or 1.
    """
    clusters = _clusters(values, groups)
    if proportion:
        return wilson(math.fsum(values) / len(values), _effective_n(clusters, len(values)))
    if len(clusters) == 1 or min(values) == max(values):
        return None, None
    return _bootstrap(clusters)


def _clusters(values: Sequence[float], groups: Sequence[str]) -> list[tuple[float, int]]:
    """Return (sum, size) of each group."""
    grouped: dict[object, list[float]] = {}
    for index, (value, group) in enumerate(zip(values, groups, strict=True)):
        grouped.setdefault(group or index, []).append(value)
    return [(math.fsum(members), len(members)) for members in grouped.values()]


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return the Wilson score interval of a proportion.

    Args:
        share: 0 to 1.
        n: Items it rests on, above 0; need not be whole.
    """
    centre = share + _Z**2 / (2 * n)
    spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    whole = 1 + _Z**2 / n
    low, high = (centre - spread) / whole, (centre + spread) / whole
    return max(0.0, min(low, share)), min(1.0, max(high, share))


def _effective_n(clusters: Sequence[tuple[float, int]], n: int) -> float:
    """Return the number of independent items that would tell as much about a proportion.

    It is n over the design effect, the ratio of the variance between groups to that of independent items,
    never taken below 1. Without any spread the groups themselves are counted.
    """
    count = len(clusters)
    if count == n:
        return n
    share = math.fsum(total for total, _ in clusters) / n
    plain = share * (1 - share) / n
    if plain == 0 or count == 1:
        return count
    between = math.fsum((total - share * size) ** 2 for total, size in clusters) * count / (count - 1) / n**2
    return n / max(1.0, between / plain)


def _bootstrap(clusters: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Return the BCa interval of the mean, drawing whole groups; percentile where BCa is undefined."""
    import numpy as np
    from scipy import stats

    totals = np.array([total for total, _ in clusters], dtype=float)
    sizes = np.array([size for _, size in clusters], dtype=float)
    mean = float(totals.sum() / sizes.sum())

    def bounds(method: Literal["BCa", "percentile"]) -> tuple[float, float]:
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = stats.bootstrap(
                (totals, sizes),
                lambda total, size, axis=-1: total.sum(axis=axis) / size.sum(axis=axis),
                paired=True,
                vectorized=True,
                n_resamples=_RESAMPLES,
                batch=_BATCH,
                method=method,
                rng=np.random.default_rng(_SEED),
            ).confidence_interval
        return float(drawn.low), float(drawn.high)

    low, high = bounds("BCa")
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = bounds("percentile")
    return min(low, mean), max(high, mean)


def dimension_scores(tasks: Sequence[TaskResult]) -> dict[Dimension, DimensionScore]:
    """Return every dimension's score.

    The paper gives no formula. Ours: the mean of the tasks' primary metrics, each mapped to 0-100 with higher
    better, weight 1 for a primary and 0.5 for a secondary dimension. The interval takes the tasks' errors as
    independent: half width = sqrt(sum of (weight x the task's half width)^2) / sum of weights; there is none
        when a task has none.
    """
    return {dimension: _dimension(dimension, tasks) for dimension in Dimension}


def _dimension(dimension: Dimension, tasks: Sequence[TaskResult]) -> DimensionScore:
    parts: list[tuple[float, float, float | None]] = []
    for task in tasks:
        weight = 1.0 if dimension in task.primary else 0.5 if dimension in task.secondary else 0.0
        mapped = _to_hundred(task)
        if weight and mapped is not None:
            parts.append((weight, *mapped))
    if not parts:
        return DimensionScore(None, None, None, 0)
    total = math.fsum(weight for weight, _, _ in parts)
    value = math.fsum(weight * score for weight, score, _ in parts) / total
    widths = [weight * half for weight, _, half in parts if half is not None]
    if len(widths) < len(parts):
        return DimensionScore(value, None, None, len(parts))
    half = math.sqrt(math.fsum(width**2 for width in widths)) / total
    return DimensionScore(value, max(0.0, value - half), min(100.0, value + half), len(parts))


def _to_hundred(task: TaskResult) -> tuple[float, float | None] | None:
    """Return the metric on 0-100 with its half width; None for ratings, which have no fixed scale.

    A `score` is the harm scale of 1 to 5; a percentage is clipped (RS(10) and conciseness may be negative).
    """
    metric = task.metric
    if metric.value is None or metric.unit == "rating":
        return None
    factor, offset = (25.0, -25.0) if metric.unit == "score" else (1.0, 0.0)
    value = min(100.0, max(0.0, metric.value * factor + offset))
    if task.better == "lower":
        value = 100.0 - value
    if metric.low is None or metric.high is None:
        return value, None
    return value, min(100.0, (metric.high - metric.low) * factor / 2)
