"""Home: the archive at a glance."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from textual import on, work
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Footer

from medic_console.archive.queries import Reader, read_results
from medic_console.archive.views import ModelResult, ModelView, RunView
from medic_console.audit import restore_plan
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.glyphs import RESUMABLE, RUNS
from medic_console.console.messages import StartRun
from medic_console.console.screens.base import ReadingScreen
from medic_console.console.screens.live import LiveScreen
from medic_console.console.screens.new_run import NewRunScreen
from medic_console.console.screens.run import RunScreen
from medic_console.console.session import Session
from medic_console.console.text import count, one_line, shown_time
from medic_console.console.widgets.dimension_bars import DimensionBars
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Cell, Column, Row, Table, state_cell
from medic_console.digest import short
from medic_console.errors import ArchiveError, MedicError
from medic_console.plan import Plan

_RUNS = (
    Column("Run", 14),
    Column("Status", 13),
    Column("Models", weight=3),
    Column("Tasks", weight=3),
    Column("Scored", 7, right=True),
    Column("Unsc.", 6, right=True),
    Column("Failed", 6, right=True),
    Column("Created", 20),
)
_RUNS_NARROW = (
    Column("Run", 14),
    Column("Status", 13),
    Column("Models", weight=1),
    Column("Scored", 6, right=True),
    Column("Unsc.", 5, right=True),
    Column("Failed", 6, right=True),
)
_MODELS = (Column("Model"), Column("Role", 9), Column("Quant.", 8), Column("sha", 8))


@dataclass(frozen=True, slots=True)
class Glance:
    """What home shows of an archive."""

    runs: tuple[RunView, ...]
    models: int


class HomeScreen(ReadingScreen[Glance]):
    """Runs, and for the marked run its models and their dimensions."""

    CSS_PATH = "home.tcss"
    BINDINGS = bindings("home")
    PLACES = ("home",)
    PANES = ("runs", "run-models", "dimensions")

    class Figures(Message):
        """A run's results, computed in a thread."""

        def __init__(self, run: str, results: tuple[ModelResult, ...]) -> None:
            super().__init__()
            self.run = run
            self.results = results

    class Restored(Message):
        """A run can be resumed, or why not."""

        def __init__(self, outcome: Plan | MedicError) -> None:
            super().__init__()
            self.outcome = outcome

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._glance = Glance((), 0)
        self._results: tuple[ModelResult, ...] = ()
        self._results_of = ""

    def compose(self) -> ComposeResult:
        """Heading, runs above, models and dimensions below."""
        yield Heading()
        yield Notice()
        runs = Table(_RUNS, id="runs")
        runs.border_title = "Runs"
        yield runs
        models = Table(_MODELS, id="run-models")
        models.border_title = "Models of the marked run"
        yield Folding([("Models", models), ("Dimensions", DimensionBars())], first=2)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Read the archive."""
        self.context.changed.subscribe(self, self._on_session)
        self.query_one(Notice).busy("reading the archive")
        self._head()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill_runs)

    def on_screen_resume(self) -> None:
        """Read again: a run may have been added or have ended."""
        self._results_of = ""
        self.reload()

    def action_leave(self) -> None:
        """Home is the last step."""

    def reading(self) -> Callable[[Reader], Glance]:
        """Read runs and count models."""
        return lambda reader: Glance(tuple(reader.runs()), len(reader.models()))

    def show(self, value: Glance) -> None:
        """Fill the list of runs."""
        self._glance = value
        self._head()
        notice = self.query_one(Notice)
        if value.runs:
            notice.hide()
        else:
            notice.empty("The archive holds no run yet.", "Press n to choose models and tasks for the first one.")
        self._panes(bool(value.runs))
        self._fill_runs()
        if value.runs and self.focused is None:
            self.query_one("#runs").focus()

    def show_error(self, error: MedicError) -> None:
        """An archive that is not there yet is an empty one; else say what is wrong."""
        if isinstance(error, ArchiveError) and not self.context.archive.exists():
            self.show(Glance((), 0))
            return
        self._panes(False)
        self.query_one(Notice).error(error)

    @on(Table.RowHighlighted, "#runs")
    def _on_run_marked(self) -> None:
        run = self._marked()
        if run is None or run.id == self._results_of:
            return
        self._results_of, self._results = run.id, ()
        self.query_one("#run-models", Table).fill(_model_rows(run))
        self._show_dimensions()
        self._compute(run.id)

    @on(Table.RowHighlighted, "#run-models")
    def _on_model_marked(self) -> None:
        self._show_dimensions()

    @on(Table.RowSelected, "#runs")
    def _on_run_opened(self) -> None:
        run, session = self._marked(), self.context.running
        if run is None:
            return
        if session is not None and session.state.run == run.id:
            self.app.push_screen(LiveScreen(self.context, session))
        else:
            self.app.push_screen(RunScreen(self.context, run.id))

    @on(Table.RowSelected, "#run-models")
    def _on_model_opened(self) -> None:
        self._on_run_opened()

    def action_new_run(self) -> None:
        """Open the form of a new run."""
        self.app.push_screen(NewRunScreen(self.context))

    def action_model(self, by: int) -> None:
        """Mark another model."""
        table = self.query_one("#run-models", Table)
        table.move_cursor(row=(table.cursor_row + by) % max(1, table.row_count))

    def action_resume_run(self) -> None:
        """Finish the marked run."""
        run = self._marked()
        if run is None:
            return
        if run.status not in RESUMABLE:
            self.notify(f"Run {run.id} is {RUNS[run.status].word}; there is nothing to resume.", severity="warning")
            return
        self.notify(f"Checking the model files of run {run.id}.", timeout=3)
        self._restore(run.id)

    @work(thread=True, exclusive=True, group="restore", exit_on_error=False)
    def _restore(self, run: str) -> None:
        try:
            self.post_message(self.Restored(restore_plan(self.context.archive, run)))
        except MedicError as error:
            self.post_message(self.Restored(error))

    @on(Restored)
    def _on_restored(self, message: Restored) -> None:
        if isinstance(message.outcome, Plan):
            self.post_message(StartRun(message.outcome))
        else:
            error = message.outcome
            self.notify(f"{error.message}\n{error.hint}", title=error.title, severity="error", markup=False, timeout=12)

    @work(thread=True, exclusive=True, group="figures", exit_on_error=False)
    def _compute(self, run: str) -> None:
        try:
            results = read_results(self.context.archive, run)
        except MedicError:
            self.log.error(traceback.format_exc())
            return
        self.post_message(self.Figures(run, results))

    @on(Figures)
    def _on_figures(self, message: Figures) -> None:
        if message.run == self._results_of:
            self._results = message.results
            self._show_dimensions()

    def _on_session(self, session: Session) -> None:
        """Keep the line of the run that goes on up to date."""
        if self.is_current:
            if session.over or session.state.run not in {run.id for run in self._glance.runs}:
                self.reload()
            else:
                self._fill_runs()
            if session.results and session.state.run == self._results_of:
                self._results = session.results
                self._show_dimensions()

    def _marked(self) -> RunView | None:
        key = self.query_one("#runs", Table).chosen
        return next((run for run in self._glance.runs if run.id == key), None)

    def _panes(self, shown: bool) -> None:
        self.query_one("#runs").display = shown
        self.query_one(Folding).display = shown

    def _head(self) -> None:
        runs = len(self._glance.runs)
        self.heading.show(
            Content.styled("medic-console", "bold $primary"),
            f"archive {one_line(shortened(self.context.archive))}",
            f"{count(runs, 'run')} · {count(self._glance.models, 'model')} · offline ✓",
        )

    def _fill_runs(self) -> None:
        narrow = self.has_class("-narrow")
        table = self.query_one("#runs", Table)
        table.use_columns(_RUNS_NARROW if narrow else _RUNS)
        table.fill([_run_row(run, self.context.running, narrow) for run in self._glance.runs])

    def _show_dimensions(self) -> None:
        key = self.query_one("#run-models", Table).chosen
        result = next((r for r in self._results if key == f"candidate {r.model.sha256}"), None)
        pane = self.query_one(DimensionBars)
        if result is None:
            run = self._marked()
            judge = key.startswith("judge") and run is not None
            pane.border_title = "Dimensions · a judge has none" if judge else "Dimensions"
            pane.show({}, samples=False)
            return
        pane.border_title = Content(f"Dimensions · {one_line(result.model.name)}")
        pane.show(result.dimensions, any(task.origin == "sample" for task in result.tasks))


def shortened(path: Path) -> str:
    """Return a path with the home folder as ~ and the middle as … when it is long."""
    try:
        shown = f"~/{path.expanduser().absolute().relative_to(Path.home())}"
    except ValueError:
        shown = str(path)
    parts = shown.split("/")
    return shown if len(shown) <= 40 or len(parts) < 4 else "/".join((*parts[:2], "…", parts[-1]))


def _run_row(run: RunView, session: Session | None, narrow: bool) -> Row:
    live = session is not None and session.state.run == run.id
    counts = session.state.counts if session is not None and live else run.counts
    state = RUNS["running" if live else run.status]
    models = ", ".join(model.name for model in run.candidates)
    cells: list[str | Cell] = [run.id, state_cell(state), models]
    if not narrow:
        cells.append(", ".join(run.tasks))
    cells += [f"{counts.scored:,}", f"{counts.unscored:,}", f"{counts.failed:,}"]
    if not narrow:
        cells.append(Cell(shown_time(run.created), "muted"))
    return run.id, cells


def _model_rows(run: RunView) -> list[Row]:
    named: list[tuple[str, ModelView]] = [
        *(("candidate", model) for model in run.candidates),
        *(("judge", model) for model in run.judges),
    ]
    return [
        (f"{role} {model.sha256}", [Cell(model.name, bold=True), role, model.quantisation, short(model.sha256)])
        for role, model in named
    ]
