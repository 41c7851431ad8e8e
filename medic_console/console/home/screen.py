"""Home: the archive at a glance."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.worker import get_current_worker

from medic_console.archive.database import last_written
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.glyphs import RESUMABLE, RUNS
from medic_console.console.home.figures import figures
from medic_console.console.home.first_look import look
from medic_console.console.home.open_work import OpenWork, OpenWorkLine
from medic_console.console.home.opening import comparison_of, screen_of
from medic_console.console.home.rows import (
    MODEL_COLUMNS,
    PUBLISHED,
    RUN_COLUMNS,
    Glance,
    Published,
    compare_hint,
    doubt,
    further,
    glance_of,
    headings_of,
    model_row,
    published_further,
    published_row,
    rank_rows,
    ranks_note,
    run_rows,
)
from medic_console.console.messages import StartRun
from medic_console.console.text import count, one_line, shortened
from medic_console.console.threads import in_thread
from medic_console.console.widgets.dimension_bars import DimensionBars
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.heat_map import HeatMap
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.core.aliases import looked_up_once
from medic_console.core.errors import ArchiveError, MedicError
from medic_console.core.naming import called
from medic_console.results.comparison.models import MOST
from medic_console.results.comparison.overview import Glimpse, Key, Overview

if TYPE_CHECKING:
    from medic_console.archive.views import RunView
    from medic_console.audit.plan import Plan
    from medic_console.console.context import Context
    from medic_console.console.session import Session

_LOOK_SECONDS = 2.0
_DRAWN_SECONDS = 1.0  # most that figures wait for the drawing of models and runs
_DRAW_SECONDS = 0.25  # figures come task by task: between these times only the last of them are drawn


class HomeScreen(ReadingScreen[Glance]):
    """Models, their ranks, the dimensions of the marked one, and the runs."""

    AUTO_FOCUS = ""  # the runs have it once they are there
    BINDINGS = bindings("home")
    PLACES = ("home",)
    PANES = ("models-list", "ranks", "dimensions", "runs")

    class Known(Message):
        """Published figures are known, or one task more of the models, or what is left to do."""

        def __init__(self, ticket: int, found: Published | Overview | OpenWork) -> None:
            super().__init__()
            self.ticket = ticket
            self.found = found

    class Restored(Message):
        """A run can be resumed, or why not."""

        def __init__(self, outcome: Plan | MedicError, asked: int) -> None:
            super().__init__()
            self.outcome = outcome
            self.asked = asked

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._glance = Glance()
        self._runs: tuple[RunView, ...] = ()
        self._overview = Overview()
        self._published = Published()
        self._work = OpenWork()
        self._drawn = 0.0
        self._marks: list[str] = []
        self._begun = False
        self._written = context.first.written if context.first else last_written(context.archive)

    def compose(self) -> ComposeResult:
        """Heading; models, ranks and dimensions above, runs below."""
        yield Heading()
        yield Notice()
        models, ranks, runs = (
            Table(MODEL_COLUMNS, id="models-list"),
            HeatMap("ranks", 14),
            Table(RUN_COLUMNS, id="runs"),
        )
        models.border_title, ranks.border_title, runs.border_title = "Models", "Ranks by task, 1 best", "Runs"
        yield Folding([("Models", models), ("Ranks", ranks), ("Dimensions", DimensionBars())])
        yield runs
        yield OpenWorkLine()
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the archive."""
        self.context.changed.subscribe(self, self._on_session)
        self.query_one(Notice).busy("reading the archive")
        self._panes(False)
        self._head()
        self.set_interval(_LOOK_SECONDS, self._look_again)

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def on_screen_resume(self) -> None:
        """Read again: a run may have been added or have ended."""
        self.reload()

    def on_screen_suspend(self) -> None:
        """Leave the machine to the screen in front; what is not read yet follows when this one is back."""
        self.workers.cancel_group(self, "overview")

    def _look_again(self) -> None:
        """Read again when another process has written, or might have died; the run of this one tells of itself."""
        before, self._written = self._written, last_written(self.context.archive)
        stirs = self._written != before or any(run.status == "running" for run in self._runs)
        if stirs and self.is_current and self.context.running is None:
            self.reload()

    def leave(self) -> None:
        """Home is the last step."""

    def reload(self) -> None:
        """Read models and runs; figures, which take longer, follow."""
        archive, first, self.context.first = self.context.archive, self.context.first, None
        if first is not None and first.found:
            self.show(glance_of(*first.result()))  # the first drawing has it
        else:
            self.ask(lambda: glance_of(*(look(archive) if first is None else first.result())))

    def show(self, value: Glance) -> None:
        """Show what is known at once; figures follow, task by task."""
        self._glance, self._runs = value, value.runs
        names = tuple(model.sha256 for model in value.models)
        self._marks = [mark for mark in self._marks if mark in names]
        self._head()
        if names:
            self.query_one(Notice).hide()
        else:
            hint = "Press n to choose models and tasks for the first one.\nOr try it first: medic-console demo"
            self.query_one(Notice).empty("The archive holds no run yet.", hint)
        self._panes(bool(names))
        self._fill()
        self.refresh_bindings()
        if names and not self._begun:
            self._begun = True
            self.query_one("#runs").focus()
        if names:
            drawn = Event()
            self.call_after_refresh(drawn.set)
            self._look(self._ticket, names, self._overview.known, drawn)

    def show_error(self, error: MedicError) -> None:
        """An archive that is not there yet is an empty one; else say what is wrong."""
        if isinstance(error, ArchiveError) and not self.context.archive.exists():
            self.show(Glance())
            return
        self._panes(False)
        self.query_one(Notice).error(error)

    @in_thread("overview", exclusive=True)
    def _look(self, ticket: int, models: tuple[str, ...], known: Mapping[Key, Glimpse], drawn: Event) -> None:
        worker = get_current_worker()
        drawn.wait(_DRAWN_SECONDS)  # what figures have to load would hold the drawing up
        try:
            for found in figures(self.context, models, known, self._published):
                if worker.is_cancelled:
                    return
                self.post_message(self.Known(ticket, found))
        except MedicError as error:
            self.post_message(self.Unread(ticket, error))

    @on(Known)
    def _on_known(self, message: Known) -> None:
        if message.ticket != self._ticket:
            return
        if isinstance(message.found, Published):
            self._published = message.found
            self._fill_models()
            self._show_model()
        elif isinstance(message.found, Overview):
            self._overview = message.found
            if self._overview.complete or monotonic() - self._drawn >= _DRAW_SECONDS:
                self._fill_models()
                self._show_model()
                self._drawn = monotonic()
        else:
            self._work = message.found
            self.query_one(OpenWorkLine).tell(self._work)

    @on(Table.RowHighlighted, "#models-list")
    def _on_model_marked(self) -> None:
        self._hint()
        self._show_model()

    @on(Table.RowSelected, "#models-list")
    def _on_model_chosen(self) -> None:
        self.action_mark()

    @on(Table.RowSelected, "#runs")
    def _on_run_opened(self) -> None:
        run = self._marked_run()
        if run is not None:
            self.app.push_screen(screen_of(run, self.context))

    def action_new_run(self) -> None:
        """Open the form of a new run."""
        from medic_console.console.new_run.screen import NewRunScreen

        self.app.push_screen(NewRunScreen(self.context))

    def action_open_work(self) -> None:
        """List what is left to do."""
        from medic_console.console.home.work_screen import OpenWorkScreen

        self.app.push_screen(OpenWorkScreen(self.context))

    @on(OpenWorkLine.Chosen)
    def _on_work_chosen(self) -> None:
        self.action_open_work()

    def action_model(self, by: int) -> None:
        """Go to another model."""
        table = self.query_one("#models-list", Table)
        table.move_cursor(row=(table.cursor_row + by) % max(1, table.row_count))

    def action_mark(self) -> None:
        """Mark the model for a comparison, or not."""
        key = self.query_one("#models-list", Table).chosen
        if key == PUBLISHED:
            self.notify("Published models were not run here: none of their items can be compared.", timeout=5)
        elif key in self._marks:
            self._marks.remove(key)
        elif len(self._marks) == MOST:
            self.notify(f"{MOST} models are marked; that is the most that can be compared.", timeout=5)
        elif key:
            self._marks.append(key)
        self._fill_models()

    def action_compare(self, page: int = 1) -> None:
        """Compare the marked models, or all when none is marked."""
        known = {model.sha256: model for model in self._glance.models}
        found = comparison_of([known[mark] for mark in self._marks] or self._glance.models, self.context, page)
        if isinstance(found, str):
            self.notify(found, severity="warning", timeout=6)
        else:
            self.app.push_screen(found)

    def action_portfolio(self) -> None:
        """Hold the same models against the use cases."""
        self.action_compare(7)

    def action_compare_runs(self) -> None:
        """Choose runs of the model to compare it with itself."""
        key = self.query_one("#models-list", Table).chosen
        model = next((model for model in self._glance.models if model.sha256 == key), None)
        if model is None:
            self.notify("Mark a model that was run here: < and > go through them.", severity="warning", timeout=5)
        else:
            from medic_console.console.home.model_runs import ModelRunsScreen

            self.app.push_screen(ModelRunsScreen(self.context, model))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what is done to models and runs only where there are some."""
        of_some = action in ("open_work", "portfolio", "resume_run", "mark", "compare", "compare_runs", "model")
        return bool(self._glance.models) if of_some else super().check_action(action, parameters)

    def action_resume_run(self) -> None:
        """Finish the marked run."""
        run = self._marked_run()
        if run is None:
            return
        if run.status not in RESUMABLE:
            self.notify(f"Run {run.id} is {RUNS[run.status].word}; there is nothing to resume.", severity="warning")
            return
        self.notify(f"Checking the model files of run {run.id}.", timeout=3)
        self._restore(run.id, self.keys_taken)

    @in_thread("restore", exclusive=True)
    def _restore(self, run: str, asked: int) -> None:
        from medic_console.session.audit import restore_plan

        try:
            self.post_message(self.Restored(restore_plan(self.context.archive, run), asked))
        except MedicError as error:
            self.post_message(self.Restored(error, asked))

    @on(Restored)
    def _on_restored(self, message: Restored) -> None:
        if not isinstance(error := message.outcome, MedicError):
            self._ask_to_resume(error, message.asked)
        else:
            self.notify(f"{error.message}\n{error.hint}", title=error.title, severity="error", markup=False, timeout=12)

    def _ask_to_resume(self, plan: Plan, asked: int) -> None:
        """Say what will be loaded, and begin only when that is wanted; whoever has gone on is not disturbed."""
        run = next((run for run in self._runs if run.id == plan.id), None)
        if run is None or not self.waits_since(asked, "Resume"):
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.post_message(StartRun(plan))

        from medic_console.console.dialogs.questions import ResumeScreen

        self.app.push_screen(ResumeScreen(plan, run.counts.total), answered)

    def _on_session(self, session: Session) -> None:
        """Keep the line of the run that goes on up to date."""
        if self.is_current:
            if session.over or session.state.run not in {run.id for run in self._runs}:
                self.reload()
            else:
                self._fill_runs()

    def _marked_run(self) -> RunView | None:
        key = self.query_one("#runs", Table).chosen
        return next((run for run in self._runs if run.id == key), None)

    def _panes(self, shown: bool) -> None:
        self.query_one("#runs").display = shown
        self.query_one(Folding).display = shown

    def _head(self) -> None:
        glance = self._glance
        self.heading.show(
            Content.styled("medic-console", "bold $primary"),
            f"archive {one_line(shortened(self.context.archive))}",
            f"{count(len(self._runs), 'run')} · {count(len(glance.models) + glance.judges, 'model')} · offline ✓",
        )

    @looked_up_once()
    def _fill(self) -> None:
        self._fill_runs()
        self._fill_models()
        self._show_model()

    @looked_up_once()
    def _fill_runs(self) -> None:
        self.query_one("#runs", Table).fill(run_rows(self._runs, self.context.running))

    @looked_up_once()
    def _fill_models(self) -> None:
        table, models = self.query_one("#models-list", Table), self._glance.models
        rows = [model_row(model, models, self._marks, self._overview, table.shows_all) for model in models]
        table.fill([*rows, published_row(self._published.points)] if rows else [])
        self._hint()

    def _hint(self) -> None:
        """Say how models are compared, and runs of the one under the cursor where there are several."""
        table = self.query_one("#models-list", Table)
        runs = next((model.runs for model in self._glance.models if model.sha256 == table.chosen), 0)
        table.border_subtitle = compare_hint(len(self._marks), runs)

    @looked_up_once()
    def _show_model(self) -> None:
        key, models = self.query_one("#models-list", Table).chosen, self._glance.models
        number = next((n for n, model in enumerate(models) if model.sha256 == key), -1)
        left = self._overview.due - len(self._overview.glimpses)
        busy = f"… {count(left, 'task')} to read" if left else ranks_note(self._overview)
        self.query_one(HeatMap).show(headings_of(models), rank_rows(self._overview, models), number, busy)
        pane, points, titles = self.query_one(DimensionBars), self._published.points, self._published.titles
        if number < 0:
            pane.border_title = "Published, as reference"
            pane.show({}, False, published_further(points, titles))
            return
        pane.border_title = Content(f"Dimensions · {called(models[number])}")
        found = self._overview
        said = further(found, models[number], points, titles)
        scores = found.dimensions(key) if found.begun else {}
        pane.show(scores, found.has_samples(key), said, doubt(found, key))
