"""How long a run will take, by what a probe measured and what its prompts hold, and what of it nobody can know."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from medic_console.audit.plan import Plan
from medic_console.audit.sizing import ModelFit, TaskFit
from medic_console.core.naming import called
from medic_console.core.run_settings import AUTO
from medic_console.core.units import span
from medic_console.engine.files.model import ModelFile
from medic_console.results.reader import Reader
from medic_console.session.probe import Speed, speed_of

FAST, SLOW = 0.6, 1.6
"""What a machine may do otherwise than in the probe: longer texts are slower, other work comes and goes."""
_ENOUGH = 5
"""Answers of a model to a task that say how long its next ones will be."""


@dataclass(frozen=True, slots=True)
class TaskTime:
    """How long a task takes one model.

    Attributes:
        least: Seconds.
        most: Seconds; None where nothing is known of it.
        why: What makes it uncertain, in words; empty where nothing does but the machine.
    """

    task: str
    role: str
    least: float
    most: float | None
    why: str = ""

    @property
    def told(self) -> str:
        """The time in words."""
        return f"{span(self.least, self.most)}{f'; {self.why}' if self.why else ''}"


@dataclass(frozen=True, slots=True)
class ModelTime:
    """How long a model works in a run.

    Attributes:
        loads: How often it is loaded, once for each kind of cache.
    """

    model: ModelFile
    role: str
    speed: Speed
    loads: int
    tasks: tuple[TaskTime, ...]

    @property
    def told(self) -> str:
        """Its speed in words."""
        writes = f"{self.speed.write:,.0f}" if self.speed.write else "an unknown number of"
        return (
            f"{self.role} {called(self.model)}: reads {self.speed.read:,.0f} and writes {writes} tokens a second in "
            f"{self.speed.parallel} together, loads in {self.speed.load:.1f} s; measured {self.speed.measured} UTC"
        )


@dataclass(frozen=True, slots=True)
class RunTime:
    """How long a run takes.

    Attributes:
        notes: What may make it longer, in sentences.
    """

    models: tuple[ModelTime, ...]
    notes: tuple[str, ...] = ()

    @property
    def least(self) -> float:
        """Seconds."""
        return sum(one.speed.load + sum(task.least for task in one.tasks) for one in self.models)

    @property
    def most(self) -> float | None:
        """Seconds; None where nothing is known of a part."""
        parts = [task.most for one in self.models for task in one.tasks]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        return sum(known) + sum(SLOW * one.loads * one.speed.load for one in self.models)

    @property
    def told(self) -> str:
        """The time of the whole run in words."""
        unknown = [task.task for one in self.models for task in one.tasks if task.most is None]
        without = f"; how long {', '.join(dict.fromkeys(unknown))} will take is not known" if unknown else ""
        return f"The run takes {span(self.least, self.most)} on this machine{without}."

    def lines(self) -> Iterator[str]:
        """Yield all of it in words: the whole run, then each model's speed and its tasks."""
        yield self.told
        yield from self.notes
        for one in self.models:
            yield ""
            yield f"{one.told}."
            yield from (f"  {task.task}: {task.told}" for task in one.tasks)


def run_time(
    plan: Plan,
    fits: Sequence[ModelFit],
    archive: Path,
    log: Path,
    *,
    again: bool = False,
    tell: Callable[[str], object] = lambda text: None,
) -> RunTime:
    """Return how long a run takes; models that were not probed yet are loaded and probed.

    Args:
        fits: Of the plan (`audit.sizing.fits`).
        archive: Its answers say how long answers are.
        again: Probe models that are known, too.
        tell: Hears what is being done.

    Raises:
        EngineError: A model cannot be loaded.
        ArchiveError: The archive cannot be read.
    """
    models = []
    for fit in (one for one in fits if one.tasks):
        speed = speed_of(fit.model, plan.settings, fit.tasks[0].cache, log, again=again, tell=tell)
        budget = plan.settings.thinking_budget if fit.model.thinking else 0
        lengths = _lengths(archive, fit.model) if fit.role == "candidate" else {}
        tasks = tuple(task_time(task, speed, budget, lengths.get(task.task)) for task in fit.tasks)
        loads = len({task.cache for task in fit.tasks})
        models.append(ModelTime(fit.model, fit.role, speed, loads, tasks))
    return RunTime(tuple(models), tuple(_notes(plan, fits)))


def task_time(fit: TaskFit, speed: Speed, budget: int, length: float | None) -> TaskTime:
    """Return how long a task takes a model.

    Args:
        budget: Most tokens of its thoughts.
        length: Tokens of its answers so far, in the mean; None where that is not known.
    """
    once = fit.tokens * fit.common / max(1, fit.prompts)
    own, turns = fit.tokens * (1 - fit.common), math.ceil(fit.prompts / speed.parallel)
    least, most = FAST * (own + once) / speed.read, SLOW * (own + once * turns) / speed.read
    if fit.role == "judge":
        return TaskTime(fit.task, fit.role, least, None, "what a judge is asked depends on the answers")
    writing = fit.prompts - fit.choices
    if not writing and not budget:
        return TaskTime(fit.task, fit.role, least, most)
    if not speed.write:
        return TaskTime(fit.task, fit.role, least, None, "it wrote too little in the probe to tell how fast it writes")
    thinking = fit.prompts if budget else 0
    low, high = (1.0, float(fit.room)) if length is None else (length, length)
    least += FAST * (writing * low) / speed.write
    together = math.ceil(max(writing, thinking) / speed.parallel) * speed.parallel
    most += SLOW * together * ((high if writing else 0) + (budget if length is None else 0)) / speed.write
    return TaskTime(fit.task, fit.role, least, most, _of_length(fit, budget, length))


def _of_length(fit: TaskFit, budget: int, length: float | None) -> str:
    if length is not None:
        return f"its answers had {length:,.0f} tokens in the mean so far"
    thought = f", and {budget:,} of thoughts before" if budget else ""
    return f"an answer may have up to {fit.room:,} tokens{thought}"


def _notes(plan: Plan, fits: Sequence[ModelFit]) -> Iterator[str]:
    if plan.settings.multiple_choice == AUTO and any(task.choices for fit in fits for task in fit.tasks):
        yield "Where a model's labels hold less than half of the probability, it writes its answers: that takes longer."
    if any(task.role == "judge" for fit in fits for task in fit.tasks):
        yield "Of a judge only what it is asked about the items themselves is counted."


def _lengths(archive: Path, model: ModelFile) -> Mapping[str, float]:
    """Return how many tokens a model's answers had in the mean, by task, where there are enough of them."""
    if not archive.exists():
        return {}
    with closing(Reader(archive)) as reader:
        found = reader.written(model.sha256)
    return {task: mean for task, (mean, answers) in found.items() if answers >= _ENOUGH}
