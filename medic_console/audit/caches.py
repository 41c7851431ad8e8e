"""Which kind of key-value cache a task's prompts ask for: one for all sequences, or one of its own for each.

In one cache every token attends over what all sequences hold and masks the others out; what they share is read once
for all of them. In caches of their own a token attends over its own sequence alone. Measured with SmolLM2-135M at
eight sequences on a processor, with the loop of `benchmarks/caches.py`: prompts of 1,100 tokens without a common
beginning are read 1.4 times faster in caches of their own; answers to prompts that differ in their last 30 tokens are
written 1.3 times faster in one cache without flash attention. A judge asks about few texts one after the other: it goes
on behind each in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from medic_console.audit.plan import Plan
from medic_console.core.beginnings import common_beginning
from medic_console.core.errors import UsageError
from medic_console.core.records import QUALIFICATION, Prompt
from medic_console.core.run_settings import AUTO, MEASURED, RunSettings
from medic_console.engine.protocol.port import STREAMS, UNIFIED
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt

LOOKED_AT = 16
"""Items of a task whose prompts are compared with each other."""
LONG = 2_000
"""Characters of a common beginning, about 500 tokens, below which it does not matter where it lies."""
OWN = 0.6
"""Most that the sequences of one cache may hold beside what all share, in lengths of a prompt."""
USUAL = 8
"""Sequences where nobody named a number."""
WORTH = 400
"""Characters of a common beginning below which one cache is not tried where the kind is measured."""


def candidates_cache(loaded: LoadedTask, plan: Plan) -> str:
    """Return the kind of cache for a task's prompts: from their texts alone, the same on any machine, or as measured.

    A judge is qualified in the cache in which it judges.
    """
    settings = plan.settings
    if settings.sequential or plan.kind == QUALIFICATION:
        return judges_cache(settings)
    if settings.cache not in (AUTO, MEASURED):
        return UNIFIED if settings.cache == UNIFIED or loaded.task.id in tasks_of(settings.cache) else STREAMS
    prompts = _first(loaded, settings)
    if any(prompt.labels for prompt in prompts):
        return STREAMS
    common, share = begun_alike(prompts)
    if common < LONG:
        return STREAMS
    others = (settings.parallel or USUAL) - 1
    # what one sequence holds alone, times the others
    return UNIFIED if (1.0 - share) * others <= OWN else STREAMS


def in_question(loaded: LoadedTask, plan: Plan) -> bool:
    """Tell whether one cache may be the faster one: answers are written, and prompts have a common beginning."""
    if plan.settings.sequential or plan.kind == QUALIFICATION:
        return False
    prompts = _first(loaded, plan.settings)
    return not any(prompt.labels for prompt in prompts) and begun_alike(prompts)[0] >= WORTH


def _first(loaded: LoadedTask, settings: RunSettings) -> list[Prompt]:
    return [item_prompt(loaded.task, item, loaded.shared, "", settings.seed) for item in loaded.items[:LOOKED_AT]]


def judges_cache(settings: RunSettings) -> str:
    """Return the kind of cache for a judge's prompts."""
    if settings.sequential:
        return UNIFIED
    return UNIFIED if settings.cache == UNIFIED else STREAMS


def tasks_of(cache: str) -> tuple[str, ...]:
    """Return the ids of the tasks that a setting of the cache names; none where it names kinds alone."""
    kind, _, tasks = cache.partition(":")
    return tuple(tasks.split(",")) if kind == UNIFIED and tasks else ()


def check_cache(settings: RunSettings, tasks: Iterable[str]) -> None:
    """Check what was said of the cache.

    Args:
        tasks: Ids of the tasks of the run.

    Raises:
        UsageError: It names a task that the run does not have, or would be measured for a part.
    """
    known = set(tasks)
    if unknown := [task for task in tasks_of(settings.cache) if task not in known]:
        raise UsageError(
            f"--cache {settings.cache} names {', '.join(unknown)}, which this run does not have.",
            f"Name some of its tasks: {', '.join(tasks)}.",
        )
    if settings.cache == MEASURED and settings.shard:
        raise UsageError(
            f"--cache {MEASURED} is what this machine does best, and the parts of a run are all asked alike.",
            "Leave --cache out, or name the kind.",
        )


def begun_alike(prompts: Sequence[Prompt]) -> tuple[float, float]:
    """Return how much of a prompt begins as the one before it: mean characters, and their share of all, 0 to 1."""
    texts = ["\n".join(message.content for message in prompt.messages) for prompt in prompts]
    common = [common_beginning(one, other) for one, other in pairwise(texts)]
    if not common:
        return 0.0, 0.0
    return sum(common) / len(common), sum(common) / max(1, sum(map(len, texts[1:])))
