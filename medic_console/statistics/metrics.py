"""From item scores to metrics: the headline, what it is among answered items, the share answered, and three counts.

An item that the model left without an answer takes the worst value in the headline; which items those are and what
they take is `scoring.scorers.unanswered`'s rule. Intervals are 95 % (`statistics.intervals`); items that share a note
are one group there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import compress
from types import MappingProxyType
from typing import TYPE_CHECKING

from medic_console.core.metrics import CHANCE, Metric, metric_of
from medic_console.core.records import ENCODER, OWN_DOING, Counts, Figure, MetricValue, Outcome, Score
from medic_console.statistics import macro_f1
from medic_console.statistics.intervals import clipped, ends, mean_draws, ratio_draws

if TYPE_CHECKING:
    from medic_console.statistics.intervals import Values

NOT_INSTALLED = "no installed package brings this metric: install the one that it was computed with"
SCORED_BEFORE = "items without an answer were scored before they took the worst value: score the run anew"


def counts(scores: Sequence[Score]) -> Counts:
    """Return how many items ended in each of the three ways."""
    outcomes = [score.outcome for score in scores]
    return Counts(*(outcomes.count(outcome) for outcome in (Outcome.SCORED, Outcome.UNSCORED, Outcome.FAILED)))


def counts_in(score: Score) -> bool:
    """Tell whether an item is among those that a headline rests on: scored, or without an answer by the model."""
    return score.outcome is Outcome.SCORED or score.reason in OWN_DOING


def compute(
    metric_ids: Sequence[str], scores: Sequence[Score], groups: Sequence[str] | None = None, provisional: str = ""
) -> dict[str, MetricValue]:
    """Return each metric over the items that count in and have its value.

    Args:
        metric_ids: As task files name them; one that is not installed has no value, and its note says so.
        scores: One an item.
        groups: The items' groups in the same order; items of one non-empty group are not independent.
        provisional: Why the figures are not to be relied on yet; empty when they are.
    """
    counted = counting_in(scores, groups if groups is not None else [""] * len(scores))
    return {metric_id: metric_over(metric_id, counted, provisional) for metric_id in metric_ids}


Entry = tuple[Score, str]
"""An item's score and its group."""


def counting_in(scores: Sequence[Score], groups: Sequence[str]) -> list[Entry]:
    """Return the scores that count in, with their groups; takes what `compute` does."""
    return [(score, group) for score, group in zip(scores, groups, strict=True) if counts_in(score)]


def metric_over(metric_id: str, counted: Sequence[Entry], provisional: str = "") -> MetricValue:
    """Return a metric over the items that have its value.

    Args:
        counted: What `counting_in` gave.
        provisional: As in `compute`.
    """
    metric = metric_of(metric_id)
    if not metric.source:
        return MetricValue(metric_id, None, None, None, 0, metric.unit, NOT_INSTALLED, provisional=provisional)
    if any(not score.values and score.reason in OWN_DOING for score, _ in counted):
        return MetricValue(metric_id, None, None, None, 0, metric.unit, SCORED_BEFORE, provisional=provisional)
    entries = list(counted)
    for needed in {metric.source, metric.over, metric.key} - {""}:
        entries = [entry for entry in entries if needed in entry[0].values]
    if not entries:
        return MetricValue(metric_id, None, None, None, 0, metric.unit, provisional=provisional)
    whole = [score.answered for score, _ in entries]
    given = list(compress(entries, whole))
    headline = _figure(metric, entries)
    answered = headline if len(given) == len(entries) else _figure(metric, given) if given else Figure(None)
    return MetricValue(
        metric_id,
        headline.value,
        headline.low,
        headline.high,
        headline.n,
        metric.unit,
        answered=answered,
        share=percentage(whole, [group for _, group in entries]),
        provisional=provisional,
        chance=_chance(metric, entries),
        draws=headline.draws,
    )


def share_answered(entries: Sequence[Entry]) -> Figure:
    """Return the percentage of the items with a whole answer; at least one item."""
    return percentage([score.answered for score, _ in entries], [group for _, group in entries])


