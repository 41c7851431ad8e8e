"""Item values of a metric: what two models are paired on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from medic_console.core.metrics import Metric, metric_of
from medic_console.statistics.metrics import counts_in, penalised

if TYPE_CHECKING:
    from medic_console.core.records import Score

AGAINST = "rests on the opponents of its own run"
"""Said of a figure that comes from matches, wherever figures of several runs may stand beside each other."""


def is_mean_of_items(metric: Metric) -> bool:
    """Tell whether a metric is a plain mean of item values, so that items can be paired."""
    return not (metric.over or metric.key or metric.unit == "rating")


def item_values(metric_id: str, scores: Mapping[str, Score]) -> dict[str, float]:
    """Return the value of each item that has one, in the scorer's own unit (`Metric.scale` is not applied).

    An item without an answer by the model's own doing has the worst one (`scoring.scorers.unanswered`). Empty for
    metrics that are no mean of item values: ratios of sums, macro-F1 and ratings.

    Args:
        metric_id: As task files name it.
        scores: By item; a penalty that depends on the number of items takes these.
    """
    metric = metric_of(metric_id)
    if not is_mean_of_items(metric):
        return {}
    found = {item: score.values[metric.source] for item, score in scores.items() if has_value(metric, score)}
    return dict(zip(found, penalised(list(found.values()), metric), strict=True))


def has_value(metric: Metric, score: Score) -> bool:
    """Tell whether an item is among those that a metric rests on."""
    return counts_in(score) and metric.source in score.values


def points(metric: Metric) -> float:
    """Return the factor from an item value to points on 0 to 100 (the harm scale of 1 to 5 spans 100 points)."""
    return 25.0 if metric.unit == "score" else metric.scale
