"""Runs of one model, with the settings that differ: two to six of them are compared as a model's settings drift."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ModelView
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.compare.screen import CompareScreen
from medic_console.console.context import Context
from medic_console.console.text import count, one_line, shown_time
from medic_console.console.widgets.drawing import Drawing, chart
from medic_console.console.widgets.folding import Pages
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.errors import MedicError
from medic_console.core.naming import full
from medic_console.results.charts.history import Point, history_lines, history_of
from medic_console.results.comparison import words
from medic_console.results.comparison.models import FEWEST, MOST
from medic_console.results.comparison.settings_drift import OneRun, alternatives, apart, runs_of
from medic_console.results.measures import Measures
from medic_console.results.reader import Reader

_MARK, _RUN, _ITEMS = Column("", 1), Column("Run", 14), Column("Items", 6, right=True)
_DIFFERS = Column("Differs", weight=4)
_COLUMNS = (_MARK, _RUN, Column("Created", 20), Column("Tasks"), _ITEMS, _DIFFERS)
_COLUMNS_NARROW = (_MARK, _RUN, _ITEMS, _DIFFERS)


History = Mapping[str, tuple[Point, ...]]


class ModelRunsScreen(ReadingScreen[tuple[OneRun, ...] | History]):
    """Runs above, the settings of the marked one and the figures of all below.

    Args:
        model: A candidate of the archive.
    """

    CSS_PATH = "model_runs.tcss"
    BINDINGS = bindings("model_runs")
    PLACES = ("model_runs",)
    PANES = ("model-runs", "run-settings", "history")

    def __init__(self, context: Context, model: ModelView) -> None:
        super().__init__(context)
        self._model = model
        self._runs: tuple[OneRun, ...] = ()
        self._marks: list[str] = []

    def compose(self) -> ComposeResult:
        """Heading, runs, settings, history."""
        yield Heading()
        yield Notice()
        table, pane = Table(_COLUMNS, id="model-runs"), TextPane("run-settings")
        table.border_title = "Runs"
        yield table
        yield Pages([("Settings", pane), ("History", Drawing("history"))], first=2)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the runs."""
        self.heading.show(Content.styled(f"Runs of {full(self._model)} {self._model.quantisation}", "bold $primary"))
        self.query_one(Notice).busy("reading under which settings the runs were made")
        self._panes(False)
        self.reload()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def reading(self) -> Callable[[Reader], tuple[OneRun, ...] | History]:
        """Read the runs first, then the figures of all."""
        archive, model, runs = self.context.archive, self._model, self._runs

        def read(_: Reader) -> tuple[OneRun, ...] | History:
            with closing(Measures(archive)) as reader:
                return history_of(reader, runs) if runs else runs_of(reader, model)

        return read

    def show(self, value: tuple[OneRun, ...] | History) -> None:
        """Show the runs, or their figures."""
        if isinstance(value, Mapping):
            self.query_one("#history", Drawing).draw(partial(_drawn, value))
            return
        self._runs = value
        self._panes(bool(value))
        if value:
            self.query_one(Notice).hide()
            self._fill()
            self.action_pane(1)
            self.reload()
        else:
            self.query_one(Notice).empty("No run of this model has a score yet.", "A run that goes on has some soon.")

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self._panes(False)
        self.query_one(Notice).error(error)

    def action_mark(self) -> None:
        """Mark the run for a comparison, or not."""
        run = self.query_one("#model-runs", Table).chosen
        if run in self._marks:
            self._marks.remove(run)
        elif len(self._marks) == MOST:
            self.notify(f"{MOST} runs are marked; that is the most that can be compared.", timeout=5)
        elif run:
            self._marks.append(run)
        self._fill()

    def action_compare(self) -> None:
        """Compare the marked runs, or one of each set of settings when none is marked."""
        known = {one.model.run: one for one in self._runs}
        chosen = [known[run] for run in self._marks] or alternatives(self._runs)
        if FEWEST <= len(chosen) <= MOST:
            self.app.push_screen(CompareScreen(self.context, tuple(one.model for one in chosen)))
            return
        few = "No two runs differ in their settings" if len(chosen) < FEWEST else f"There are {len(chosen)} settings"
        few = "A comparison needs two runs or more" if self._marks else few
        self.notify(
            f"{few}: mark two to six runs with space (or a click), then press v.", severity="warning", timeout=6
        )

    @on(Table.RowSelected, "#model-runs")
    def _on_run_chosen(self) -> None:
        self.action_mark()

    @on(Table.RowHighlighted, "#model-runs")
    def _on_run_marked(self) -> None:
        self._tell()

    @property
    def _reference(self) -> OneRun:
        """The first run that is marked, else the newest."""
        return next((one for mark in self._marks[:1] for one in self._runs if one.model.run == mark), self._runs[0])

    def _panes(self, shown: bool) -> None:
        self.query_one("#model-runs").display = self.query_one(Pages).display = shown

    def _fill(self) -> None:
        if self._runs:
            narrow, table = self.has_class("-narrow"), self.query_one("#model-runs", Table)
            table.use_columns(_COLUMNS_NARROW if narrow else _COLUMNS)
            table.fill([self._row(one, narrow) for one in self._runs])
            table.border_subtitle = (
                f"{len(self._marks)} marked, v compares" if self._marks else "space marks, v compares"
            )
            self._tell()

    def _row(self, one: OneRun, narrow: bool) -> Row:
        run, sizes = one.model.run, {measure.task.id: measure.items for measure in one.measures}
        mark = Cell(chr(ord("A") + self._marks.index(run)), "pane-focus", bold=True) if run in self._marks else ""
        cells: list[str | Cell] = [mark or Cell("·", "muted"), Cell(run, bold=True)]
        if not narrow:
            cells += [Cell(shown_time(one.measures[0].created), "muted"), ", ".join(sizes)]
        return run, [*cells, f"{sum(sizes.values()):,}", self._differs(one)]

    def _differs(self, one: OneRun) -> Cell:
        """Return what a run does not share with the reference, in one line."""
        if one is self._reference:
            return Cell("reference", "muted")
        found = apart(self._reference.conditions, one.conditions)
        return Cell("; ".join(words.settings(found)), "" if found else "muted")

    def _tell(self) -> None:
        """Show all settings of the marked run, those first that the reference does not share."""
        run, pane = self.query_one("#model-runs", Table).chosen, self.query_one("#run-settings", TextPane)
        one = next((one for one in self._runs if one.model.run == run), None)
        if one is None:
            return
        pane.border_title = Content(f"Settings of {run}")
        lines: list[Content | str] = []
        if one is not self._reference:
            found = apart(self._reference.conditions, one.conditions)
            head = f"{self._reference.model.run} → {run}: {count(len(found), 'setting')} of {len(one.conditions)}"
            lines += [Content.styled(head, "bold $primary"), *words.settings(found), ""]
        lines += [Content.styled(f"{name}: {one_line(value)}", "$muted") for name, value in one.conditions.items()]
        lines += ["", Content.styled(words.HOW["settings"], "$muted")]
        pane.show_content(Content("\n").join([Content(x) if isinstance(x, str) else x for x in lines]))


def _drawn(found: History, width: int, height: int) -> Content:
    """Return every task's figures over the runs; the height is not used, as the pane scrolls."""
    return Content("\n\n").join(chart(history_lines(points, width)) for points in found.values())
