"""What a view of a run must know beforehand: its models, its tasks and the scores that it will give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from medic_console.audit.plan import Plan
from medic_console.core.naming import called
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class OutlinedTask:
    """One task of a run.

    Attributes:
        items: Ids in their order.
        scores: Scores that each candidate will have in the end: one an item, or one an item and judge.
        origin: `sample` or `official`.
    """

    task: Task
    items: tuple[str, ...]
    scores: int
    origin: str


@dataclass(frozen=True, slots=True)
class Outline:
    """A run before its results.

    Attributes:
        candidates: Names by sha256, in the order in which they were named.
        judges: The same of the judges.
    """

    candidates: Mapping[str, str] = field(default_factory=dict)
    judges: Mapping[str, str] = field(default_factory=dict)
    tasks: tuple[OutlinedTask, ...] = ()

    @property
    def total(self) -> int:
        """Scores that the run will give."""
        return len(self.candidates) * sum(one.scores for one in self.tasks)


def outline_of(plan: Plan) -> Outline:
    """Return the outline of a run that is about to start."""
    tasks = []
    for loaded in plan.tasks:
        own = plan.own(loaded)
        items = tuple(item.id for item in loaded.items if own is None or item.id in own)
        tasks.append(
            OutlinedTask(loaded.task, items, len(items) * per_item(loaded.task, len(plan.judges)), loaded.origin)
        )
    candidates, judges = (
        {model.sha256: called(model) for model in models} for models in (plan.candidates, plan.judges)
    )
    return Outline(candidates, judges, tuple(tasks))


def per_item(task: Task, judges: int) -> int:
    """Return how many scores an item gives under each candidate."""
    return max(1, judges) if task.judge else 1
