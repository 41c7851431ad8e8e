"""`run --dry-run`: check everything, show what fits, run nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from medic_console.audit.prepare import Choice, build_plan, known_tasks, warnings_of
from medic_console.audit.sizing import ModelFit, fits
from medic_console.commands import consoles
from medic_console.commands.output import write_json
from medic_console.core.logs import usual_log
from medic_console.core.naming import full, names_json
from medic_console.core.records import Reason
from medic_console.core.units import span
from medic_console.core.visible import plain
from medic_console.engine.protocol.conditions import CACHES
from medic_console.engine.protocol.features import features
from medic_console.engine.sizing.memory import gigabytes
from medic_console.session.estimate import RunTime, run_time

FITS, DO_NOT_FIT = 0, 1
_SHOWN = 600
"""Characters of a prompt's beginning and end; `--json` gives all."""
_ELSEWHERE = "what fits, and how long it takes, is told of this machine; the cluster was not asked."


@dataclass(frozen=True, slots=True)
class Probe:
    """That models are probed for how long the run takes.

    Attributes:
        archive: Its answers say how long answers are.
        again: Also those that were probed before.
    """

    archive: Path
    again: bool = False


def show_fit(choice: Choice, as_json: bool, probe: Probe | None = None, elsewhere: bool = False) -> int:
    """Print each model's limits and how its prompts fit; return 1 when some do not, else 0.

    Args:
        probe: Tells how long the run takes, too; None loads no model.
        elsewhere: The models would run on a cluster, to which nothing is said here.

    Raises:
        UsageError: Something cannot be used.
        EngineError: A model file cannot be loaded.
    """
    plan = build_plan(choice, known_tasks().tasks)
    found = list(fits(plan, usual_log()))
    warnings = [*warnings_of(plan), *([_ELSEWHERE] if elsewhere else [])]
    time = None
    if probe is not None:
        tell = partial(consoles.errors().print, style="dim")
        time = run_time(plan, found, probe.archive, usual_log(), again=probe.again, tell=tell)
    if as_json:
        document = {"warnings": warnings, "models": [_json(fit) for fit in found]}
        write_json("dry-run", {**document, "time": _time_json(time)} if time else document)
        return _code(found)
    console = consoles.output()
    for warning in warnings:
        console.print(f"! {warning}", style="yellow", markup=False, highlight=False)
    for fit in found:
        _print(console, fit)
    if time is not None:
        _print_time(console, time)
    return _code(found)


def _code(found: Sequence[ModelFit]) -> int:
    return DO_NOT_FIT if any(task.overflowing or task.unformed for fit in found for task in fit.tasks) else FITS


def _print(console: Console, fit: ModelFit) -> None:
    title = f"\n{fit.role} {full(fit.model)}  {fit.model.quantisation}: context {fit.context:,} x {fit.parallel}"
    console.print(title, style="bold", markup=False, highlight=False)
    for place in fit.places:
        free = f" of {gigabytes(place.free)} that are free" if place.free else ""
        console.print(f"{place.name}: about {place.shown()}{free}", markup=False, highlight=False)
    console.print(f"offload: {features().shown()}", markup=False, highlight=False)
    for reason in fit.reasons:
        console.print(reason, markup=False, highlight=False)
    for note in fit.notes:
        console.print(f"! {note}", style="yellow", markup=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("task")
    for name in ("prompts", "fit", "answer shortened", "do not fit", "not formed", "longest", "answer"):
        table.add_column(name, justify="right")
    table.add_column("cache")
    for task in fit.tasks:
        kinds = (task.prompts, task.fitting, task.shortened, task.overflowing, task.unformed)
        numbers = (*kinds, task.longest, task.room)
        table.add_row(task.task, *(f"{number:,}" for number in numbers), task.cache)
    console.print(table)
    for kind in dict.fromkeys(task.cache for task in fit.tasks):
        console.print(f"{kind}: {CACHES[kind]}", highlight=False)
    for warning in _warnings(fit):
        console.print(f"! {warning}", style="yellow", markup=False, highlight=False)
    shown = next((task for task in fit.tasks if task.shown), None)
    if shown is not None:
        console.print(f"first prompt of {shown.task}, as the model gets it:", markup=False, highlight=False)
        console.print(Padding(Text(_short(shown.shown), "dim"), (0, 0, 0, 2)))


def _print_time(console: Console, time: RunTime) -> None:
    for one in time.models:
        console.print(f"\n{one.told}", style="bold")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("task", "takes", "because"):
            table.add_column(name)
        for task in one.tasks:
            table.add_row(task.task, span(task.least, task.most), task.why)
        console.print(table)
    console.print(f"\n{time.told}", style="bold")
    for note in time.notes:
        console.print(note)


def _time_json(time: RunTime) -> dict[str, object]:
    return {
        "told": time.told,
        "least_seconds": time.least,
        "most_seconds": time.most,
        "notes": list(time.notes),
        "models": [
            {
                "sha256": one.model.sha256,
                "role": one.role,
                "read_tokens_per_second": one.speed.read,
                "write_tokens_per_second": one.speed.write or None,
                "load_seconds": one.speed.load,
                "parallel": one.speed.parallel,
                "measured": one.speed.measured,
                "tasks": [
                    {"task": task.task, "least_seconds": task.least, "most_seconds": task.most, "why": task.why}
                    for task in one.tasks
                ],
            }
            for one in time.models
        ],
    }


def _warnings(fit: ModelFit) -> Iterator[str]:
    """Yield what keeps prompts from being answered, and what to do."""
    for task in fit.tasks:
        if task.overflowing:
            yield (
                f"{task.task}: {task.overflowing:,} of {task.prompts:,} prompts do not fit the context of "
                f"{fit.context:,}: their items would be unscored ({Reason.CONTEXT_OVERFLOW}). "
                f"All fit with --context {task.longest + task.room}, where the model was trained for it."
            )
        if task.unformed:
            yield (
                f"{task.task}: {task.unformed:,} of {task.prompts:,} prompts cannot be formed, "
                f"their items would fail: {task.fault}"
            )


def _short(text: str) -> str:
    """Return a prompt with its middle left out where it is long: the marks of a template stand at its ends."""
    if len(text) <= 2 * _SHOWN:
        return plain(text)
    return plain(f"{text[:_SHOWN]}\n… {len(text) - 2 * _SHOWN:,} characters …\n{text[-_SHOWN:]}")


def _json(fit: ModelFit) -> dict[str, object]:
    return {
        **names_json(fit.model),
        "sha256": fit.model.sha256,
        "role": fit.role,
        "context": fit.context,
        "parallel": fit.parallel,
        "gpu_layers": fit.gpu_layers,
        "memory_bytes": {
            "total": sum(place.total for place in fit.places),
            "weights": sum(place.weights for place in fit.places),
            "kv": sum(place.cache for place in fit.places),
        },
        "places": [
            {
                "place": place.name,
                "layers": place.layers,
                "total_bytes": place.total,
                "weights_bytes": place.weights,
                "kv_bytes": place.cache,
                "compute_bytes": place.compute,
                "free_bytes": place.free,
            }
            for place in fit.places
        ],
        "reasons": list(fit.reasons),
        "notes": list(fit.notes),
        "tasks": [
            {
                "task": task.task,
                "prompts": task.prompts,
                "fit": task.fitting,
                "longest": task.longest,
                "answer": task.room,
                "shortened": task.shortened,
                "overflowing": task.overflowing,
                "unformed": task.unformed,
                "fault": task.fault,
                "cache": task.cache,
                "prompt": task.shown,
            }
            for task in fit.tasks
        ],
    }
