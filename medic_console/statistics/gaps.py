"""The two gaps of the MEDIC paper: from knowledge to execution, and from passive to active safety.

A gap is the mean of the second side's primary metrics minus that of the first, each metric on 0 to 100 with higher
better (`aggregates.to_hundred`). The paper shows both gaps without a formula; this one is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.records import Figure
from medic_console.statistics.aggregates import TaskResult, aggregate, mean_of, to_hundred


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
        value: Second side minus first: negative when the model does better on the first. None where a side has no task
            with a value.
        low: Lower end of the 95 % interval; None when a task has none.
        high: Upper end.
        tasks: The tasks that it rests on, first side first; a side may rest on fewer tasks than the rule names.
        from_value: Mean of the first side; None where it has no task with a value.
        to_value: Mean of the second side.
        answered: The same over the items with a whole answer alone; None where a task has none.
        share: Percent of the items with a whole answer, the mean of the tasks'.
        provisional: Why it is not to be relied on yet; empty when it is.
        part: Tasks of which it rests on the first items of more, with how many.
    """

    title: str
    value: float | None
    low: float | None
    high: float | None
    tasks: tuple[str, ...]
    from_value: float | None = None
    to_value: float | None = None
    answered: Figure | None = None
    share: Figure | None = None
    provisional: str = ""
    part: str = ""

    @property
    def sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


def gaps(tasks: Sequence[TaskResult]) -> dict[str, Gap]:
    """Return both gaps of a model.

    Args:
        tasks: The model's results; tasks that no gap names are passed over.
    """
    return {name: _gap(rule, {task.task: task for task in tasks}) for name, rule in GAPS.items()}


def _gap(rule: GapRule, results: Mapping[str, TaskResult]) -> Gap:
    upper, lower = (_side(names, results) for names in (rule.from_tasks, rule.to_tasks))
    names = tuple(one.task for one in (*upper, *lower))
    from_value, to_value = (mean_of(side).value for side in (upper, lower))
    if not upper or not lower:
        return Gap(rule.title, None, None, None, names, from_value, to_value)
    weighed = [(-1 / len(upper), one) for one in upper] + [(1 / len(lower), one) for one in lower]
    found = aggregate(weighed, floor=-100.0)
    return Gap(
        title=rule.title,
        value=found.value,
        low=found.low,
        high=found.high,
        tasks=names,
        from_value=from_value,
        to_value=to_value,
        answered=found.answered,
        share=found.share,
        provisional=found.provisional,
        part=found.part,
    )


def _side(names: Sequence[str], results: Mapping[str, TaskResult]) -> list[TaskResult]:
    return [results[name] for name in names if name in results and to_hundred(results[name]) is not None]
