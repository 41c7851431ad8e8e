"""One task across the models: values on the items that all of them were asked, and ranks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from medic_console.core.metrics import metric_of
from medic_console.core.records import Counts, MetricValue
from medic_console.results.comparison.choosing import Field
from medic_console.results.comparison.pairs import ScoredMeasure
from medic_console.results.comparison.reviewed import HumanReview, Reviews, review_of_measure
from medic_console.results.comparison.values import AGAINST
from medic_console.results.measures import ItemScore, Measure
from medic_console.statistics.aggregates import TaskResult
from medic_console.statistics.metrics import compute, counts
from medic_console.statistics.ranks import ranks
from medic_console.suite.task import MetricSpec, Task


@dataclass(frozen=True, slots=True)
class TaskValues:
    """A task's primary metric for each model, over its items among those that all of them were asked.

    Attributes:
        metric: The primary metric.
        scored: By model, what is compared.
        values: By model; models without a comparable measure are missing.
        ranks: By model, 1 best; equal values share their mean rank.
        common: Items that ended under every model, in any of the three ways.
        counts: By model, over the common items, as they ended.
        reasons: By model, likewise, unscored items by reason.
        apart: Models that were measured on the task, but on other items or under another rule.
    """

    task: Task
    metric: MetricSpec
    scored: Mapping[str, ScoredMeasure]
    values: Mapping[str, MetricValue]
    ranks: Mapping[str, float]
    common: int
    counts: Mapping[str, Counts]
    reasons: Mapping[str, Mapping[str, int]]
    apart: tuple[str, ...]

    @property
    def measures(self) -> dict[str, Measure]:
        """The measure that stands for each model."""
        return {model: side.measure for model, side in self.scored.items()}

    @property
    def provisional(self) -> str:
        """Why a judge of these figures is not to be relied on yet; empty when all are, or without a judge."""
        return next((side.provisional for side in self.scored.values() if side.provisional), "")

    @property
    def judged_by(self) -> str:
        """Who judged, in words: of all models the same; empty where nobody did."""
        return next((measure.judged_by for measure in self.measures.values()), "")

    @property
    def taken(self) -> tuple[str, ...]:
        """Which of more items the runs took, in sentences; empty where all took all."""
        return tuple(dict.fromkeys(measure.taken for measure in self.measures.values() if measure.taken))

    @property
    def is_sample(self) -> bool:
        """Whether the items are bundled samples."""
        return any(measure.origin == "sample" for measure in self.measures.values())

    def result(self, model: str) -> TaskResult | None:
        """Return what the task adds to a model's gaps and mean; None when it has no value."""
        value = self.values.get(model)
        if value is None:
            return None
        return TaskResult(self.task.id, self.task.primary, self.task.secondary, value, self.metric.better)


def task_values(field: Field, scored: Mapping[str, ScoredMeasure], answered_only: bool = False) -> TaskValues:
    """Return a task's values.

    Args:
        scored: The scores of the field's measures, by model.
        answered_only: Values are those of the items with a whole answer.
    """
    spec = field.task.primary_metric
    common = _common(scored)
    ended = {model: [side.items[digest].score for digest in common] for model, side in scored.items()}
    # of the items that all have, as many are the first ones as the shortest took
    part = next((side.measure.part for side in scored.values() if side.measure.part), "")
    values = {}
    for model, side in scored.items():
        items = [side.items[digest] for digest in common]
        value = value_of(spec.id, items, side)
        value = replace(value, part=part)
        values[model] = of_answered(value) if answered_only else value
    return TaskValues(
        task=field.task,
        metric=spec,
        scored=scored,
        values=values,
        ranks=ranks({model: value.value for model, value in values.items()}, spec.better),
        common=len(common),
        counts={model: counts(scores) for model, scores in ended.items()},
        reasons={model: dict(Counter(str(s.reason) for s in scores if s.reason)) for model, scores in ended.items()},
        apart=field.apart,
    )


def value_of(metric: str, items: Sequence[ItemScore], side: ScoredMeasure) -> MetricValue:
    """Return a metric over some items; a rating has no value here, as one run alone has all of its matches."""
    scores, groups = [item.score for item in items], [item.group for item in items]
    found = replace(compute([metric], scores, groups, side.provisional)[metric], part=side.measure.part)
    if not metric_of(metric).against or found.note:
        return found
    elsewhere = "; ratings of one run: medic-console archive results RUN" if found.value is None else ""
    return replace(found, note=AGAINST + elsewhere)


def of_answered(value: MetricValue) -> MetricValue:
    """Return a metric in whose headline only items with a whole answer count."""
    if value.answered is None:
        return value
    given = value.answered
    return replace(value, value=given.value, low=given.low, high=given.high, n=given.n, draws=given.draws)


def _common(scored: Mapping[str, ScoredMeasure]) -> list[str]:
    first = next(iter(scored.values()))
    return [digest for digest in first.items if all(digest in side.items for side in scored.values())]


def review_of(task: TaskValues, model: str, reviews: Reviews) -> HumanReview | None:
    """Return what people found in the run that stands for a model on a task; None where nobody reviewed it."""
    return review_of_measure(task.measures[model], reviews)
