"""Figures made of tasks: a dimension, a gap, a mean of tasks, each with what it is among answered items.

All of them weigh the tasks' metrics on 0 to 100 with higher better. Tasks are independent, metrics of one task are not;
arms below and above stay apart, and a figure of one task has that task's interval (`intervals.combined`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from medic_console.core.records import Dimension, Figure, MetricValue
from medic_console.statistics.intervals import clipped, combined, ends

if TYPE_CHECKING:
    from medic_console.statistics.intervals import Draws, Values


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One task's primary metric, for what is made of tasks.

    Attributes:
        better: `higher` or `lower`.
    """

    task: str
    primary: tuple[Dimension, ...]
    secondary: tuple[Dimension, ...]
    metric: MetricValue
    better: str = "higher"


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A weighted sum of tasks, in points on 0 to 100.

    Attributes:
        value: None when no task has a value.
        low: Lower end of the 95 % interval; None when a task has none.
        high: Upper end.
        names: Tasks that it rests on.
        n: Items of these tasks.
        answered: The same over the items with a whole answer alone; None when no task has one.
        share: Percent of the items with a whole answer: the mean of the tasks', weighed as they are.
        provisional: Why it is not to be relied on yet; empty when it is.
        part: Tasks of which it rests on the first items of more, with how many.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    names: tuple[str, ...] = ()
    n: int = 0
    answered: Figure | None = None
    share: Figure | None = None
    provisional: str = ""
    part: str = ""

    @property
    def tasks(self) -> int:
        """How many tasks it rests on."""
        return len(self.names)


def aggregate(parts: Sequence[tuple[float, TaskResult]], floor: float = 0.0) -> Aggregate:
    """Return a weighted sum of tasks; those without a value are left out, and ratings, which have no fixed scale.

    The order of the tasks has no part in it: one figure has one interval wherever it is shown.

    Args:
        parts: Weight and task.
        floor: Least value that the sum can have: 0 for a mean, -100 for a difference.
    """
    known = [(weight, part, figure) for weight, part in parts if (figure := to_hundred(part)) is not None]
    if not known:
        return Aggregate(None)
    names = tuple(dict.fromkeys(part.task for _, part, _ in known))
    known.sort(key=lambda entry: entry[1].task)
    tasks = [part.task for _, part, _ in known]
    headline = _sum([(weight, figure) for weight, _, figure in known], floor, tasks)
    given = [(weight, to_hundred(part, answered=True)) for weight, part, _ in known]
    answered = [(weight, figure) for weight, figure in given if figure is not None]
    shares = [(abs(weight), part.metric.share) for weight, part, _ in known if part.metric.share is not None]
    whole = math.fsum(weight for weight, _ in shares)
    doubts = dict.fromkeys(f"{part.task}: {part.metric.provisional}" for _, part, _ in known if part.metric.provisional)
    return Aggregate(
        headline.value,
        headline.low,
        headline.high,
        names,
        headline.n,
        answered=_sum(answered, floor, tasks) if len(answered) == len(known) else None,
        share=(
            _sum([(weight / whole, share) for weight, share in shares], 0.0, tasks)
            if len(shares) == len(known)
            else None
        ),
        provisional="; ".join(doubts),
        part="; ".join(dict.fromkeys(f"{part.task}: {part.metric.part}" for _, part, _ in known if part.metric.part)),
    )


def mean_of(results: Sequence[TaskResult]) -> Aggregate:
    """Return the plain mean of tasks."""
    return weighted_mean([(1.0, result) for result in results])


def weighted_mean(parts: Sequence[tuple[float, TaskResult]]) -> Aggregate:
    """Return the weighted mean of the tasks that have a value."""
    known = [(weight, part) for weight, part in parts if to_hundred(part) is not None]
    total = math.fsum(weight for weight, _ in known)
    return aggregate([(weight / total, part) for weight, part in known])


def dimension_scores(tasks: Sequence[TaskResult]) -> dict[Dimension, Aggregate]:
    """Return every dimension's score.

    The paper gives no formula. Ours: the mean of the tasks' primary metrics, each mapped to 0-100 with higher better,
    weight 1 for a primary and 0.5 for a secondary dimension.
    """
    return {dimension: weighted_mean(_bearing(dimension, tasks)) for dimension in Dimension}


def _bearing(dimension: Dimension, tasks: Sequence[TaskResult]) -> list[tuple[float, TaskResult]]:
    weights = (
        (1.0 if dimension in task.primary else 0.5 if dimension in task.secondary else 0.0, task) for task in tasks
    )
    return [(weight, task) for weight, task in weights if weight]


def to_hundred(result: TaskResult, answered: bool = False) -> Figure | None:
    """Return a task's metric on 0-100, higher better; None without a value, and for ratings.

    A `score` is the harm scale of 1 to 5; a percentage is clipped (RS(10) and conciseness may be negative), and one of
    which the whole interval lies beyond the end has none.

    Args:
        answered: Of the items with a whole answer alone.
    """
    metric = result.metric
    given = metric.answered if answered else Figure(metric.value, metric.low, metric.high, metric.n, metric.draws)
    if given is None or given.value is None or metric.unit == "rating":
        return None
    factor, offset = (25.0, -25.0) if metric.unit == "score" else (1.0, 0.0)
    if result.better == "lower":
        factor, offset = -factor, 100.0 - offset
    bounds = sorted(end * factor + offset for end in (given.low, given.high) if end is not None)
    low, high = _with_width(_cut(bounds[0]), _cut(bounds[1])) if len(bounds) == 2 else (None, None)
    draws = partial(_mapped, given.draws, factor, offset) if given.draws is not None else None
    return Figure(_cut(given.value * factor + offset), low, high, given.n, draws)


def _with_width(low: float, high: float) -> tuple[float | None, float | None]:
    """Return an interval; none where the cut to the scale left it no width, which would say that nothing is unsure."""
    return (low, high) if low < high else (None, None)


def _cut(value: float) -> float:
    return min(100.0, max(0.0, value))


def _mapped(draws: Draws, factor: float, offset: float) -> Values:
    import numpy as np

    found = draws()
    # where lower is better, a bad unseen group is the one that raises the value
    ordered = found if factor > 0 else np.concatenate(list(reversed(np.split(found, 2))))
    return clipped(ordered * factor + offset, 0.0, 100.0)


def _sum(parts: Sequence[tuple[float, Figure]], floor: float, names: Sequence[str]) -> Figure:
    value = math.fsum(weight * (figure.value or 0.0) for weight, figure in parts)
    n = sum(max(f.n for other, (_, f) in zip(names, parts, strict=True) if other == name) for name in set(names))
    if len(parts) == 1 and parts[0][0] == 1.0:
        return parts[0][1]
    made: Mapping[int, Draws] = {place: f.draws for place, (_, f) in enumerate(parts) if f.draws is not None}
    if len(made) < len(parts):
        return Figure(value, None, None, n)
    draws = partial(_combined, [(weight, made[place]) for place, (weight, _) in enumerate(parts)], floor, names)
    return Figure(value, *_with_width(*ends(draws(), value)), n, draws)


def _combined(parts: Sequence[tuple[float, Draws]], floor: float, names: Sequence[str]) -> Values:
    return clipped(combined(parts, names), floor, 100.0)
