"""The task list of the live view, and what is said of its marked task."""

from __future__ import annotations

from medic_console.archive.views import ModelResult, TaskView
from medic_console.console.live_state import LiveState
from medic_console.console.marks import beside, provisional_note
from medic_console.console.text import one_line
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.records import Counts
from medic_console.statistics import words
from medic_console.suite.task import Task

COLUMNS = (
    Column("", 1),
    Column("Task", least=9),
    Column("Done", 11, right=True),
    Column("Value [95 %]", 15, right=True),
    Column("Ans.", 4, right=True),
)


def task_rows(state: LiveState, candidate: str, result: ModelResult | None) -> list[Row]:
    """Return one row a task of a candidate: glyph, title, scores, the main metric with its interval, share answered.

    Scores are as new as the state; figures as new as `result`.
    """
    views = {view.task.id: view for view in result.tasks} if result else {}
    rows: list[Row] = []
    for one in state.outline.tasks:
        done = state.by_task.get((candidate, one.task.id), Counts()).total
        cells: list[str | Cell] = [
            _glyph(done, one.scores),
            Cell(one.task.title, bold=True),
            f"{done:,}/{one.scores:,}",
            *_figures(views.get(one.task.id)),
        ]
        rows.append((one.task.id, cells))
    return rows


def _glyph(done: int, total: int) -> Cell:
    if done >= total:
        return Cell("✓", "score-scored")
    return Cell("▶", "run-running") if done else Cell("·", "score-waiting")


def _figures(view: TaskView | None) -> tuple[str, str]:
    if view is None or view.primary.value is None:
        return "–", "–"
    return words.marked(view.primary, 0), words.share_short(view.primary)


def told(task: Task, view: TaskView | None, narrow: bool) -> str:
    """Return what the row of a task has no room for: its metric, the figure of those answered, chance.

    Args:
        view: Its figures; None before there are any.
        narrow: The dimensions, below which provisional figures are explained, are out of sight.
    """
    parts = [task.primary_metric.title]
    if view is not None:
        parts += [beside(view.primary), provisional_note([("", view.primary)]) if narrow else ""]
    return " · ".join(part for part in parts if part)


def doubt(result: ModelResult | None) -> str:
    """Return why figures of a candidate are provisional; empty when none is."""
    return provisional_note([(one_line(view.task.title), view.primary) for view in result.tasks]) if result else ""
