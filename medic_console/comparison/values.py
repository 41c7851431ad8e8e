"""Item values of a metric: what two models are paired on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from medic_console.metrics import METRICS, Metric, penalised
from medic_console.records import Outcome, Reason, Score


def is_mean_of_items(metric: Metric) -> bool:
    """Tell whether a metric is a plain mean of item values, so that items can be paired."""
    return not (metric.over or metric.key or metric.unit == "rating")


def item_values(metric_id: str, scores: Mapping[str, Score]) -> dict[str, float]:
    """Return the value of each scored item, in the scorer's own unit (`Metric.scale` is not applied).

    Empty for metrics that are no mean of item values: ratios of sums, macro-F1 and ratings.

    Args:
        metric_id: A key of `METRICS`.
        scores: By item; a penalty that depends on the number of scored items takes these.
    """
    metric = METRICS[metric_id]
    if not is_mean_of_items(metric):
        return {}
    found = {
        item: score.values[metric.source]
        for item, score in scores.items()
        if score.outcome is Outcome.SCORED and metric.source in score.values
    }
    return dict(zip(found, penalised(list(found.values()), metric), strict=True))


def as_wrong(metric_id: str, score: Score) -> Score:
    """Return an unreadable item's score as a wrong answer's where the metric has a rule for it, any other as it is."""
    metric = METRICS[metric_id]
    if score.reason is not Reason.UNREADABLE or metric.unreadable is None:
        return score
    return replace(
        score, outcome=Outcome.SCORED, values={metric.source: metric.unreadable}, verdict="unreadable, counted as wrong"
    )


def points(metric: Metric) -> float:
    """Return the factor from an item value to points on 0 to 100 (the harm scale of 1 to 5 spans 100 points)."""
    return 25.0 if metric.unit == "score" else metric.scale
