"""What a comparison writes to files: every number of a pair on each task, and of each model for each use case."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.console.compare.rows import letter_names
from medic_console.console.marks import FIGURE_LABELS, figure_values
from medic_console.results.comparison.compare import Comparison, PairKey
from medic_console.results.comparison.pairs import PairResult
from medic_console.results.comparison.portfolio import CaseResult, Finding
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.export import Sheet, Value

_PAIR = (
    *("difference", "difference low", "difference high", "common items", "p", "p Holm"),
    *("better", "worse", "ties", "left out", "verdict"),
)
_FINDING = (
    *("use case", "model", "standing", "task", "metric", "better", "threshold"),
    *("standing of the metric", "doubts", *FIGURE_LABELS, "run", "sample items"),
)


def pair_sheet(found: Comparison, key: PairKey) -> Sheet:
    """Return one row a task: both models' figures and their paired difference."""
    names = letter_names(found)
    sides = [f"{names[model]} {label}" for model in key for label in FIGURE_LABELS]
    title = f"compare {names[key[0]]} {names[key[1]]}"
    rows = [_pair_row(task, key, found.result(task.task.id, key)) for task in found.tasks]
    return Sheet(title, ("task", "title", "metric", "better values", "unit", *sides, *_PAIR), rows)


def _pair_row(task: TaskValues, key: PairKey, result: PairResult | None) -> list[Value]:
    values = [task.values.get(model) for model in key]
    unit = next((value.unit for value in values if value is not None), "")
    row: list[Value] = [task.task.id, task.task.title, task.metric.id, task.metric.better, unit]
    for value in values:
        row += figure_values(value)
    difference = result.difference if result else None
    if result is None or difference is None:
        return row + [None] * len(_PAIR)
    verdict = str(result.equivalence.verdict) if result.equivalence else None
    row += [difference.value, difference.low, difference.high, difference.n, difference.p, result.p_holm]
    return [*row, result.better, result.worse, difference.ties, sum(result.left_out.values()), verdict]


def portfolio_sheet(cases: tuple[CaseResult, ...], names: Mapping[str, str]) -> Sheet:
    """Return one row a requirement of a use case and model.

    Args:
        names: Of the columns.
    """
    rows = [
        [case.case.id, names[one.model], str(one.standing), *_finding(found)]
        for case in cases
        for one in case.candidacies
        for found in one.findings
    ]
    return Sheet("portfolio", _FINDING, rows)


def _finding(found: Finding) -> list[Value]:
    asked = found.requirement
    head: list[Value] = [asked.task, asked.metric, asked.better, asked.threshold, str(found.standing)]
    return [*head, "; ".join(found.doubts), *figure_values(found.value), found.run, "yes" if found.sample else "no"]
