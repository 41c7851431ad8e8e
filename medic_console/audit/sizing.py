"""What fits, before anything runs: the tokens of every prompt against the context, and the memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from medic_console.audit.caches import LOOKED_AT, begun_alike, candidates_cache, judges_cache
from medic_console.audit.plan import Plan
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.protocol.port import MIN_ROOM, STREAMS, UNIFIED, EngineSettings
from medic_console.engine.sizing.devices import sized_each
from medic_console.engine.sizing.memory import Place
from medic_console.scoring.methods.judge import known_prompts
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import follow_up_prompt, item_prompt

_AT_A_TIME = 1_000
"""Prompts that are held and counted at a time."""


@dataclass(frozen=True, slots=True)
class TaskFit:
    """The prompts of one task under one model.

    Attributes:
        role: `candidate` or `judge`.
        prompts: How many; a task with a follow-up has two an item.
        choices: How many of them choose among labels; the others write.
        tokens: Of all prompts together.
        common: Share of a prompt that begins as the one before it, 0 to 1.
        longest: Tokens of the longest prompt. A follow-up is counted with the first text at its full length.
        room: Tokens that the task wants for an answer.
        shortened: Prompts that leave the answer less than it wants.
        overflowing: Prompts that leave no room for an answer; their items will be unscored.
        unformed: Prompts that the chat template cannot form; their items will fail.
        fault: Why the first of these cannot be formed; empty when all can.
        shown: Text of the first prompt, as the model gets it.
        cache: Kind of cache, `UNIFIED` or `STREAMS`.
    """

    task: str
    role: str
    prompts: int
    choices: int
    tokens: int
    common: float
    longest: int
    room: int
    shortened: int
    overflowing: int
    unformed: int
    fault: str
    shown: str
    cache: str

    @property
    def fitting(self) -> int:
        """Prompts that leave the answer all that it wants."""
        return self.prompts - self.shortened - self.overflowing - self.unformed


@dataclass(frozen=True, slots=True)
class ModelFit:
    """A model's limits and what fits into them.

    Attributes:
        places: What main memory is to hold, then what each device with layers is.
        reasons: What was chosen and why it is not more, in sentences.
        notes: What a person should know of how prompts come about, in sentences.
    """

    model: ModelFile
    role: str
    context: int
    parallel: int
    gpu_layers: int
    places: tuple[Place, ...]
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    tasks: tuple[TaskFit, ...]


def fits(plan: Plan, log: Path) -> Iterator[ModelFit]:
    """Yield each model of a plan that lies in a file with its fit; only vocabularies are loaded.

    Raises:
        EngineError: A model file cannot be loaded.
        UsageError: A setting does not fit a model.
    """
    for role, models in (("candidate", plan.candidates), ("judge", plan.judges)):
        for model in models:
            if model.served is not None:  # its server alone can count its tokens
                continue
            found = sized_each(model, plan.settings)[0]
            settings = found.settings
            engine = ProcessEngine(replace(settings, vocabulary_only=True), log)
            try:
                tasks = tuple(
                    _task_fit(engine, loaded, plan, role, settings)
                    for loaded in plan.tasks
                    if role == "candidate" or loaded.task.judge is not None
                )
            finally:
                engine.close()
            notes = engine.granted.rendering.notes
            yield ModelFit(
                model=model,
                role=role,
                context=settings.context,
                parallel=settings.parallel,
                gpu_layers=settings.gpu_layers,
                places=(found.plan.main, *found.plan.places),
                reasons=settings.reasons,
                notes=notes,
                tasks=tasks,
            )


def _prompts(loaded: LoadedTask, role: str) -> Iterator[tuple[Prompt, int]]:
    """Yield what is known of a role's prompts now, and the most tokens that will be added to each.

    A judge's are without the candidates' answers; a task's second prompt gets the first text at its full length.
    """
    if role == "judge":
        yield from ((prompt, 0) for item in loaded.items for prompt in known_prompts(loaded, item))
        return
    yield from ((item_prompt(loaded.task, item, loaded.shared, str(n)), 0) for n, item in enumerate(loaded.items))
    if loaded.task.follow_up is not None:
        more = loaded.task.prompt.max_tokens - 1  # beside the one that stands for the first text
        for n, item in enumerate(loaded.items):
            yield follow_up_prompt(loaded.task, item, loaded.shared, ".", f"{n} again"), more


def _task_fit(engine: ProcessEngine, loaded: LoadedTask, plan: Plan, role: str, settings: EngineSettings) -> TaskFit:
    asked = judges_cache(plan.settings) if role == "judge" else candidates_cache(loaded, plan)
    cache = asked if settings.cache == STREAMS else UNIFIED
    found = TaskFit(loaded.task.id, role, 0, 0, 0, 0.0, 0, 0, 0, 0, 0, "", "", cache)
    prompts, first = _prompts(loaded, role), True
    while some := list(islice(prompts, _AT_A_TIME)):
        more = _some_fit(found, engine, some, settings.context)
        found, first = (replace(more, common=_common(some)) if first else more), False
    return found


def _common(prompts: Sequence[tuple[Prompt, int]]) -> float:
    return begun_alike([prompt for prompt, _ in prompts[:LOOKED_AT]])[1]


def _some_fit(found: TaskFit, engine: ProcessEngine, prompts: Sequence[tuple[Prompt, int]], context: int) -> TaskFit:
    """Return what was found of earlier prompts with these."""
    known = engine.count([prompt for prompt, _ in prompts])
    counts = [count + added for count, (_, added) in zip(known.tokens, prompts, strict=True)]
    rooms = [1 if prompt.labels else prompt.max_tokens for prompt, _ in prompts]
    least = [min(room, MIN_ROOM) for room in rooms]
    both = list(zip(counts, rooms, least, strict=True))
    return replace(
        found,
        prompts=found.prompts + len(prompts),
        choices=found.choices + sum(bool(prompt.labels) for prompt, _ in prompts),
        tokens=found.tokens + sum(counts),
        longest=max(found.longest, *counts),
        room=max(found.room, *rooms),
        shortened=found.shortened + sum(context - room < count <= context - low for count, room, low in both),
        overflowing=found.overflowing + sum(count > context - low for count, _, low in both),
        unformed=found.unformed + known.faults,
        fault=found.fault or known.fault,
        shown=found.shown or known.shown,
    )
