"""From item scores to metrics with intervals and counts, and from metrics to MEDIC's dimensions.

Intervals are 95 %. Proportions: Wilson score (Wilson 1927). All else: bias-corrected accelerated bootstrap of
the mean (Efron 1987), seeded. Where items share a note, proportions use the effective number of items (Rao
and Scott 1992) and the bootstrap draws notes, not items.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from medic_console import macro_f1
from medic_console.errors import UsageError
from medic_console.records import UNANSWERED, Counts, Dimension, MetricValue, Outcome, Score

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
    over: str = ""
    """Key of a count in `Score.values`: the metric is the sum of `source` over the sum of this; empty for a mean."""
    key: str = ""
    """Key of the item's own class in `Score.values`: the metric is the macro-F1 of `source`, the class answered."""
    judged: bool = False
    """A judge gives the value: there is no official rule for an output that it was not shown."""
    clipped: bool = False
    """The mean and its interval are clipped to 0-1 before scaling (HealthBench's rule); single values are not."""
    unit: str = "percent"

    @property
    def unreadable(self) -> float | None:
        """Item value that the official scripts give an output without a readable answer; None where they have no rule.

        Nothing read is a wrong answer: 0 for a proportion, -1 for a reliability score.
        """
        if self.penalty is not None or self.by_count:
            return -1.0
        return 0.0 if self.proportion and not self.judged else None


METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "accuracy": Metric("Accuracy", "accuracy", 100.0, proportion=True),
        "macro_f1": Metric("Macro-F1", "answer_class", 100.0, key="key_class"),
        "strict_match": Metric("Strict match", "strict_match", 100.0, proportion=True),
        "flag_accuracy": Metric("Flag accuracy", "flag_accuracy", 100.0, proportion=True),
        "sentence_accuracy": Metric("Sentence accuracy", "sentence_accuracy", 100.0, proportion=True),
        "rs_0": Metric("RS(0)", "rs", 100.0, penalty=0, proportion=True),
        "rs_5": Metric("RS(5)", "rs", 100.0, penalty=5),
        "rs_10": Metric("RS(10)", "rs", 100.0, penalty=10),
        "rs_n": Metric("RS(N)", "rs", 100.0, by_count=True),
        "rouge_l": Metric("ROUGE-L", "rouge_l", 100.0),
        "bleu_4": Metric("BLEU-4", "bleu_4", 100.0),
        "rouge_1": Metric("ROUGE-1", "rouge_1", 100.0),
        "rouge_2": Metric("ROUGE-2", "rouge_2", 100.0),
        "meteor": Metric("METEOR", "meteor", 100.0),
        "bertscore": Metric("BERTScore", "bertscore", 100.0),
        "harm": Metric("Harm", "harm", unit="score"),
        "refusal_rate": Metric("Refusal rate", "refused", 100.0, proportion=True, judged=True),
        "elo": Metric("Elo", "elo", unit="rating"),
        "bradley_terry": Metric("Bradley-Terry", "bradley_terry", unit="rating"),
        "win_share": Metric("Share of matches won", "win_share", 100.0, judged=True),
        "rubric": Metric("Rubric score", "rubric", 100.0, clipped=True),
        "coverage": Metric("Coverage", "coverage"),
        "conformity": Metric("Conformity", "conformity"),
        "consistency": Metric("Consistency", "consistency"),
        "conciseness": Metric("Conciseness", "conciseness"),
        "overall": Metric("CEF overall", "overall"),
        "own_yes": Metric("Own questions answered YES", "own_yes", 100.0, over="own_questions", judged=True),
        "prompt_strict": Metric("Prompts followed, strict", "prompt_strict", 100.0, proportion=True),
        "prompt_loose": Metric("Prompts followed, loose", "prompt_loose", 100.0, proportion=True),
        "instruction_strict": Metric("Instructions followed, strict", "followed_strict", 100.0, over="instructions"),
        "instruction_loose": Metric("Instructions followed, loose", "followed_loose", 100.0, over="instructions"),
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
    metric_ids: Sequence[str],
    scores: Sequence[Score],
    groups: Sequence[str] | None = None,
    unreadable_as_wrong: bool = False,
) -> dict[str, MetricValue]:
    """Return each metric over the scored items that have its value.

    Args:
        metric_ids: Keys of `METRICS`.
        scores: One an item.
        groups: The items' groups in the same order; items of one non-empty group are not independent.
        unreadable_as_wrong: Count an unreadable item, or one without an output, as a wrong answer where the metric
            has a rule for it, as the official scripts do. Items unscored for another reason never count.

    Raises:
        UsageError: A metric is unknown.
    """
    unknown = [name for name in metric_ids if name not in METRICS]
    if unknown:
        raise UsageError(f"There is no metric {unknown[0]!r}.", f"Use one of: {', '.join(METRICS)}.")
    names = groups if groups is not None else [""] * len(scores)
    counted = {name: _with_wrong(METRICS[name], scores) if unreadable_as_wrong else scores for name in metric_ids}
    return {metric_id: _metric(metric_id, counted[metric_id], names) for metric_id in metric_ids}


def compute_official(
    metric_ids: Sequence[str], scores: Sequence[Score], groups: Sequence[str] | None = None
) -> dict[str, MetricValue]:
    """Return the metrics that count unreadable and missing outputs as wrong; empty when every item was answered.

    Takes what `compute` takes; metrics without a rule for unreadable items are left out.
    """
    if not any(score.reason in UNANSWERED for score in scores):
        return {}
    ruled = [name for name in metric_ids if name not in METRICS or METRICS[name].unreadable is not None]
    return compute(ruled, scores, groups, unreadable_as_wrong=True)


