"""The page of a run that holds every figure of the marked task, and that of the run in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from medic_console.archive.views import ItemRow, RunView, TaskView
from medic_console.console.run.rows import METRICS, METRICS_NARROW, metric_rows, remarks_content
from medic_console.console.text import one_line, plain
from medic_console.console.widgets.drawing import chart
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.naming import told_apart
from medic_console.results.charts.corrected import corrected_lines
from medic_console.results.charts.spread import spread_lines
from medic_console.results.figure_cells import NONE
from medic_console.results.task_lines import FigureLine, figure_lines


class MetricsPage(Vertical):
    """Figures above, what has to be known beside them below."""

    def __init__(self) -> None:
        super().__init__(id="metrics-page", classes="pane")
        self.border_title = "Figures"
        self._lines: list[FigureLine] = []

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield Table(METRICS, id="metrics", classes="rows", opens=False)
        yield TextPane("remarks", classes="answer")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the figures."""
        self.query_one(Table).focus(scroll_visible)
        return self

    def show(self, view: TaskView, run: RunView, narrow: bool) -> None:
        """Show a task."""
        self._lines = list(figure_lines(view, told_apart(run.judges)))
        table = self.query_one(Table)
        table.use_columns(METRICS_NARROW if narrow else METRICS)
        table.fill(metric_rows(self._lines, narrow))
        self.border_title = Content(f"Figures of {one_line(view.task.title)}")
        self.query_one(TextPane).show_content(remarks_content(view))

    @on(Table.RowHighlighted, "#metrics")
    def _on_figure_marked(self) -> None:
        """Say what the row has no room for."""
        chosen = self.query_one(Table).chosen
        if not chosen:
            self.border_subtitle = ""
            return
        line = self._lines[int(chosen)]
        told = [one_line(line.title.strip()), "" if line.beside == NONE else line.beside]
        self.border_subtitle = Content(" · ".join(part for part in told if part))


def in_words(said: Sequence[str]) -> Content:
    """Return what is said of a run, a sentence a paragraph."""
    return Content("\n\n").join(Content(plain(line)) for line in said)


def charts(view: TaskView, items: Sequence[ItemRow], width: int, height: int) -> Content:
    """Return how a task's items are spread over their scores, and its figures as judged and corrected.

    Args:
        items: Of the task under the candidate.
        width: Cells of a line.
        height: Not used: the pane scrolls.
    """
    blocks = [lines for lines in (spread_lines(view.task, items, width), corrected_lines(view, width)) if lines]
    return Content("\n\n").join(map(chart, blocks))
