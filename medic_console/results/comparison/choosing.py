"""Which measures stand for the models: of each task, those on the same items under the same rule.

A model may have been measured on a task in many runs. One run stands for it, never a mixture: the one that lets most
models be compared, on most items; then finished runs before others, larger ones, the newest. A model that is pinned to
a run is a column of its own, for which that run alone stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from medic_console.archive.rows import run_order
from medic_console.archive.views import ModelView
from medic_console.results.measures import Measure, Measures
from medic_console.suite.task import Task

Key = tuple[str, str, str, str]
"""Of a measure: run, task, candidate, judge."""
Items = Callable[[Measure], frozenset[str]]
"""Returns the digests of a measure's items."""


@dataclass(frozen=True, slots=True)
class Field:
    """One task with the measure that stands for each model.

    Attributes:
        measures: By column, in the order of the columns asked for; those without a comparable measure are missing.
        apart: Columns that were measured on the task, but not on these items under this rule.
    """

    task: Task
    measures: Mapping[str, Measure]
    apart: tuple[str, ...] = ()


def measures_for(reader: Measures, models: Sequence[ModelView], runs: Collection[str] = ()) -> list[Measure]:
    """Return the measures that may stand for the columns of a comparison, newest run first.

    Args:
        models: One a column; one that is pinned to a run takes its measures from there alone.
        runs: Runs from which the others take theirs; empty: all.
    """
    columns = {model.column for model in models}
    pins = {model.run for model in models if model.run}
    wanted = {*runs, *pins} if runs or all(model.run for model in models) else ()
    found = []
    for measure in reader.measures({model.sha256 for model in models}, wanted):
        pinned = replace(measure, pinned=True)
        if pinned.column in columns:
            found.append(pinned)
        elif measure.column in columns and (not runs or measure.run in runs):
            found.append(measure)
    return found


def choose(measures: Iterable[Measure], models: Sequence[str], items: Items) -> tuple[Field, ...]:
    """Return one field a task, in the order of the tasks' titles.

    Args:
        measures: Newest run first.
        models: Columns of the models to compare; without a run, a model's sha256.
        items: Asked only for measures that differ in what they rest on.
    """
    by_task: dict[str, list[Measure]] = {}
    for measure in _distinct(measures):
        if measure.column in models:
            by_task.setdefault(measure.task.id, []).append(measure)
    fields = [_field(found, models, items) for found in by_task.values()]
    return tuple(sorted(fields, key=lambda field: field.task.title.casefold()))


def best_measures(measures: Iterable[Measure], model: str) -> dict[str, Measure]:
    """Return the measure that stands for a model alone, by task: finished before others, most items, newest."""
    found: dict[str, Measure] = {}
    for measure in measures:
        if measure.column == model:
            known = found.get(measure.task.id)
            if known is None or (measure.done, measure.items) > (known.done, known.items):
                found[measure.task.id] = measure
    return found


def _distinct(measures: Iterable[Measure]) -> list[Measure]:
    """Keep one of the measures that rest on the same items under the same rule: a finished one, then the newest."""
    found: dict[object, Measure] = {}
    for measure in measures:
        key = (measure.column, measure.rule, measure.outline)
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
    measured = {measure.column for measure in measures}
    apart = tuple(model for model in models if model in measured and model not in chosen)
    ordered = {model: chosen[model] for model in models if model in chosen}
    return Field(next(iter(ordered.values())).task, ordered, apart)


def _around(
    anchor: Measure, measures: Sequence[Measure], models: Sequence[str], known: Mapping[Key, frozenset[str]]
) -> tuple[dict[str, Measure], int]:
    """Return each column's measure that shares most items with the anchor, and how many items all of them share."""
    chosen, common = {anchor.column: anchor}, known[anchor.key]
    for model in models:
        alike = [m for m in measures if m.column == model and m.rule == anchor.rule and known[m.key] & common]
        if alike and model not in chosen:
            chosen[model] = max(
                alike,
                key=lambda m: (len(known[m.key] & common), m.done, m.items, m.run == anchor.run, run_order(m.run)),
            )
            common &= known[chosen[model].key]
    return chosen, len(common)