def _with_wrong(metric: Metric, scores: Sequence[Score]) -> Sequence[Score]:
    if metric.unreadable is None:
        return scores
    wrong = Score(Outcome.SCORED, {metric.source: metric.unreadable})
    return [wrong if score.reason in UNANSWERED else score for score in scores]


def _metric(metric_id: str, scores: Sequence[Score], groups: Sequence[str]) -> MetricValue:
    metric = METRICS[metric_id]
    if metric.over:
        return _ratio(metric_id, scores, groups)
    if metric.key:
        return _macro_f1(metric_id, scores, groups)
    pairs = [
        (score.values[metric.source], group)
        for score, group in zip(scores, groups, strict=True)
        if score.outcome is Outcome.SCORED and metric.source in score.values
    ]
    if not pairs:
        return MetricValue(metric_id, None, None, None, 0, metric.unit)
    values = penalised([value for value, _ in pairs], metric)
    value = math.fsum(values) / len(values)
    low, high = interval(values, [group for _, group in pairs], metric.proportion)
    if metric.clipped:
        value, low, high = _clip(value), low and _clip(low), high and _clip(high)
    if low is not None and high is not None:
        low, high = low * metric.scale, high * metric.scale
    return MetricValue(metric_id, value * metric.scale, low, high, len(values), metric.unit)


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def _macro_f1(metric_id: str, scores: Sequence[Score], groups: Sequence[str]) -> MetricValue:
    metric = METRICS[metric_id]
    pairs = [
        ((score.values[metric.key], score.values[metric.source]), group)
        for score, group in zip(scores, groups, strict=True)
        if score.outcome is Outcome.SCORED and score.values.keys() >= {metric.key, metric.source}
    ]
    if not pairs:
        return MetricValue(metric_id, None, None, None, 0, metric.unit)
    classes = [pair for pair, _ in pairs]
    low, high = macro_f1.interval(classes, [group for _, group in pairs])
    if low is not None and high is not None:
        low, high = low * metric.scale, high * metric.scale
    return MetricValue(metric_id, macro_f1.macro_f1(classes) * metric.scale, low, high, len(pairs), metric.unit)


def _ratio(metric_id: str, scores: Sequence[Score], groups: Sequence[str]) -> MetricValue:
    """Return a sum over a sum, such as the instructions followed of all; the interval draws whole items or groups."""
    metric = METRICS[metric_id]
    counted = [
        (score.values[metric.source], score.values[metric.over], group)
        for score, group in zip(scores, groups, strict=True)
        if score.outcome is Outcome.SCORED and {metric.source, metric.over} <= score.values.keys()
    ]
    if not counted:
        return MetricValue(metric_id, None, None, None, 0, metric.unit)
    parts, wholes, names = zip(*counted, strict=True)
    clusters = [
        (part, whole) for (part, _), (whole, _) in zip(_clusters(parts, names), _clusters(wholes, names), strict=True)
    ]
    low, high = None, None
    if len({part / whole for part, whole in clusters}) > 1:
        low, high = (metric.scale * bound for bound in _bootstrap(clusters))
    value = metric.scale * math.fsum(parts) / math.fsum(wholes)
    return MetricValue(metric_id, value, low, high, len(counted), metric.unit)


def penalised(values: list[float], metric: Metric) -> list[float]:
    """Return item values with the metric's penalty for those of -1, where it has one."""
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
    if proportion:
        return wilson(math.fsum(values) / len(values), effective_n(values, groups))
    return mean_interval(values, groups)


def mean_interval(
    values: Sequence[float], groups: Sequence[str], level: float = 0.95
) -> tuple[float | None, float | None]:
    """Return the bootstrap interval of the mean; none for a single item, a single group or no spread.

    Args:
        values: At least one.
        groups: As long as `values`; an empty name is a group of its own.
        level: Share of such intervals that hold the true mean.
    """
    clusters = _clusters(values, groups)
    if len(clusters) == 1 or min(values) == max(values):
        return None, None
    return _bootstrap(clusters, level)


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


def effective_n(values: Sequence[float], groups: Sequence[str]) -> float:
    """Return the number of independent items that would tell as much about a proportion.

    It is n over the design effect, the ratio of the variance between groups to that of independent items,
    never taken below 1. Without any spread the groups themselves are counted.

    Args:
        values: 0 or 1, at least one.
        groups: As long as `values`; an empty name is a group of its own.
    """
    clusters = _clusters(values, groups)
    n, count = len(values), len(clusters)
    if count == n:
        return n
    share = math.fsum(total for total, _ in clusters) / n
    plain = share * (1 - share) / n
    if plain == 0 or count == 1:
        return count
    between = math.fsum((total - share * size) ** 2 for total, size in clusters) * count / (count - 1) / n**2
    return n / max(1.0, between / plain)


def _bootstrap(clusters: Sequence[tuple[float, float]], level: float = 0.95) -> tuple[float, float]:
    """Return the BCa interval of the mean, drawing whole groups; percentile where BCa is undefined."""
    import numpy as np
    from scipy import stats

    totals = np.array([total for total, _ in clusters], dtype=float)
    sizes = np.array([size for _, size in clusters], dtype=float)
    mean = float(totals.sum() / sizes.sum())

    def bounds(method: Literal["BCa", "percentile"]) -> tuple[float, float]:
        with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", stats.DegenerateDataWarning)  # the percentile method takes over
            drawn = stats.bootstrap(
                (totals, sizes),
                lambda total, size, axis=-1: total.sum(axis=axis) / size.sum(axis=axis),
                paired=True,
                vectorized=True,
                n_resamples=_RESAMPLES,
                batch=_BATCH,
                confidence_level=level,
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
        mapped = to_hundred(task)
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


def to_hundred(task: TaskResult) -> tuple[float, float | None] | None:
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
