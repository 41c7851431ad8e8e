"""Published reference points for a task: where fourteen models of the paper stand. Never results of this console."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass

from medic_console.core.metrics import metric_of
from medic_console.core.records import MetricValue
from medic_console.statistics.aggregates import TaskResult
from medic_console.statistics.gaps import Gap, gaps
from medic_console.statistics.published import Published
from medic_console.suite.task import Task

_FACTORS = {("percent", "percent"): 1.0, ("fraction", "percent"): 100.0, ("harm 1-5, lower is better", "score"): 1.0}
"""From the table's unit to a metric's; other units have no metric of ours to stand beside."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The published scores that stand beside a task, in its primary metric's unit.

    Attributes:
        benchmark: Row of the paper's table.
        scores: By published model.
        shared_by: Tasks that the row covers together; above 1, it is not this task alone.
    """

    benchmark: str
    scores: Mapping[str, float]
    shared_by: int

    @property
    def low(self) -> float:
        """The lowest score."""
        return min(self.scores.values())

    @property
    def median(self) -> float:
        """The middle score."""
        return statistics.median(self.scores.values())

    @property
    def high(self) -> float:
        """The highest score."""
        return max(self.scores.values())


def references(tasks: Mapping[str, Task], table: tuple[Published, ...]) -> dict[str, Reference]:
    """Return the reference of each task that has one, by task id.

    Args:
        tasks: All known tasks: a row may be shared by some of them.
    """
    found = {}
    for name, task in tasks.items():
        for row in task.rows:
            unit = metric_of(task.primary_metric.id).unit
            cells = [cell for cell in table if cell.benchmark == row and cell.score is not None]
            scores = {
                cell.model: cell.score * _FACTORS[cell.unit, unit]
                for cell in cells
                if cell.score is not None and (cell.unit, unit) in _FACTORS
            }
            if scores:
                found[name] = Reference(row, scores, sum(row in other.rows for other in tasks.values()))
    return found


def published_models(table: tuple[Published, ...]) -> tuple[str, ...]:
    """Return the models of the table, in its order."""
    return tuple(dict.fromkeys(cell.model for cell in table))


def published_gaps(
    tasks: Mapping[str, Task], found: Mapping[str, Reference], models: tuple[str, ...]
) -> dict[str, dict[str, Gap]]:
    """Return the gaps of published models, without intervals, by model."""
    results: dict[str, list[TaskResult]] = {model: [] for model in models}
    for name, reference in found.items():
        spec = tasks[name].primary_metric
        for model, score in reference.scores.items():
            value = MetricValue(spec.id, score, None, None, 0, metric_of(spec.id).unit)
            results[model].append(TaskResult(name, (), (), value, spec.better))
    return {model: gaps(listed) for model, listed in results.items()}
