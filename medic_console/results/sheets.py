"""What is written to files: numbers of tasks, items, pairs of models and use cases; all front ends export these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from medic_console import __version__
from medic_console.archive.views import ItemRow, ModelView, RunView, TaskView
from medic_console.core.naming import told_apart
from medic_console.core.records import Figure, MetricValue
from medic_console.results.comparison.compare import Comparison, PairKey
from medic_console.results.comparison.models import letters
from medic_console.results.comparison.pairs import PairResult
from medic_console.results.comparison.portfolio import CaseResult, Finding
from medic_console.results.comparison.tasks import TaskValues
from medic_console.results.export import MadeRows, Sheet, Value
from medic_console.results.flat import rows as flat_rows
from medic_console.results.flat import view_records, whose
from medic_console.results.item_kinds import key_in_words
from medic_console.suite.task import Task

FIGURE_LABELS = (
    *("value", "low", "high", "n"),
    *("answered value", "answered low", "answered high", "answered n"),
    *("share answered", "share low", "share high", "chance", "provisional"),
)
"""Labels of `figure_values` in a file."""
_PAIR = (
    *("difference", "difference low", "difference high", "common items", "p", "p Holm"),
    *("better", "worse", "ties", "left out", "verdict"),
)
_FINDING = (
    *("use case", "model", "standing", "task", "metric", "better", "threshold"),
    *("standing of the metric", "doubts", *FIGURE_LABELS, "run", "sample items"),
)


_SIDE = ("model", "model_sha256", "run", "judge")
_MADE = ("task_version", "protocol", "medic_console")
"""Labels of what a row was made with; the last is the program's version."""


def pair_sheet(found: Comparison, key: PairKey) -> Sheet:
    """Return one row a task: both models' figures and their paired difference."""
    names = letters(found.models)
    sides = [f"{names[model]} {label}" for model in key for label in FIGURE_LABELS]
    title = f"compare {names[key[0]]} {names[key[1]]}"
    models = {one.column: one for one in found.models}
    titles = told_apart(found.models)
    rows = [
        [
            *_pair_row(task, key, found.result(task.task.id, key)),
            *(cell for model in key for cell in _side(task, models[model], titles)),
            task.task.version,
            _protocol(task.task),
            __version__,
        ]
        for task in found.tasks
    ]
    columns = ("task", "title", "metric", "better values", "unit", *sides, *_PAIR)
    who = [f"{names[model]} {label}" for model in key for label in _SIDE]
    return Sheet(title, (*columns, *who, *_MADE), rows)


def _side(task: TaskValues, model: ModelView, titles: Mapping[str, str]) -> list[Value]:
    """Return whose figures a side's are: model, digest, run, and who judged."""
    measure = task.measures.get(model.column)
    run, judge = (measure.run, measure.judged_by) if measure is not None else ("", "")
    return [titles[model.sha256], model.sha256, run, judge]


def _protocol(task: Task) -> str:
    """Return the protocol of the cross-examination, else how a judge examines; empty without one."""
    return "" if task.judge is None else str(getattr(task.judge, "protocol", task.judge.method))


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


def task_sheet(title: str, views: Sequence[TaskView]) -> Sheet:
    """Return tasks for a file: every number of the main metric of each."""
    columns = ("task", "title", "judge", "metric", *FIGURE_LABELS, "unit", "note", "scored", "unscored", "failed")
    return Sheet(title, columns, [_metric_row(view) for view in views])


def _metric_row(view: TaskView) -> list[Value]:
    found, counts = view.primary, view.counts
    head: list[Value] = [view.task.id, view.task.title, view.judge, found.id, *figure_values(found)]
    return [*head, found.unit, found.note, counts.scored, counts.unscored, counts.failed]


def run_sheet(title: str, run: RunView, views: Sequence[TaskView]) -> Sheet:
    """Return every figure of tasks of a run, those of each judge of a panel too, with whose it is and how it was made.

    Args:
        views: Of any of the run's models.
    """
    found = [
        {**row, "protocol": _protocol(view.task), "medic_console": __version__}
        for view in views
        for row in flat_rows(view_records(run, view))
    ]
    columns = list(found[0]) if found else ["run"]
    return Sheet(title, columns, [[row[name] for name in columns] for row in found])


def item_sheet(title: str, run: RunView, view: TaskView, rows: Sequence[ItemRow]) -> Sheet:
    """Return items for a file, one column for each value that any of them has.

    Args:
        run: The items' run.
        view: The items' task, model and judge.

    Values of an item that the model left without an answer are the worst ones: they count so in the headline.
    """
    names = list(dict.fromkeys(name for row in rows for name in row.values))
    columns = ["position", "item", "outcome", "reason", "truncated", "verdict", "answer", "key", "question", *names]
    who = asdict(whose(run, view.candidate, view.judge))
    made: list[Value] = [view.task.id, *who.values(), view.primary.provisional]
    made += [view.task.version, _protocol(view.task), __version__]

    def cells(row: ItemRow) -> list[Value]:
        return [*_ended(row), *(row.values.get(name) for name in names), *made]

    return Sheet(title, [*columns, "task", *who, "provisional", *_MADE], MadeRows(rows, cells))


def _ended(row: ItemRow) -> list[Value]:
    cut = "yes" if row.truncated else "no"
    asked: list[Value] = [key_in_words(row.gold), row.question]
    return [row.position, row.item, row.outcome, row.reason, cut, row.verdict, row.answer, *asked]


def figure_values(found: MetricValue | None) -> list[Value]:
    """Return all numbers of a metric for a file, under `FIGURE_LABELS`; nothing but gaps without one."""
    if found is None:
        return [None] * len(FIGURE_LABELS)
    answered, share = found.answered or Figure(None), found.share or Figure(None)
    given: Sequence[Value] = (answered.value, answered.low, answered.high, answered.n if found.answered else None)
    shares: Sequence[Value] = (share.value, share.low, share.high)
    doubt = found.provisional or None
    return [found.value, found.low, found.high, found.n, *given, *shares, found.chance, doubt]
