"""What is shown of a run while it goes on, whoever does it: counts, tasks, streams, dimensions, the last item."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from medic_console.archive.views import ModelResult
from medic_console.audit.events import ItemScored
from medic_console.console.base import ConsoleScreen
from medic_console.console.commands import bindings
from medic_console.console.context import Context
from medic_console.console.dialogs.questions import StopScreen
from medic_console.console.glyphs import OUTCOMES, RUNS
from medic_console.console.inspect.position import Position
from medic_console.console.inspect.registry import inspector_for
from medic_console.console.live.finished import columns_of, failing_told, finished_rows, key_of, last_line
from medic_console.console.live.rows import Streams, doubt, in_numbers, task_columns, task_rows, told, without_task
from medic_console.console.live.state import Followed
from medic_console.console.messages import ShowText
from medic_console.console.run.pages import in_words
from medic_console.console.run.screen import RunScreen
from medic_console.console.session import Session
from medic_console.console.text import one_line
from medic_console.console.widgets.dimension_bars import DimensionBars
from medic_console.console.widgets.folding import Folding
from medic_console.console.widgets.heading import Heading
from medic_console.console.widgets.key_bar import KeyBar
from medic_console.console.widgets.notice import Notice
from medic_console.console.widgets.steady import Steady
from medic_console.console.widgets.table import Table
from medic_console.console.widgets.titles import entitle
from medic_console.results.diagnostics import log_tail
from medic_console.results.export import MakeSheet
from medic_console.results.sheets import task_sheet
from medic_console.results.summary import summary

_TICK = 0.5
_LOG_LINES = 200
_RESTS = "enter shows what there is, r on home or medic-console resume goes on with it"
_BETWEEN = "   "
"""Between two parts of a line."""


class FollowingScreen(ConsoleScreen):
    """Draws what is followed; its kinds say where that comes from and what can be done to the run."""

    CSS_PATH = "live.tcss"
    BINDINGS = bindings("live")
    PLACES: ClassVar[tuple[str, ...]] = ("live",)
    PANES = ("live-tasks", "streams", "dimensions", "live-items")

    def __init__(self, context: Context, followed: Followed) -> None:
        super().__init__(context)
        self.followed = followed
        self._paused = False
        self._chosen = -1
        self._offered = (False, False)
        self._failing = False
        self._listed = (-1, False, False)

    def compose(self) -> ComposeResult:
        """Two lines of heading, three panes, the items that are finished, the last one."""
        yield Heading()
        yield Steady(id="counts")
        yield Notice()
        tasks = Table(task_columns(self.followed.outline), id="live-tasks")
        panes = [("Tasks", tasks), ("Streams", Streams()), ("Dimensions", DimensionBars())]
        yield Folding(panes)
        yield Table(columns_of(False, False), id="live-items")
        yield Steady(id="last")
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw; a slow tick keeps time and pace true while nothing happens."""
        self.set_interval(_TICK, self._tick)
        self._draw()
        self.query_one("#live-tasks").focus()

    def on_resize(self) -> None:
        """Choose the columns that fit."""
        self.call_after_refresh(self._list_items)

    def on_screen_resume(self) -> None:
        """Draw what came while another screen was in front."""
        self.draw_news()

    def now(self) -> float:
        """Return the seconds by which pace and silence are counted."""
        return self.context.now()

    def called(self) -> str:
        """Return what is followed."""
        return f"run {self.followed.state.run or '…'}"

    def origin(self) -> str:
        """Return where the run goes on, when it is not here."""
        return ""

    def holds(self) -> list[str]:
        """Return what holds the run, in words."""
        return []

    def scope(self) -> str:
        """Return what is run, in numbers."""
        return in_numbers(self.followed.outline)

    def instead(self) -> Content:
        """Return what is said where there are no streams."""
        raise NotImplementedError

    def action_pause_run(self) -> None:
        """Hold the run, or let it go on."""
        raise NotImplementedError

    def action_stop_run(self) -> None:
        """Stop after the items in flight."""
        raise NotImplementedError

    def action_pause_view(self) -> None:
        """Hold the view still, or let it go on."""
        self._paused = not self._paused
        self._draw() if not self._paused else self._draw_counts()

    def action_model(self, by: int) -> None:
        """Show another candidate's figures."""
        if self.followed.outline.candidates:
            self._chosen = (self._shown + by) % len(self.followed.outline.candidates)
            self._draw()

    def action_inspect(self) -> None:
        """Open the item that was finished last."""
        self._open(self.followed.state.last, "item")

    def action_results(self) -> None:
        """Open the run's results."""
        self.app.switch_screen(RunScreen(self.context, self.followed.state.run))

    def action_failing(self) -> None:
        """List only the items that failed or have no score, or the last ones again."""
        self._failing = not self._failing
        self._list_items()
        self.action_pane(4)

    def _open(self, item: ItemScored | None, what: str) -> None:
        if item is not None and self.followed.results:
            self.app.push_screen(inspector_for(self.context, self._place(item)))
        else:
            self.notify(f"No {what} is finished yet.", timeout=3)

    def action_show_log(self) -> None:
        """Show the end of the engines' log."""
        self.post_message(ShowText("Log", log_tail(_LOG_LINES) or "Nothing has been written to the log."))

    def sheet_of(self, table: Table) -> MakeSheet:
        """Return the tasks with every number of their main metrics, once there are any."""
        if (result := self._shown_result) is None or table.id != "live-tasks":
            return super().sheet_of(table)
        views = [view for view in result.tasks if view.task.id in table.keys]
        return partial(task_sheet, f"run {self.followed.state.run} tasks", views)

    def draw_news(self) -> None:
        """Draw what is new; a view that is held still counts on, and the end is always shown.

        Behind another screen nothing is drawn: whoever reads an item there should not wait for it.
        """
        if not self.is_active:
            return
        if not self._paused or self.followed.over:
            self._draw()
        else:
            self._draw_counts()

    @on(Table.RowHighlighted, "#live-tasks")
    def _on_task_marked(self) -> None:
        self._tell()

    def _tell(self) -> None:
        """Say of the marked task what its row has no room for."""
        table, outline = self.query_one("#live-tasks", Table), self.followed.outline
        task = next((one.task for one in outline.tasks if one.task.id == table.chosen), None)
        result = self._shown_result
        view = next((one for one in result.tasks if one.task.id == table.chosen), None) if result else None
        entitle(table, subtitle=told(task, view, self.has_class("-narrow")) if task else "")

    @on(Table.RowSelected, "#live-tasks")
    def _on_task_selected(self) -> None:
        """Open the marked task's item that was finished last under the candidate that is shown."""
        followed, table = self.followed, self.query_one("#live-tasks", Table)
        if followed.over and followed.state.run:
            self.action_results()
            return
        candidate = list(followed.outline.candidates)[self._shown]
        self._open(followed.state.last_of.get((candidate, table.chosen)), f"item of {table.chosen}")

    @on(Table.RowSelected, "#live-items")
    def _on_item_selected(self) -> None:
        chosen = self.query_one("#live-items", Table).chosen
        items = self.followed.state.finished.shown(self._failing)
        self._open(next((one for one in items if key_of(one.ref) == chosen), None), "item")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what does something now."""
        if action == "model":
            return len(self.followed.outline.candidates) > 1
        if action in ("pause_view", "pause_run", "stop_run") and self.followed.over:
            return False
        if action == "results":
            return self.followed.over and bool(self.followed.state.run)
        return super().check_action(action, parameters)

    @property
    def _shown(self) -> int:
        """Number of the candidate whose figures are shown: the chosen one, else the one at work."""
        candidates, at_work = list(self.followed.outline.candidates), self.followed.state.candidate
        if self._chosen >= 0:
            return self._chosen
        return candidates.index(at_work) if at_work in candidates else 0

    @property
    def _shown_result(self) -> ModelResult | None:
        candidates = list(self.followed.outline.candidates)
        return self._result(candidates[self._shown]) if candidates else None

    @property
    def _ends(self) -> bool:
        """The last line tells of an end or of a fault; before that it stays one line high, so that nothing jumps."""
        return self.followed.over or self.followed.error is not None

    def _tick(self) -> None:
        if self.is_active:
            self._draw_counts()

    def _draw(self) -> None:
        offered = (self.followed.over, len(self.followed.outline.candidates) > 1)
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()
        self._draw_counts()
        outline, state = self.followed.outline, self.followed.state
        self._draw_streams()
        self._list_items()
        last = self.query_one("#last", Steady)
        last.set_class(self._ends, "-end")
        last.show_text(self._end_line() if self._ends else last_line(state.last))
        if not outline.candidates:
            return
        sha256, name = list(outline.candidates.items())[self._shown]
        result = self._result(sha256)
        tasks = self.query_one("#live-tasks", Table)
        tasks.use_columns(task_columns(outline))
        tasks.fill(task_rows(state, sha256, result))
        place = f" ({self._shown + 1} of {len(outline.candidates)})" if len(outline.candidates) > 1 else ""
        entitle(tasks, f"Tasks · {one_line(name)}{place}")
        samples = any(one.origin == "sample" for one in outline.tasks)
        scores = result.dimensions if result else {}
        self.query_one(DimensionBars).show(scores, samples, doubt=doubt(result), never=without_task(outline))
        self._tell()

    def _draw_counts(self) -> None:
        followed, state, run = self.followed, self.followed.state, RUNS[self.followed.state.status]
        held = [] if followed.over else [*(["view paused"] if self._paused else []), *self.holds()]
        self.heading.show(
            Content.styled(self.called(), "bold $primary"),
            Content.styled(run.text, f"bold ${run.variable}"),
            *(Content.styled(f"‖ {text}", "bold $score-unscored") for text in held),
            self.origin(),
            self.scope(),
            one_line(" · ".join(filter(None, (state.phase, state.spread)))),
        )
        counts = state.counts
        outcomes = zip(list(OUTCOMES.values())[1:], (counts.scored, counts.unscored, counts.failed), strict=True)
        parts = [Content.styled(f"{one.glyph} {number:,} {one.word}", f"${one.variable}") for one, number in outcomes]
        if not followed.over:
            parts += self._expected(self.now())
        room = self.query_one("#counts", Steady).content_region.width or 200
        while len(parts) > len(OUTCOMES) and sum(len(one) + len(_BETWEEN) for one in parts) > room + len(_BETWEEN):
            parts.pop()  # a number that does not fit is left out, not cut
        self.query_one("#counts", Steady).show_text(Content(_BETWEEN).join(parts))

    def _expected(self, now: float) -> list[Content]:
        """Return when the end is expected, or why that is not known, and the pace."""
        state, held = self.followed.state, self.holds()
        pace = Content(f"{state.tokens_per_second(now):,.0f} tok/s × {state.parallel}")
        if (silence := state.silence(now)) and not held:
            return [Content.styled(f"! {silence}", "$score-unscored"), pace]
        return [Content(f"ETA not known: {held[0].partition(' after')[0]}" if held else state.left().told), pace]

    def _draw_streams(self) -> None:
        """Draw what is written; after the end what the run found, in words."""
        followed, streams = self.followed, self.query_one(Streams)
        ended = followed.over and bool(followed.results)
        if streams.border_title != (title := "In words" if ended else "Streams"):
            streams.border_title = title
            self.query_one(Folding).rename(streams, title)
        streams.show(followed.state.streams, in_words(summary(followed.results)) if ended else self.instead())

    def _list_items(self) -> None:
        """List what is finished; a list that is not looked through keeps its newest line marked."""
        state, table, narrow = self.followed.state, self.query_one("#live-items", Table), self.has_class("-narrow")
        fresh = (state.scores, self._failing, narrow)
        if fresh == self._listed:
            return
        self._listed, stays = fresh, table.has_focus and table.cursor_row > 0
        items = state.finished.shown(self._failing)
        candidates = self.followed.outline.candidates
        table.use_columns(columns_of(len(candidates) > 1, narrow))
        table.fill(finished_rows(items, self.followed.outline, narrow))
        if not stays:
            table.move_cursor(0)
        title = "Items that failed or have no score" if self._failing else "Last items"
        entitle(table, title, failing_told(state.counts, self._failing))

    def _end_line(self) -> Content:
        error, state = self.followed.error, self.followed.state
        if error is not None:
            return Content.assemble(
                (f"✗ {error.title}: ", "bold $score-failed"), one_line(f"{error.message} {error.hint}", 1000)
            )
        end = RUNS[state.status]
        if state.status == "done":
            return Content.assemble((end.text, f"bold ${end.variable}"), "   enter shows the results, esc goes home")
        why = one_line(state.message.splitlines()[-1] if state.message else "", 600)
        return Content.assemble((end.text, f"bold ${end.variable}"), f"   {why}\n", (_RESTS, "$muted"))

    def _result(self, candidate: str) -> ModelResult | None:
        return next((result for result in self.followed.results if result.model.sha256 == candidate), None)

    def _place(self, last: ItemScored) -> Position:
        one = next(one for one in self.followed.outline.tasks if one.task.id == last.ref.task)
        models = tuple(result.model for result in self.followed.results)
        chosen = next(n for n, model in enumerate(models) if model.sha256 == last.ref.candidate)
        index = one.items.index(last.ref.item)
        return Position(self.followed.state.run, one.task, one.items, index, models, chosen, last.ref.judge)


class LiveScreen(FollowingScreen):
    """Follows the session, and can hold or stop it."""

    def __init__(self, context: Context, session: Session) -> None:
        super().__init__(context, session)
        self.session = session

    def on_mount(self) -> None:
        """Follow the session."""
        self.context.changed.subscribe(self, self._on_session)

    def holds(self) -> list[str]:
        """Return what was asked of the run."""
        if self.session.stopping:
            return ["stopping after the items in flight"]
        return ["run paused"] if self.session.paused else []

    def instead(self) -> Content:
        """Return what is being done while nothing is written."""
        said = "the run has ended" if self.session.over else self.session.state.phase
        return Content.styled(one_line(said), "$muted")

    def action_pause_run(self) -> None:
        """Hold the run, or let it go on."""
        if not self.session.over:
            self.session.toggle_pause()
            self._draw_counts()

    def action_stop_run(self) -> None:
        """Stop after the items in flight, when that is wanted; while it does, at once."""
        if not self.session.over:
            question = StopScreen(self.session.state.run or "…", self.session.stopping)
            self.app.push_screen(question, self._on_stop_at_once if self.session.stopping else self._on_stop_answer)

    def _on_stop_answer(self, yes: bool | None) -> None:
        if yes and not self.session.over:
            self.session.stop()
            self._draw_counts()

    def _on_stop_at_once(self, yes: bool | None) -> None:
        if yes:
            self.session.stop_at_once()

    def _on_session(self, changed: Followed) -> None:
        if changed is self.session:
            self.draw_news()
