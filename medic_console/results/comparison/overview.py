"""All models of an archive at a glance: each with its own best measure of every task, and ranks where they compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medic_console.core.records import Counts, Dimension, MetricValue
    from medic_console.results.comparison.choosing import Field
    from medic_console.results.measures import Measure, Measures
    from medic_console.statistics.aggregates import Aggregate, TaskResult
    from medic_console.statistics.gaps import Gap
    from medic_console.suite.task import Task

Key = tuple[tuple[str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One task.

    Attributes:
        values: The primary metric by model, over all items of the model's own measure.
        counts: By model, likewise.
        measures: By model.
        ranks: By model, among those measured on the same items; the others have none.
        provisional: Models whose judge is not qualified.
        common: Items that the ranked models were all asked.
    """

    task: Task
    values: Mapping[str, MetricValue]
    counts: Mapping[str, Counts]
    measures: Mapping[str, Measure]
    provisional: frozenset[str]
    ranks: Mapping[str, float]
    common: int


@dataclass(slots=True)
class Overview:
    """What is known so far.

    Attributes:
        due: Tasks to read in all.
        known: Tasks already read, by the measures that they rest on; kept from one look to the next.
        begun: The archive was asked which tasks there are.
    """

    glimpses: tuple[Glimpse, ...] = ()
    due: int = 0
    known: dict[Key, Glimpse] = field(default_factory=dict)
    begun: bool = False
    _dimensions: dict[str, dict[Dimension, Aggregate]] = field(default_factory=dict, init=False, compare=False)
    _gaps: dict[str, dict[str, Gap]] = field(default_factory=dict, init=False, compare=False)

    @property
    def complete(self) -> bool:
        """Whether every task has been read."""
        return self.begun and len(self.glimpses) == self.due

    def tasks(self, model: str) -> int:
        """Return on how many tasks a model was measured."""
        return sum(model in glimpse.values for glimpse in self.glimpses)

    def results(self, model: str) -> list[TaskResult]:
        """Return a model's primary metrics."""
        from medic_console.statistics.aggregates import TaskResult  # home holds an empty overview first

        return [
            TaskResult(g.task.id, g.task.primary, g.task.secondary, g.values[model], g.task.primary_metric.better)
            for g in self.glimpses
            if model in g.values
        ]

    def dimensions(self, model: str) -> dict[Dimension, Aggregate]:
        """Return a model's dimensions; computed once, the cursor passes a model often."""
        from medic_console.statistics.aggregates import dimension_scores

        if model not in self._dimensions:
            self._dimensions[model] = dimension_scores(self.results(model))
        return self._dimensions[model]

    def gaps(self, model: str) -> dict[str, Gap]:
        """Return a model's gaps; computed once too."""
        from medic_console.statistics.gaps import gaps

        if model not in self._gaps:
            self._gaps[model] = gaps(self.results(model))
        return self._gaps[model]

    def has_samples(self, model: str) -> bool:
        """Tell whether any of a model's figures rests on bundled samples."""
        return any(g.measures[model].origin == "sample" for g in self.glimpses if model in g.measures)


def overview(reader: Measures, models: Sequence[str], known: Mapping[Key, Glimpse]) -> Iterator[Overview]:
    """Yield the overview with one task more each time.

    Args:
        models: sha256 of the candidates.
        known: Tasks read before; they are used again where they rest on finished runs.
    """
    from medic_console.results.comparison.choosing import best_measures, choose  # home holds an empty overview first

    measures = reader.measures()
    own = {model: best_measures(measures, model) for model in models}
    fields = choose(measures, models, reader.item_digests)
    found: list[Glimpse] = []
    kept: dict[Key, Glimpse] = {}
    yield Overview((), len(fields), kept, begun=True)
    for one in fields:
        alone = {model: tasks[one.task.id] for model, tasks in own.items() if one.task.id in tasks}
        key = tuple(measure.key for measure in (*alone.values(), *one.measures.values()))
        glimpse = known.get(key) or _glimpse(reader, one, alone)
        if all(measure.done for measure in alone.values()):
            kept[key] = glimpse
        found.append(glimpse)
        yield Overview(tuple(found), len(fields), kept, begun=True)


def _glimpse(reader: Measures, one: Field, own: Mapping[str, Measure]) -> Glimpse:
    from medic_console.results.comparison.pairs import load_scored
    from medic_console.results.comparison.tasks import task_values, value_of
    from medic_console.statistics.metrics import counts

    scored = load_scored(reader, own)
    others = load_scored(reader, {model: m for model, m in one.measures.items() if own[model] is not m})
    shared = {model: others.get(model) or scored[model] for model in one.measures}
    spec = one.task.primary_metric
    compared = task_values(one, shared)
    values = {}
    for model, side in scored.items():
        whole = len(side.items) == compared.common and one.measures.get(model) is own[model]
        values[model] = compared.values[model] if whole else value_of(spec.id, list(side.items.values()), side)
    return Glimpse(
        task=one.task,
        values=values,
        counts={model: counts([item.score for item in side.items.values()]) for model, side in scored.items()},
        measures=own,
        provisional=frozenset(model for model, side in scored.items() if side.provisional),
        ranks=compared.ranks,
        common=compared.common,
    )
