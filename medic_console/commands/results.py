"""A run's results in print: figures, what they say in words, and what may be done next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from medic_console.archive.rows import task_result_of
from medic_console.archive.views import ModelResult, RunView
from medic_console.commands import consoles
from medic_console.commands.figures_json import run_json
from medic_console.commands.output import write_json
from medic_console.commands.results_tables import findings_told, print_results
from medic_console.commands.reviewed import reviewed_json, reviewed_lines
from medic_console.core.errors import sentence
from medic_console.core.naming import told_apart
from medic_console.review.beside import Beside
from medic_console.statistics import words
from medic_console.statistics.aggregates import to_hundred
from medic_console.statistics.gaps import Gap, gaps


def show_results(
    run: RunView,
    results: Sequence[ModelResult],
    archive: Path,
    as_json: bool,
    hints: Sequence[str] = (),
    reviewed: Sequence[Beside] = (),
) -> None:
    """Print a run's results and what they say in words, or both as JSON.

    Args:
        hints: Printed at the end: what may be done next.
        reviewed: What people found, beside the raw figures.
    """
    if as_json:
        record = {**run_json(run, results), "summary": list(summary(results))}
        if reviewed:
            record["reviewed"] = reviewed_json(reviewed)
        write_json(record)
        return
    console = consoles.output()
    head = f"Run {run.id}: {run.status}, {run.counts.total} of {run.total} items"
    console.print(head, style="bold", highlight=False)
    print_results(console, run, results)
    names = told_apart((*run.candidates, *run.judges))
    for line in ("", *summary(results), "", *reviewed_lines(reviewed, names), f"Archive: {archive}"):
        console.print(line, markup=False, highlight=False)
    for hint in (f"Look at every trace: medic-console --archive {archive}", *hints):
        console.print(hint, markup=False, highlight=False)


Names = Mapping[str, str]
"""Titles of models by sha256."""


def summary(results: Sequence[ModelResult]) -> tuple[str, ...]:
    """Return what a run found, one sentence a line."""
    names = told_apart(result.model for result in results)
    lines = [line for result in results for line in _model_lines(result, names)]
    lines += [_against(one, other, names) for one, other in combinations(results, 2)]
    return (*lines, *_standing(results, names))


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
