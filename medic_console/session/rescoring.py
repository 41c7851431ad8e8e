"""Stored outputs of a run scored anew by the present scorers, held against the stored scores. Nothing is written."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from medic_console.archive.views import ItemRow, TaskView
from medic_console.core.errors import UsageError
from medic_console.core.records import MetricValue, Outcome, Reason, Score
from medic_console.core.units import count
from medic_console.core.visible import one_line
from medic_console.results.reader import Reader
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.session.outputs import of_run
from medic_console.session.scoring import score_all
from medic_console.statistics import words
from medic_console.suite.task import Task

_TEXT = 60
"""Characters of an answer in a line."""


@dataclass(frozen=True, slots=True)
class Change:
    """One item that is scored otherwise now; both ends in words."""

    item: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Rescored:
    """One candidate's task, as stored and as scored now.

    Attributes:
        items: That were held against each other.
        before: Metrics by id, as they are stored.
        made_by: Scorers that made the stored scores, with their versions.
        scorer: The present one.
    """

    task: Task
    items: int
    before: Mapping[str, MetricValue]
    after: Mapping[str, MetricValue]
    made_by: tuple[str, ...]
    scorer: str
    changes: tuple[Change, ...]


def why_not(view: TaskView) -> str:
    """Return why a task's scores cannot be made anew without a model; empty when they can."""
    if view.task.scorer in SCORERS and not view.judge:
        return ""
    return f"{view.task.title} is scored by a judge: only a run with that judge makes its scores anew."


def rescored(archive: Path, run: str, view: TaskView) -> Rescored:
    """Score a task's stored outputs of one candidate by the present scorers.

    Raises:
        ArchiveError: The run or the task is not there.
        UsageError: A judge has to score it, or a file that the scorer needs is gone.
    """
    if reason := why_not(view):
        raise UsageError(reason, "")
    with closing(Reader(archive)) as reader:
        stored = {row.item: row for row in reader.items(run, view.task.id, view.candidate, view.judge)}
        made_by = reader.scorers(run, view.task.id, view.candidate)
    found = score_all(*of_run(archive, run, view.task.id, view.candidate))
    pairs = [(stored[item.id], score) for item, score in zip(found.loaded.items, found.scores, strict=True)]
    pairs = [(row, score) for row, score in pairs if row.outcome or score.reason is not Reason.NO_OUTPUT]
    changes = tuple(Change(row.item, _stored(row), _now(score)) for row, score in pairs if not _same(row, score))
    return Rescored(view.task, len(pairs), view.metrics, found.metrics, tuple(made_by), found.scorer, changes)


def told(found: Rescored) -> Iterator[str]:
    """Yield what changed, line by line: the scorers, each metric before and now, each item that changed."""
    old = ", ".join(found.made_by) or "not stored"
    yield f"stored scores were made by  {one_line(old)}"
    yield f"scored again by             {one_line(found.scorer)}"
    yield ""
    for spec in found.task.metrics:
        before, after = found.before.get(spec.id), found.after.get(spec.id)
        same = before is not None and after is not None and _alike(before.value, after.value)
        ends = f"{_figure(before)}  as before" if same else f"{_figure(before)}  →  {_figure(after)}"
        yield f"{one_line(spec.title)}: {ends}"
    yield ""
    if not found.changes:
        yield f"No item changed: the {count(found.items, 'item')} with an output are scored as they were."
        return
    yield f"{len(found.changes):,} of {count(found.items, 'item')} changed:"
    for change in found.changes:
        yield f"  {one_line(change.item)}: {change.before}  →  {change.after}"
    yield ""
    yield "Nothing was written. A new run keeps scores of the present scorers."


def _figure(found: MetricValue | None) -> str:
    return "–" if found is None else f"{words.figure(found)} of {count(found.n, 'item')}"


def _stored(row: ItemRow) -> str:
    return _said(row.outcome or "no score", row.reason, row.verdict, row.answer, row.values)


def _now(score: Score) -> str:
    return _said(str(score.outcome), str(score.reason or ""), score.verdict, score.answer, score.values)


def _said(outcome: str, reason: str, verdict: str, answer: str, values: Mapping[str, float]) -> str:
    if outcome != Outcome.SCORED:
        return one_line(f"{outcome}{f': {reason}' if reason else ''}")
    figures = ", ".join(f"{name} {words.exact(value)}" for name, value in values.items())
    return one_line(
        " · ".join(part for part in (verdict, f"answer {answer[:_TEXT]}" if answer else "", figures) if part)
    )


def _same(row: ItemRow, score: Score) -> bool:
    if (row.outcome, row.reason) != (str(score.outcome), str(score.reason or "")):
        return False
    return row.values.keys() == score.values.keys() and all(_alike(row.values[k], score.values[k]) for k in row.values)


def _alike(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)
