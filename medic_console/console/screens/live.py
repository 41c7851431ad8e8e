"""Live: a run while it goes on. Leaving the screen does not stop it."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Footer, Static

from medic_console.archive.views import ModelResult
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.glyphs import OUTCOMES, RUNS
from medic_console.console.place import Place
from medic_console.console.screens.base import ConsoleScreen
from medic_console.console.screens.inspecting import inspector_for
from medic_console.console.screens.live_rows import task_rows
from medic_console.console.screens.run import RunScreen
from medic_console.console.session import Session
from medic_console.console.text import clock, count, one_line
from medic_console.console.widgets.dimension_bars import DimensionBars
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.streams import Streams
from medic_console.console.widgets.table import Column, Table
from medic_console.engine.model import ModelFile
from medic_console.events import ItemScored

_TASKS = (Column("", 1), Column("Task", least=9), Column("Done", 9, right=True), Column("Value", 14, right=True))
_TICK = 0.5


class LiveScreen(ConsoleScreen):
    """Counts, tasks, streams and dimensions of the session."""

    CSS_PATH = "live.tcss"
    BINDINGS = bindings("live")
    PLACES = ("live",)
    PANES = ("live-tasks", "streams", "dimensions")

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__(context)
        self.session = session
        self._paused = False
        self._chosen = -1

    def compose(self) -> ComposeResult:
        """Two lines of heading, three panes, the last item."""
        yield Heading()
        yield Static(id="counts")
        tasks = Table(_TASKS, id="live-tasks")
        panes = [("Tasks", tasks), ("Streams", Streams()), ("Dimensions", DimensionBars())]
        yield Folding(panes)
        yield Static(id="last")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Follow the session; a slow tick keeps time and pace true while nothing happens."""
        self.context.changed.subscribe(self, self._on_session)
        self.set_interval(_TICK, self._draw_counts)
        self._draw()
        self.query_one("#live-tasks").focus()

    def action_pause_view(self) -> None:
        """Hold the view still, or let it go on."""
        self._paused = not self._paused
        self._draw() if not self._paused else self._draw_counts()

    def action_pause_run(self) -> None:
        """Hold the run, or let it go on."""
        if not self.session.over:
            self.session.toggle_pause()
            self._draw_counts()

    def action_stop_run(self) -> None:
        """Stop after the items in flight."""
        if not self.session.over:
            self.session.stop()
            self._draw_counts()

    def action_model(self, by: int) -> None:
        """Show another candidate's figures."""
        self._chosen = (self._shown + by) % len(self.session.plan.candidates)
        self._draw()

    def action_inspect(self) -> None:
        """Open the item that was finished last; after the end, the run's results."""
        state = self.session.state
        if self.session.over and state.run:
            self.app.switch_screen(RunScreen(self.context, state.run))
        elif state.last is not None and self.session.results:
            self.app.push_screen(inspector_for(self.context, self._place(state.last)))
        else:
            self.notify("No item is finished yet.", timeout=3)

    @on(Table.RowHighlighted, "#live-tasks")
    def _on_task_marked(self) -> None:
        table = self.query_one("#live-tasks", Table)
        task = next((one.task for one in self.session.plan.tasks if one.task.id == table.chosen), None)
        table.border_subtitle = f"{task.primary_metric.title} [95 % interval]" if task else ""

    @on(Table.RowSelected, "#live-tasks")
    def _on_task_selected(self) -> None:
        self.action_inspect()

    def _on_session(self, session: Session) -> None:
        if not self._paused or session.over:
            self._draw()
        else:
            self._draw_counts()

    @property
    def _shown(self) -> int:
        """Number of the candidate whose figures are shown: the chosen one, else the one at work."""
        shas = [model.sha256 for model in self.session.plan.candidates]
        if self._chosen >= 0:
            return self._chosen
        return shas.index(self.session.state.candidate) if self.session.state.candidate in shas else 0

    def _draw(self) -> None:
        self._draw_counts()
        session, model = self.session, self.session.plan.candidates[self._shown]
        result = self._result(model)
        tasks = self.query_one("#live-tasks", Table)
        tasks.fill(task_rows(session.plan, result))
        place = f" ({self._shown + 1} of {len(session.plan.candidates)})" if len(session.plan.candidates) > 1 else ""
        tasks.border_title = Content(f"Tasks · {one_line(model.name)}{place}")
        self.query_one(Streams).show(session)
        bars = self.query_one(DimensionBars)
        bars.show(result.dimensions if result else {}, any(t.origin == "sample" for t in session.plan.tasks))
        self.query_one("#last", Static).update(self._last_line())

    def _draw_counts(self) -> None:
        session, state = self.session, self.session.state
        run = RUNS[state.status]
        self.heading.show(
            Content.styled(f"run {state.run or '…'}", "bold $primary"),
            Content.styled(run.text, f"bold ${run.variable}"),
            *(Content.styled(f"‖ {text}", "bold $score-unscored") for text in self._holds()),
            f"{count(len(session.plan.candidates), 'candidate')} · {count(len(session.plan.tasks), 'task')} · "
            f"{count(session.plan.total, 'score')} in all",
            one_line(state.phase),
        )
        counts = state.counts
        outcomes = zip(list(OUTCOMES.values())[1:], (counts.scored, counts.unscored, counts.failed), strict=True)
        parts = [Content.styled(f"{one.glyph} {number:,} {one.word}", f"${one.variable}") for one, number in outcomes]
        now = self.context.now()
        pace = f"{state.tokens_per_second(now):.0f} tok/s × {state.parallel}"
        parts += [Content(f"ETA {clock(state.seconds_left(now))}"), Content(pace)]
        self.query_one("#counts", Static).update(Content("   ").join(parts))

    def _holds(self) -> list[str]:
        session = self.session
        found = ["view paused"] if self._paused else []
        if session.over:
            return []
        if session.stopping:
            return [*found, "stopping after the items in flight"]
        return [*found, "run paused"] if session.paused else found

    def _last_line(self) -> Content:
        session, state = self.session, self.session.state
        if session.over:
            return self._end_line()
        if state.last is None:
            return Content.styled("no item is finished yet", "$muted")
        ref, score = state.last.ref, state.last.score
        outcome = OUTCOMES[str(score.outcome)]
        detail = f" ({one_line(score.detail)})" if score.detail else ""
        return Content.assemble(
            ("last: ", "$muted"),
            f"{ref.task} {one_line(ref.item)}  ",
            (outcome.text, f"${outcome.variable}"),
            f"  {one_line(score.verdict)}{detail}",
            ("   enter inspects it", "$muted"),
        )

    def _end_line(self) -> Content:
        session, state = self.session, self.session.state
        if session.error is not None:
            return Content.assemble(
                (f"✗ {session.error.title}: ", "bold $score-failed"),
                one_line(f"{session.error.message} {session.error.hint}", 1000),
            )
        if state.status == "done":
            return Content.assemble(("✓ done", "bold $score-scored"), "   enter shows the results, esc goes home")
        why = one_line(state.message.splitlines()[-1] if state.message else "", 600)
        return Content.assemble((RUNS[state.status].text, "bold $score-unscored"), f"   {why}   r on home resumes it")

    def _result(self, model: ModelFile) -> ModelResult | None:
        return next((r for r in self.session.results if r.model.sha256 == model.sha256), None)

    def _place(self, last: ItemScored) -> Place:
        loaded = next(one for one in self.session.plan.tasks if one.task.id == last.ref.task)
        items = tuple(item.id for item in loaded.items)
        models = tuple(result.model for result in self.session.results)
        chosen = next(n for n, model in enumerate(models) if model.sha256 == last.ref.candidate)
        index = items.index(last.ref.item)
        return Place(self.session.state.run, loaded.task, items, index, models, chosen, last.ref.judge)
