"""Which tasks share one cache where that is measured: some of their own prompts are answered in both kinds.

What a task's texts say of it (`audit.caches`) is the same on any machine; what is measured holds for the machine that
measured. It is stored as the setting of the run, so that a resumed or repeated one asks as this one did.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path

from medic_console.audit.caches import candidates_cache, in_question
from medic_console.audit.plan import Plan
from medic_console.core.digest import digest
from medic_console.core.logs import usual_log
from medic_console.core.naming import called
from medic_console.core.records import QUALIFICATION, Prompt
from medic_console.core.run_settings import MEASURED
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import STREAMS, UNIFIED, Engine, Finished, Text
from medic_console.session.models import start_model
from medic_console.session.probe import Speed, key_of, usual_speeds, utc_now
from medic_console.suite.items import LoadedTask
from medic_console.suite.prompts import item_prompt

PROMPTS = 8
"""Of a task, answered in each kind of cache."""
WRITTEN = 48
"""Most tokens of each answer."""
CLEAR = 0.05
"""Share of the time by which one kind must be faster; below it the texts decide, as on any machine."""


def with_measured_caches(
    plan: Plan, log: Path | None = None, tell: Callable[[str], object] = lambda text: None
) -> Plan:
    """Return a plan that says which tasks share one cache, where its settings ask for measuring that.

    Models are loaded, once for each kind, unless the same prompts were answered before by the same file and build in
    the same layout on this machine.

    Args:
        tell: Hears what is being done, and for each task what was found.

    Raises:
        UsageError: A setting does not fit a model.
        EngineError: A model cannot be loaded, or died.
    """
    if plan.settings.cache != MEASURED or plan.settings.sequential or plan.kind == QUALIFICATION:
        return plan
    models = [model for model in plan.candidates if model.served is None]
    asked = {loaded.task.id: _prompts(loaded, plan) for loaded in plan.tasks if in_question(loaded, plan)}
    asked = asked if models else {}
    if not asked:
        tell("Nothing is measured: no model in a file writes answers to prompts with a common beginning.")
    taken = {task: [0.0, 0.0] for task in asked}  # in one cache, in a cache each
    for model in models if asked else ():
        for place, cache in enumerate((UNIFIED, STREAMS)):
            speeds = list(_speeds(model, plan, cache, list(asked.values()), log or usual_log(), tell))
            for task, speed in zip(asked, speeds, strict=True):
                taken[task][place] += seconds(speed, asked[task])
    chosen = {
        loaded.task.id: _chosen(loaded.task.id, taken[loaded.task.id], candidates_cache(loaded, plan), tell)
        for loaded in plan.tasks
        if loaded.task.id in taken
    }
    one = ",".join(task for task, cache in chosen.items() if cache == UNIFIED)
    return replace(plan, settings=replace(plan.settings, cache=f"{UNIFIED}:{one}" if one else STREAMS))


def seconds(speed: Speed, prompts: Sequence[Prompt]) -> float:
    """Return how long prompts take with answers of half the length that they may have, at the pace of a measurement.

    Args:
        speed: `read` is in prompts a second, what they share included; `write` in tokens a second of all together.
    """
    length = sum(prompt.max_tokens for prompt in prompts) / 2
    return len(prompts) / speed.read + (length / speed.write if speed.write else 0.0)


def _chosen(task: str, taken: Sequence[float], by_texts: str, tell: Callable[[str], object]) -> str:
    one, each = taken
    faster = UNIFIED if one < each else STREAMS
    clear = abs(one - each) > CLEAR * max(one, each)
    cache, why = (faster, "faster here") if clear else (by_texts, "no clear difference, as its texts ask for")
    words = "one cache" if cache == UNIFIED else "a cache each"
    tell(f"{task}, first prompts: about {one:.1f} s in one cache, {each:.1f} s in a cache each: {words} ({why}).")
    return cache


def _prompts(loaded: LoadedTask, plan: Plan) -> list[Prompt]:
    """Return a task's first prompts, each with the room for an answer that the task gives."""
    items = islice(loaded.items, PROMPTS)
    return [item_prompt(loaded.task, item, loaded.shared, f"{loaded.task.id} {n}") for n, item in enumerate(items)]


def _speeds(
    model: ModelFile,
    plan: Plan,
    cache: str,
    asked: Sequence[Sequence[Prompt]],
    log: Path,
    tell: Callable[[str], object],
) -> Iterator[Speed]:
    """Yield how fast each group of prompts is answered; the model is loaded only where one is not known."""
    known, settings = usual_speeds(), replace(plan.settings, thinking_budget=0)
    laid_out = key_of(model, settings, cache)
    keys = [digest([laid_out, [[m.content for m in p.messages] for p in group], WRITTEN]) for group in asked]
    found = [known.get(key) if laid_out else None for key in keys]
    if all(found):
        yield from (speed for speed in found if speed is not None)
        return
    words = "one cache for all sequences" if cache == UNIFIED else "a cache for each sequence"
    tell(f"{called(model)}: answering up to {PROMPTS} prompts of each task in {words}.")
    begun = time.monotonic()
    with closing(start_model(model, settings, cache, log)) as engine:
        load = time.monotonic() - begun
        for key, group in zip(keys, asked, strict=True):
            speed = _measured(engine, group, load)
            if laid_out:
                known.keep(key, speed)
            yield speed


def _measured(engine: Engine, prompts: Sequence[Prompt], load: float) -> Speed:
    """Have prompts answered, and tell their reading, until the first word of the last one, from what comes after."""
    short = [replace(prompt, max_tokens=min(WRITTEN, prompt.max_tokens)) for prompt in prompts]
    waiting = {prompt.id for prompt in short}
    begun = read = last = time.monotonic()
    tokens = 0
    engine.submit(short)
    for event in engine.events():
        if isinstance(event, Text):
            tokens += 0 if waiting else event.tokens
            name = event.prompt_id
        elif isinstance(event, Finished):
            name = event.prompt_id
        else:
            continue
        last = time.monotonic()
        if name in waiting:
            waiting.discard(name)
            read = last
    writing = last - read
    pace = tokens / writing if tokens and writing > 0 else 0.0
    return Speed(len(short) / max(read - begun, 1e-6), pace, load, engine.granted.parallel, utc_now())
