"""Which measures stand for the models: of each task, those on the same items under the same rule.

A model may have been measured on a task in many runs. One run stands for it, never a mixture: the one that lets most
models be compared, on most items; then finished runs before others, larger ones, the newest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from medic_console.archive.measures import Measure
from medic_console.suite.task import Task

Key = tuple[str, str, str, str]
"""Of a measure: run, task, candidate, judge."""
Items = Callable[[Measure], frozenset[str]]
"""Returns the digests of a measure's items."""


@dataclass(frozen=True, slots=True)
class Field:
    """One task with the measure that stands for each model.

    Attributes:
        measures: By model, in the order of the models asked for; models without a comparable measure are missing.
        apart: Models that were measured on the task, but not on these items under this rule.
    """

    task: Task
    measures: Mapping[str, Measure]
    apart: tuple[str, ...] = ()


def choose(measures: Iterable[Measure], models: Sequence[str], items: Items) -> tuple[Field, ...]:
    """Return one field a task, in the order of the tasks' titles.

    Args:
        measures: Newest run first.
        models: sha256 of the models to compare.
        items: Asked only for measures that differ in what they rest on.
    """
    by_task: dict[str, list[Measure]] = {}
    for measure in _distinct(measures):
        if measure.candidate in models:
            by_task.setdefault(measure.task.id, []).append(measure)
    fields = [_field(found, models, items) for found in by_task.values()]
    return tuple(sorted(fields, key=lambda field: field.task.title.casefold()))


def best_measures(measures: Iterable[Measure], model: str) -> dict[str, Measure]:
    """Return the measure that stands for a model alone, by task: finished before others, most items, newest."""
    found: dict[str, Measure] = {}
    for measure in measures:
        if measure.candidate == model:
            known = found.get(measure.task.id)
            if known is None or (measure.done, measure.items) > (known.done, known.items):
                found[measure.task.id] = measure
    return found


def _distinct(measures: Iterable[Measure]) -> list[Measure]:
    """Keep one of the measures that rest on the same items under the same rule: a finished one, then the newest."""
    found: dict[object, Measure] = {}
    for measure in measures:
        key = (measure.candidate, measure.rule, measure.outline)
        if key not in found or (measure.done and not found[key].done):
            found[key] = measure
    return list(found.values())


def _field(measures: Sequence[Measure], models: Sequence[str], items: Items) -> Field:
    known = {measure.key: items(measure) for measure in measures}
    tried = []
    for anchor in measures:
        chosen, common = _around(anchor, measures, models, known)
        done = sum(measure.done for measure in chosen.values())
        size = sum(measure.items for measure in chosen.values())
        tried.append(((len(chosen), common, done, size, anchor.run), chosen))
    chosen = max(tried, key=lambda entry: entry[0])[1]
    measured = {measure.candidate for measure in measures}
    apart = tuple(model for model in models if model in measured and model not in chosen)
    ordered = {model: chosen[model] for model in models if model in chosen}
    return Field(next(iter(ordered.values())).task, ordered, apart)


def _around(
    anchor: Measure, measures: Sequence[Measure], models: Sequence[str], known: Mapping[Key, frozenset[str]]
) -> tuple[dict[str, Measure], int]:
    """Return each model's measure that shares most items with the anchor, and how many items all of them share."""
    chosen, common = {anchor.candidate: anchor}, known[anchor.key]
    for model in models:
        alike = [m for m in measures if m.candidate == model and m.rule == anchor.rule and known[m.key] & common]
        if alike and model not in chosen:
            chosen[model] = max(
                alike, key=lambda m: (len(known[m.key] & common), m.done, m.items, m.run == anchor.run, m.run)
            )
            common &= known[chosen[model].key]
    return chosen, len(common)
