"""From item scores to metrics: the headline, what it is among answered items, the share answered, and three counts.

An item that the model left without an answer takes the worst value in the headline; which items those are and what
they take is `scoring.scorers.unanswered`'s rule. Intervals are 95 % (`statistics.intervals`); items that share a note
are one group there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
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


class Counted:
    """Items that count in; what all metrics of a task ask of them is looked up once.

    Attributes:
        scores: Of each.
        groups: Of each; empty where it has none.
    """

    def __init__(self, scores: Sequence[Score], groups: Sequence[str]) -> None:
        self.scores, self.groups = scores, groups

    @cached_property
    def scored_before(self) -> bool:
        """Whether one has no worst value yet."""
        return any(not score.values and score.reason in OWN_DOING for score in self.scores)

    @cached_property
    def whole(self) -> list[bool]:
        """Whether each is a whole answer."""
        return [score.answered for score in self.scores]

    @cached_property
    def share(self) -> Figure:
        """The percentage with a whole answer; of at least one item."""
        return percentage(self.whole, self.groups)

    @cached_property
    def given(self) -> Counted:
        """Those with a whole answer; this one itself where all have one."""
        return self if all(self.whole) else self.only(self.whole)

    def with_values(self, names: Collection[str]) -> Counted:
        """Return those that have all of these values; this one itself where all have."""
        found = self
        for name in names:
            kept = [name in score.values for score in found.scores]
            found = found if all(kept) else found.only(kept)
        return found

    def only(self, kept: Sequence[bool]) -> Counted:
        """Return those that are kept."""
        return Counted([*compress(self.scores, kept)], [*compress(self.groups, kept)])


def counting_in(scores: Sequence[Score], groups: Sequence[str]) -> Counted:
    """Return the scores that count in, with their groups; takes what `compute` does."""
    return Counted(scores, groups).only([counts_in(score) for score in scores])


def metric_over(metric_id: str, counted: Counted, provisional: str = "") -> MetricValue:
    """Return a metric over the items that have its value.

    Args:
        counted: What `counting_in` gave.
        provisional: As in `compute`.
    """
    metric = metric_of(metric_id)
    if not metric.source:
        return MetricValue(metric_id, None, None, None, 0, metric.unit, NOT_INSTALLED, provisional=provisional)
    if counted.scored_before:
        return MetricValue(metric_id, None, None, None, 0, metric.unit, SCORED_BEFORE, provisional=provisional)
    found = counted.with_values({metric.source, metric.over, metric.key} - {""})
    if not found.scores:
        return MetricValue(metric_id, None, None, None, 0, metric.unit, provisional=provisional)
    given = found.given
    headline = _figure(metric, found)
    answered = headline if given is found else _figure(metric, given) if given.scores else Figure(None)
    return MetricValue(
        metric_id,
        headline.value,
        headline.low,
        headline.high,
        headline.n,
        metric.unit,
        answered=answered,
        share=found.share,
        provisional=provisional,
        chance=_chance(metric, found.scores),
        draws=headline.draws,
    )


def share_answered(entries: Sequence[tuple[Score, str]]) -> Figure:
    """Return the percentage of the items, each with its group, with a whole answer; at least one item."""
    return percentage([score.answered for score, _ in entries], [group for _, group in entries])


def percentage(hits: Sequence[bool], groups: Sequence[str]) -> Figure:
    """Return the percentage of items that are hits; at least one item."""
    values = [float(hit) for hit in hits]
    return figure_of(100.0 * math.fsum(values) / len(values), len(values), lambda: 100.0 * mean_draws(values, groups))


def figure_of(value: float, n: int, draws: Callable[[], Values]) -> Figure:
    """Return a figure with the interval that its draws give."""
    return Figure(value, *ends(draws(), value), n, draws)


def _figure(metric: Metric, counted: Counted) -> Figure:
    """Return a metric over items that have its value; at least one."""
    scores, groups, source = counted.scores, counted.groups, metric.source
    values = penalised([score.values[source] for score in scores], metric)
    if metric.key:
        pairs = [
            (score.values[metric.key], value if score.outcome is Outcome.SCORED else None)
            for score, value in zip(scores, values, strict=True)
        ]
        value = metric.scale * macro_f1.macro_f1(pairs)
        # Guessing is right as often as there are classes.
        count = round(1 / min(score.values.get(CHANCE, 1.0) for score in scores))
        return figure_of(value, len(scores), lambda: metric.scale * macro_f1.draws(pairs, groups, count))
    if metric.over:
        wholes = [score.values[metric.over] for score in scores]
        value = metric.scale * math.fsum(values) / math.fsum(wholes)
        return figure_of(value, len(scores), lambda: metric.scale * ratio_draws(values, wholes, groups))
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


def _chance(metric: Metric, scores: Sequence[Score]) -> float | None:
    if metric.chance is not None:
        return metric.scale * metric.chance
    if metric.source != "accuracy":
        return None
    found = [score.values[CHANCE] for score in scores if CHANCE in score.values]
    if len(found) < len(scores):
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
    return min(least, min(values)), max(metric.most, max(values))


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
