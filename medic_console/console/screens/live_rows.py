"""The task list of the live view."""

from __future__ import annotations

from medic_console.archive.views import ModelResult, TaskView
from medic_console.console.figures import interval
from medic_console.console.live_state import LiveState
from medic_console.console.widgets.table import Cell, Row
from medic_console.records import Counts


def task_rows(state: LiveState, candidate: str, result: ModelResult | None) -> list[Row]:
    """Return one row a task of a candidate: glyph, title, scores and the main metric with its interval.

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
            _value(views.get(one.task.id)),
        ]
        rows.append((one.task.id, cells))
    return rows


def _glyph(done: int, total: int) -> Cell:
    if done >= total:
        return Cell("✓", "score-scored")
    return Cell("▶", "run-running") if done else Cell("·", "score-waiting")


def _value(view: TaskView | None) -> str:
    if view is None:
        return "–"
    return interval(view.primary.value, view.primary.low, view.primary.high)
