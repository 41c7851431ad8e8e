"""The task list of the live view."""

from __future__ import annotations

from medic_console.archive.views import ModelResult, TaskView
from medic_console.console.figures import interval
from medic_console.console.widgets.table import Cell, Row
from medic_console.plan import Plan


def task_rows(plan: Plan, result: ModelResult | None) -> list[Row]:
    """Return one row a task: glyph, title, progress and the main metric with its interval."""
    views = {view.task.id: view for view in result.tasks} if result else {}
    rows: list[Row] = []
    for loaded in plan.tasks:
        view = views.get(loaded.task.id)
        done = view.counts.total if view else 0
        total = len(loaded.items)
        cells: list[str | Cell] = [
            _glyph(done, total),
            Cell(loaded.task.title, bold=True),
            f"{done:,}/{total:,}",
            _value(view),
        ]
        rows.append((loaded.task.id, cells))
    return rows


def _glyph(done: int, total: int) -> Cell:
    if done >= total:
        return Cell("✓", "score-scored")
    return Cell("▶", "run-running") if done else Cell("·", "score-waiting")


def _value(view: TaskView | None) -> str:
    if view is None:
        return "–"
    return interval(view.primary.value, view.primary.low, view.primary.high)