def percentage(hits: Sequence[bool], groups: Sequence[str]) -> Figure:
    """Return the percentage of items that are hits; at least one item."""
    values = [float(hit) for hit in hits]
    return figure_of(100.0 * math.fsum(values) / len(values), len(values), lambda: 100.0 * mean_draws(values, groups))


def figure_of(value: float, n: int, draws: Callable[[], Values]) -> Figure:
    """Return a figure with the interval that its draws give."""
    return Figure(value, *ends(draws(), value), n, draws)


def _figure(metric: Metric, entries: Sequence[Entry]) -> Figure:
    """Return a metric over items that have its value; at least one."""
    groups = [group for _, group in entries]
    values = penalised([score.values[metric.source] for score, _ in entries], metric)
    if metric.key:
        pairs = [
            (score.values[metric.key], value if score.outcome is Outcome.SCORED else None)
            for (score, _), value in zip(entries, values, strict=True)
        ]
        value = metric.scale * macro_f1.macro_f1(pairs)
        # Guessing is right as often as there are classes.
        count = round(1 / min(score.values.get(CHANCE, 1.0) for score, _ in entries))
        return figure_of(value, len(entries), lambda: metric.scale * macro_f1.draws(pairs, groups, count))
    if metric.over:
        wholes = [score.values[metric.over] for score, _ in entries]
        value = metric.scale * math.fsum(values) / math.fsum(wholes)
        return figure_of(value, len(entries), lambda: metric.scale * ratio_draws(values, wholes, groups))
    scale = value_range(metric, values)
    mean, raw = math.fsum(values) / len(values), partial(mean_draws, values, groups, scale)
    if metric.clip:
        return _cut_figure(metric.scale * min(1.0, max(0.0, mean)), len(values), metric.scale, raw)
    return figure_of(metric.scale * mean, len(values), lambda: metric.scale * raw())


def _cut_figure(value: float, n: int, scale: float, raw: Callable[[], Values]) -> Figure:
    """Return the figure of a mean that is cut to 0 to 1.

    Where all draws are cut at one end the interval is theirs before the cut: how far beyond its end the mean lies.
    """
    found = figure_of(value, n, lambda: scale * clipped(raw(), 0.0, 1.0))
    if found.low != found.high:
        return found
    low, high = ends(scale * raw(), value)
    return replace(found, low=low, high=high)


def _chance(metric: Metric, entries: Sequence[Entry]) -> float | None:
    if metric.chance is not None:
        return metric.scale * metric.chance
    found = [score.values[CHANCE] for score, _ in entries if CHANCE in score.values]
    if metric.source != "accuracy" or len(found) < len(entries):
        return None
    return metric.scale * math.fsum(found) / len(found)


def value_range(metric: Metric, values: Sequence[float]) -> tuple[float, float]:
    """Return the least and the greatest value that an item of a metric can have, after its penalty.

    Args:
        values: Of the items, after the penalty; at least one.
    """
    least = metric.least
    if metric.penalty is not None or metric.by_count:
        least = -float(len(values) if metric.by_count else metric.penalty or 0)
    return min(least, *values), max(metric.most, *values)


def penalised(values: list[float], metric: Metric) -> list[float]:
    """Return item values with the metric's penalty for those of -1, where it has one."""
    penalty = len(values) if metric.by_count else metric.penalty
    return values if penalty is None else [-float(penalty) if value == -1 else value for value in values]


NEEDS: Mapping[str, str] = MappingProxyType({"bertscore": ENCODER})
"""The file that a metric needs, by the name that it has among a task's resources."""
_NOT_NAMED = {ENCODER: "not computed: no encoder was named (--encoder FILE)"}


def noted(metrics: Mapping[str, MetricValue], resources: Collection[str]) -> dict[str, MetricValue]:
    """Return the metrics; one without a value whose file is not among `resources` has the reason as its note."""
    return {name: _noted(metric, NEEDS.get(name, ""), resources) for name, metric in metrics.items()}


def _noted(metric: MetricValue, needs: str, resources: Collection[str]) -> MetricValue:
    absent = metric.value is None and needs and needs not in resources
    return replace(metric, note=_NOT_NAMED[needs]) if absent else metric
