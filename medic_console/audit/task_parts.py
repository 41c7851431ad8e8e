"""Which parts a task is made of, and the package that each comes from; a part that is not installed is a fault."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medic_console.core.errors import TaskFileError
from medic_console.core.metrics import METRICS
from medic_console.core.registry import OURS, Origin, Registry, brought_by_others
from medic_console.scoring.answers.registry import READERS as ANSWER_READERS
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.versions import PROBE
from medic_console.suite.judging import METHODS
from medic_console.suite.readers.registry import READERS
from medic_console.suite.task import Task
from medic_console.suite.task_file import TaskSet

_REGISTRIES: Mapping[str, Registry[Any]] = {
    "items reader": READERS,
    "answer reader": ANSWER_READERS,
    "scorer": SCORERS,
    "judge method": METHODS,
    "metric": METRICS,
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a task.

    Attributes:
        kind: `items reader`, `answer reader`, `scorer`, `judge method` or `metric`.
        name: As the task file gives it.
    """

    kind: str
    name: str
    origin: Origin

    @property
    def ours(self) -> bool:
        """Whether it comes with this console."""
        return self.origin == OURS


def parts_of(task: Task) -> tuple[Part, ...]:
    """Return the parts of a task, each once.

    Raises:
        TaskFileError: One is not installed; names file, kind and part.
        UsageError: An installed package brings a part that cannot be used.
    """
    named = [("items reader", task.items.reader), ("answer reader", task.answer_reader)]
    by_flow = task.judge is not None and task.scorer in (task.judge.method, PROBE)
    named += [] if by_flow else [("scorer", task.scorer)]
    named += [("judge method", task.judge.method)] if task.judge else []
    return tuple(_part(task, kind, name) for kind, name in (*named, *(("metric", one.id) for one in task.metrics)))


def usable(found: TaskSet, own: bool) -> TaskSet:
    """Return the tasks whose parts are all installed; the others are faults.

    Args:
        own: Whether there are tasks beside the bundled ones. These need no check unless other packages bring parts.

    Raises:
        UsageError: An installed package brings a part that cannot be used.
    """
    if not own and not brought_by_others():
        return found
    tasks, faults = dict(found.tasks), list(found.faults)
    for task in found.tasks.values():
        try:
            parts_of(task)
        except TaskFileError as fault:
            del tasks[task.id]
            faults.append(fault)
    return TaskSet(tasks, tuple(faults))


def _part(task: Task, kind: str, name: str) -> Part:
    registry = _REGISTRIES[kind]
    if name in registry:
        return Part(kind, name, registry.origin(name))
    known = ", ".join((*registry, *METHODS) if kind == "scorer" else registry)
    raise TaskFileError(
        f'{task.folder}/task.toml: there is no {kind} "{name}".',
        f"Install the package that brings it, or use one of: {known}.",
    )
