"""A run in words: gaps, findings, who is ahead on how many tasks, and whose figures are provisional."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from medic_console.archive.rows import task_result_of
from medic_console.archive.views import ModelResult, RunView
from medic_console.core import offline
from medic_console.core.errors import sentence
from medic_console.core.naming import told_apart
from medic_console.results.task_lines import findings_told
from medic_console.statistics import words
from medic_console.statistics.aggregates import to_hundred
from medic_console.statistics.gaps import Gap, gaps

Names = Mapping[str, str]
"""Titles of models by sha256."""


def summary(results: Sequence[ModelResult]) -> tuple[str, ...]:
    """Return what a run found, one sentence a line."""
    names = told_apart(result.model for result in results)
    lines = [line for result in results for line in [*_model_lines(result, names)] or [_silent(result, names)]]
    lines += [_against(one, other, names) for one, other in combinations(results, 2)]
    return (*lines, *_standing(results, names))


def run_in_words(run: RunView, results: Sequence[ModelResult]) -> tuple[str, ...]:
    """Return what a run found and what is proved of the network meanwhile, one sentence a line."""
    network = offline.in_words(run.network)
    return (*summary(results), *((network,) if network else ()))


def _model_lines(result: ModelResult, names: Names) -> Iterator[str]:
    titles, name = {view.task.id: view.task.title for view in result.tasks}, names[result.model.sha256]
    for gap in gaps([task_result_of(view) for view in result.tasks]).values():
        if gap.value is not None:
            yield f"{name} {_gap(gap, ', '.join(titles[name] for name in gap.tasks))}"
    for view in result.tasks:
        if view.findings:
            examined = f"{view.counts.scored:,} text{'' if view.counts.scored == 1 else 's'} examined"
            told = f"{findings_told(view.findings)}{words.mark(view.primary)}"
            yield f"{name}, {view.task.title}: {examined}: {told}."


def _silent(result: ModelResult, names: Names) -> str:
    """Return why nothing is told of a model: the tasks of this run make no gap, and list no findings."""
    if not any(view.counts.total for view in result.tasks):
        return f"{names[result.model.sha256]}: no item is finished."
    tasks = ", ".join(view.task.title for view in result.tasks)
    return (
        f"{names[result.model.sha256]}: no gap between kinds of tasks can be told of {tasks}; its figures say it all."
    )


def _gap(gap: Gap, tasks: str) -> str:
    """Return "knows more than it carries out: knowledge to execution 74 → 41, −33 [−45, −20] points (MedQA, ...)."."""
    said = words.gap_meaning(gap) if gap.sure else f"shows {words.gap_meaning(gap)}"
    answered = f"; {told}" if (told := words.gap_answered(gap)) else ""
    return f"{said}: {gap.title.lower()} {words.gap(gap)} points ({tasks}{answered})."


def _against(one: ModelResult, other: ModelResult, names: Names) -> str:
    """Return on how many tasks a model is ahead; equal and unscored tasks count for neither."""
    pairs = zip(_figures(one), _figures(other), strict=True)
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    ahead, behind = sum(a.value > b.value for a, b in known), sum(a.value < b.value for a, b in known)
    doubted = sum(bool(a.provisional or b.provisional) for a, b in known)
    rests = f" ({doubted} of the {len(known)} by a provisional judge{words.PROVISIONAL})" if doubted else ""
    first, second = names[one.model.sha256], names[other.model.sha256]
    if not known:
        return f"{first} and {second} have no task on which both have a figure."
    return (
        f"{first} is ahead of {second} on {ahead} of {len(known)} tasks and behind on {behind}{rests}; "
        "whether by more than chance: medic-console compare."
    )


@dataclass(frozen=True, slots=True)
class _Headline:
    value: float
    provisional: str


def _figures(result: ModelResult) -> list[_Headline | None]:
    """Return each task's headline on 0 to 100; None where there is none."""
    mapped = ((to_hundred(task_result_of(view)), view.primary.provisional) for view in result.tasks)
    return [_Headline(on.value, why) if on is not None and on.value is not None else None for on, why in mapped]


def _standing(results: Sequence[ModelResult], names: Names) -> Iterator[str]:
    """Tell once of each judge whose figures are provisional."""
    doubted: dict[str, list[str]] = {}
    for result in results:
        for view in result.tasks:
            if view.primary.provisional:
                doubted.setdefault(view.primary.provisional, []).append(
                    f"{names[result.model.sha256]}, {view.task.title}"
                )
    for why, places in doubted.items():
        yield sentence(f"Provisional{words.PROVISIONAL} ({'; '.join(places)}): {why}")
