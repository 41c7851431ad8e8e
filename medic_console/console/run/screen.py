"""Run: the results of one run, task by task, and the items of the marked task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from medic_console.archive.views import ItemRow, TaskView
from medic_console.console.base import ReadingScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.dialogs.questions import ScoreAgainScreen
from medic_console.console.glyphs import RUNS
from medic_console.console.inspect.judge_switch import judge_name, next_judge
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.key_order import KeyOrderApp
from medic_console.console.marks import provisional_note
from medic_console.console.messages import ReplayRun, TextReady, Told
from medic_console.console.report.screen import NewReportScreen
from medic_console.console.run.pages import MetricsPage, charts, in_words
from medic_console.console.run.parts import NONE, parts_of
from medic_console.console.run.reading import MANY, Items, Key, Results, read_first, read_marked, read_results
from medic_console.console.run.rows import (
    ITEMS,
    ITEMS_NARROW,
    TASKS,
    TASKS_NARROW,
    item_rows,
    shown_sheet,
    task_row,
    task_told,
)
from medic_console.console.text import count, joined, one_line
from medic_console.console.threads import in_thread
from medic_console.console.widgets.drawing import Drawing
from medic_console.console.widgets.folding import Pages
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.text_pane import TextPane
from medic_console.core.digest import short
from medic_console.core.errors import MedicError
from medic_console.core.naming import called, full, told_apart
from medic_console.core.records import Figure
from medic_console.results.comparison.reviewed import told as said
from medic_console.results.export import MakeSheet
from medic_console.results.item_kinds import ItemKind
from medic_console.results.reader import Reader
from medic_console.results.sheets import run_sheet
from medic_console.results.summary import run_in_words
from medic_console.results.tasks import PANEL
from medic_console.review.accuracy import corrected_lines
from medic_console.review.beside import reviewed_lines
from medic_console.session.rescoring import rescored, told, why_not
from medic_console.statistics import words

_WIDE, _NARROW = 56, 38
"""Characters of the model in the first line."""
_FULL, _FRAME = 120, 6
"""Cells of a pane that has no size yet, and those of its frame around a line of text."""
_ALL = "all"


class RunScreen(ReadingScreen[Results | Items]):
    """Tasks above, items below."""

    CSS_PATH = "run.tcss"
    BINDINGS = bindings("run")
    PLACES = ("run",)
    PANES = ("tasks", "items", "metrics-page", "in-words", "charts")

    def __init__(self, context: Context, run: str) -> None:
        super().__init__(context)
        self._run_id = run
        self._results: Results | None = None
        self._chosen = 0
        self._judge = PANEL
        self._items: list[ItemRow] = []
        self._items_of: Key | None = None
        self._filter = _ALL
        self._kinds: list[ItemKind] = []
        self._opens_when_read = False

    def compose(self) -> ComposeResult:
        """Heading, tasks, what is to be said of the marked one, and its items."""
        yield Heading()
        yield Notice()
        tasks = Table(TASKS, id="tasks")
        tasks.border_title = "Tasks"
        yield tasks
        yield Static(id="told")
        words_pane = TextPane("in-words")
        words_pane.border_title = "The run in words"
        items, drawn = Table(ITEMS, id="items"), Drawing("charts")
        drawn.border_title = "Charts"
        pages = [("Items", items), ("Figures", MetricsPage()), ("In words", words_pane), ("Charts", drawn)]
        yield Pages(pages, first=2)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read the run."""
        self.query_one(Notice).busy("reading the run")
        self.heading.show(Content.styled(f"run {self._run_id}", "bold $primary"))
        self.reload()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._fill)

    def reading(self) -> Callable[[Reader], Results | Items]:
        """Read the run's figures first, then the items of the marked task; a long list comes before the figures."""
        view = self._marked_task()
        if self._results is None and self._items_of is None:
            return partial(read_first, self._run_id, self.context.known, self.context.archive)
        if self._results is None or view is None:
            return partial(read_results, self._run_id, self.context.known, self.context.archive)
        return partial(read_marked, self._run_id, view)

    def show(self, value: Results | Items) -> None:
        """Fill the tables."""
        self.query_one(Notice).hide()
        if isinstance(value, Results):
            self._results, opens = value, self._opens_when_read
            names = told_apart((*value.run.candidates, *value.run.judges))
            lines = (*reviewed_lines(value.reviewed, names), *corrected_lines(value.corrected, names))
            self.query_one("#in-words", TextPane).show_content(
                in_words((*run_in_words(value.run, value.models), *lines))
            )
            self.refresh_bindings()
            self._show_model()
            if self._items_of is None:
                self.query_one("#tasks").focus()
            if opens:
                self._on_item_opened()
        else:
            self._items_of, self._items, self._kinds = value.of, value.rows, value.kinds
            if len(value.rows) >= MANY and isinstance(self.app, KeyOrderApp):
                self.app.garbage.keep()
            self._fill_items()
            self._draw_charts()
            self._show_figures()
            if self._results is None:
                self.query_one(Notice).busy("reading the figures")
                self.reload()
            elif self._opens_when_read:
                self._opens_when_read = False
                self._on_item_opened()

    def show_error(self, error: MedicError) -> None:
        """Say what is wrong."""
        self.query_one(Notice).error(error)

    def action_model(self, by: int) -> None:
        """Show another candidate."""
        if self._results is not None:
            self._chosen = (self._chosen + by) % len(self._results.models)
            self._show_model()

    def action_replay(self) -> None:
        """Show the run as it went."""
        self.post_message(ReplayRun(self._run_id))

    def action_report(self) -> None:
        """Ask what a report of the run is to hold."""
        self.app.push_screen(NewReportScreen(self.context, (self._run_id,)))

    def action_parts(self) -> None:
        """Show the marked task's figures in parts of its items."""
        view = self._marked_task()
        if view is not None:
            self.notify("Making figures by parts of the items.", timeout=3)
            self._tell_parts(view.task.id, view.task.title, self.keys_taken)

    @in_thread("parts", exclusive=True)
    def _tell_parts(self, task: str, title: str, asked: int) -> None:
        found = attempt(lambda: parts_of(self.context.archive, self._run_id, task))
        if isinstance(found, MedicError):
            self.post_message(Told("No parts", f"{found.message} {found.hint}".strip(), failed=True))
        elif found:
            self.post_message(TextReady(f"{title} in parts of its items", found, asked, "run.parts"))
        else:
            self.post_message(Told(f"{title}: no parts", NONE))

    def action_score_again(self) -> None:
        """Score the marked task's stored outputs by the present scorer, once that is wanted; or say why not."""
        view = self._marked_task()
        if view is None or self._results is None:
            self.notify("There is no task to score again.", severity="warning", timeout=5)
        elif reason := why_not(view):
            self.notify(reason, title="Cannot be scored again", severity="warning", markup=False, timeout=8)
        else:
            title, model = one_line(view.task.title), full(self._results.models[self._chosen].model)
            self.app.push_screen(ScoreAgainScreen(title, model), partial(self._on_score_answer, view))

    def _on_score_answer(self, view: TaskView, yes: bool | None) -> None:
        if yes:
            self._score_again(view, self.keys_taken)

    @in_thread("score", exclusive=True)
    def _score_again(self, view: TaskView, asked: int) -> None:
        try:
            lines = list(told(rescored(self.context.archive, self._run_id, view)))
        except MedicError as error:
            self.post_message(Told("Cannot be scored again", f"{error.message} {error.hint}".strip(), failed=True))
        else:
            title = f"{view.task.title} scored again"
            self.post_message(TextReady(title, "\n".join(lines), asked, "run.score_again"))

    def action_next_judge(self) -> None:
        """Show the results under the next judge, or of all of them as a panel."""
        if self._results is not None and self._several_judges:
            self._judge = next_judge(self._judge, self._results.run.judges)
            self._show_model()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer another judge or model only where there are several."""
        if action == "model":
            return self._results is not None and len(self._results.models) > 1
        return self._several_judges if action == "next_judge" else super().check_action(action, parameters)

    def action_filter(self) -> None:
        """Go to the next kind of item that there is."""
        titles = [_ALL, *(kind.title for kind in self._kinds)]
        self._filter = titles[(titles.index(self._filter) + 1) % len(titles)] if self._filter in titles else _ALL
        self._fill_items()
        self.action_pane(2)

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return all figures of the shown tasks under every model, or the items with outcome, reason and values."""
        if table.id == "tasks" and self._results is not None:
            every = (view for result in self._results.models for view in result.tasks)
            shown_tasks = [view for view in every if view.task.id in table.keys]
            return partial(run_sheet, f"run {self._run_id} figures", self._results.run, shown_tasks)
        view = self._marked_task()
        if table.id != "items" or self._items_of is None or self._results is None or view is None:
            return super().sheet_of(table)
        judge = self._items_of.judge if self._several_judges else ""
        title = f"run {self._run_id} {self._items_of.task} {short(judge)}".rstrip()
        return partial(shown_sheet, title, self._results.run, view, self._items, table.keys)

    @on(Table.RowHighlighted, "#tasks")
    def _on_task_marked(self) -> None:
        self._opens_when_read = False
        view, line = self._marked_task(), self.query_one("#told", Static)
        line.display = view is not None
        if view is not None:
            shown = [view] if self.has_class("-narrow") else self._views
            line.update(task_told(view, _doubt(shown), self._by_people(view)))
            self._show_figures()
        if view is not None and self._items_of != Key.of(view):
            self.reload()

    @on(Table.RowSelected, "#tasks")
    def _on_task_opened(self) -> None:
        self.action_pane(2)

    @on(Table.RowSelected, "#items")
    def _on_item_opened(self) -> None:
        view, table = self._marked_task(), self.query_one("#items", Table)
        if not table.chosen:
            return
        if view is None or self._results is None or self._items_of != Key.of(view):
            self._opens_when_read = True  # the figures are still read, or the items are those of another task
            return
        shown = table.keys
        candidates = tuple(result.model for result in self._results.models)
        place = Position(
            self._run_id, view.task, shown, shown.index(table.chosen), candidates, self._chosen, view.judge
        )
        self.app.push_screen(inspector_for(self.context, place))

    def _by_people(self, view: TaskView) -> str:
        """Return what people found of a task's main metric; empty where nobody looked. All is on the page of words."""
        reviewed = self._results.reviewed if self._results is not None else ()
        places = ((one, (one.task, one.candidate, one.judge)) for one in reviewed)
        shown = view.task.primary_metric.id
        own = view.task.id, view.candidate, view.judge
        return next((said(one, shown) for one, place in places if place == own), "")

    def _marked_task(self) -> TaskView | None:
        key = self.query_one("#tasks", Table).chosen
        return next((view for view in self._views if view.task.id == key), None)

    @property
    def _views(self) -> list[TaskView]:
        """The tasks of the chosen candidate under the chosen judge."""
        if self._results is None or not self._results.models:
            return []
        return [view.under(self._judge) for view in self._results.models[self._chosen].tasks]

    @property
    def _several_judges(self) -> bool:
        return self._results is not None and len(self._results.run.judges) > 1

    def _show_model(self) -> None:
        if self._results is None:
            return
        run, result = self._results.run, self._results.models[self._chosen]
        state = RUNS[run.status]
        views = self._views
        judge = f"judge {called(run.judges[0])} {short(run.judges[0].sha256)}" if run.judges else "no judge"
        self.heading.show(
            Content.styled(f"run {run.id}", "bold $primary"),
            Content.styled(state.text, f"${state.variable}"),
            Content.assemble(
                (full(result.model, _NARROW if self.has_class("-narrow") else _WIDE), "bold"),
                f" {result.model.quantisation} sha {short(result.model.sha256)}",
                f" ({self._chosen + 1} of {len(self._results.models)})" if len(self._results.models) > 1 else "",
            ),
            "" if self._several_judges else judge,
        )
        tasks = self.query_one("#tasks", Table)
        self._fill_tasks()
        title = Content(f"Tasks · {called(result.model)}")
        if self._several_judges:
            title = Content.assemble(title, " · ", judge_name(self._judge, run.judges, bool(_doubt(views))))
        tasks.border_title = title
        samples = any(view.origin == "sample" for view in views)
        remarks = [f"{words.PROVISIONAL} provisional"] if _doubt(views) else []
        remarks += ["sample items: not comparable with published figures"] if samples else []
        tasks.border_subtitle = " · ".join(remarks)
        self._on_task_marked()

    def _fill(self) -> None:
        self._fill_tasks()
        self._fill_items()

    def _fill_tasks(self) -> None:
        table = self.query_one("#tasks", Table)
        narrow = self.has_class("-narrow")
        table.use_columns(TASKS_NARROW if narrow else TASKS)
        table.fill([task_row(view, narrow) for view in self._views])

    def _draw_charts(self) -> None:
        """Draw the charts of the task whose items are shown."""
        view, pane = self._marked_task(), self.query_one("#charts", Drawing)
        if view is not None and self._items_of == Key.of(view):
            pane.border_title = Content(f"Charts of {one_line(view.task.title)}")
            pane.draw(partial(charts, view, self._items))

    def _show_figures(self) -> None:
        """Show the figures of the task whose items are shown: they were computed with these."""
        view = self._marked_task()
        if view is not None and self._results is not None and self._items_of == Key.of(view):
            self.query_one(MetricsPage).show(view, self._results.run, self.has_class("-narrow"))

    def _shown_items(self) -> list[ItemRow]:
        kind = next((kind for kind in self._kinds if kind.title == self._filter), None)
        return self._items if kind is None else [row for row in self._items if row.item in kind.items]

    def _fill_items(self) -> None:
        narrow = self.has_class("-narrow")
        table, shown = self.query_one("#items", Table), self._shown_items()
        table.use_columns(ITEMS_NARROW if narrow else ITEMS)
        table.fill(item_rows(shown, narrow))
        of = self._items_of
        table.border_title = Content(f"Items of {of.task} · {count(len(shown), 'item')}" if of else "Items")
        parts = [f"{kind.title} {len(kind.items):,}" for kind in self._kinds]
        hidden = len(self._items) - len(shown)
        if hidden:
            parts = [f"only {self._filter} (f changes it)", f"{hidden:,} hidden"]
        elif parts:
            parts[0] = f"f: {parts[0]}"
        view = self._marked_task()
        if view is not None and view.agreement is not None:
            found = view.agreement.alpha
            said = f"judges' agreement (alpha) {words.figure(Figure(found.value, found.low, found.high), 2)}"
            parts.insert(0, said)
        table.border_subtitle = Content(joined(parts, (table.outer_size.width or _FULL) - _FRAME))


def _doubt(views: Sequence[TaskView]) -> str:
    """Return why figures are provisional; empty when none is."""
    return provisional_note([(one_line(view.task.title), view.primary) for view in views])
