"""The two gaps of the MEDIC paper: from knowledge to execution, and from passive to active safety.

A gap is the mean of one side's primary metrics minus that of the other, each metric on 0 to 100 with higher better
(`metrics.to_hundred`). The paper shows both gaps without a formula; this one is ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.metrics import TaskResult, to_hundred


@dataclass(frozen=True, slots=True)
class GapRule:
    """Which tasks stand on which side."""

    title: str
    from_tasks: tuple[str, ...]
    to_tasks: tuple[str, ...]


GAPS: Mapping[str, GapRule] = MappingProxyType(
    {
        "knowledge_execution": GapRule("Knowledge to execution", ("medqa", "medmcqa"), ("medcalc", "ehrsql")),
        "passive_active": GapRule("Passive to active safety", ("med_safety",), ("medec",)),
    }
)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap of one model, in points on 0 to 100.

    Attributes:
        value: Positive when the model does better on the first side; None where a side has no task with a value.
        low: Lower end of the 95 % interval; None when a task has none.
        high: Upper end.
        tasks: The tasks that it rests on, first side first; a side may rest on fewer tasks than the rule names.
        from_value: Mean of the first side; None where it has no task with a value.
        to_value: Mean of the second side.
    """

    title: str
    value: float | None
    low: float | None
    high: float | None
    tasks: tuple[str, ...]
    from_value: float | None = None
    to_value: float | None = None


def gaps(tasks: Sequence[TaskResult]) -> dict[str, Gap]:
    """Return both gaps of a model.

    The interval takes the tasks' errors as independent, as that of a dimension does: half width = root of the sum
    of (weight x the task's half width)^2, where a task weighs 1 over the number of tasks on its side.

    Args:
        tasks: The model's results; tasks that no gap names are passed over.
    """
    return {name: _gap(rule, {task.task: task for task in tasks}) for name, rule in GAPS.items()}


def _gap(rule: GapRule, results: Mapping[str, TaskResult]) -> Gap:
    sides = [_side(names, results) for names in (rule.from_tasks, rule.to_tasks)]
    names = tuple(name for side in sides for name in side)
    means = [math.fsum(value for value, _ in side.values()) / len(side) if side else None for side in sides]
    upper, lower = means
    if upper is None or lower is None:
        return Gap(rule.title, None, None, None, names, upper, lower)
    value = upper - lower
    halves = [(half, len(side)) for side in sides for _, half in side.values()]
    known = [half / size for half, size in halves if half is not None]
    if len(known) < len(halves):
        return Gap(rule.title, value, None, None, names, upper, lower)
    half = math.hypot(*known)
    return Gap(rule.title, value, max(-100.0, value - half), min(100.0, value + half), names, upper, lower)


def _side(names: Sequence[str], results: Mapping[str, TaskResult]) -> dict[str, tuple[float, float | None]]:
    mapped = {name: to_hundred(results[name]) for name in names if name in results}
    return {name: value for name, value in mapped.items() if value is not None}
