"""Watch: a run of another process while it goes on, as far as the archive tells."""

from __future__ import annotations

from contextlib import closing

from textual import on
from textual.content import Content
from textual.message import Message

from medic_console.archive.follow import RUNNING, Bookmark, EngineAtWork, News, RunFollower, SoFar
from medic_console.audit.events import ItemScored, RunEnded
from medic_console.audit.outline import Outline
from medic_console.console.context import Context
from medic_console.console.defects import attempt
from medic_console.console.live.finished import FinishedItems
from medic_console.console.live.screen import FollowingScreen
from medic_console.console.live.state import Followed, compute_figures
from medic_console.console.messages import FiguresReady
from medic_console.console.text import plain
from medic_console.console.threads import in_thread
from medic_console.console.widgets.notice import Notice
from medic_console.core.errors import MedicError

_WINDOW = 30.0
"""Seconds over which tokens are counted: they come output by output, not one by one."""
_WHY = {
    "died": "its process is gone and told no end; what it stored is kept",
    "stopped": "a fault ended it there; what it stored is kept",
    "interrupted": "it was stopped there before its end; what it stored is kept",
}


class Watch(Followed):
    """It is over when the run has ended or its process is gone.

    Attributes:
        run: Id of the run.
        pid: The process that works on it; 0 while unknown.
        mark: Up to where the archive was read; None before the first look.
    """

    def __init__(self, run: str) -> None:
        super().__init__(Outline())
        self.run = self.state.run = run
        self.pid = 0
        self.mark: Bookmark | None = None

    def begin(self, found: SoFar, now: float) -> None:
        """Take what the first look found; `now` is seconds on a clock that never goes back."""
        state = self.state
        state.outline, state.window = found.outline, _WINDOW
        state.by_task, state.last_of = dict(found.counts), dict(found.last_of)
        state.last, state.scores = found.last, sum(items for _, items in found.spent.values())
        state.finished = FinishedItems(found.latest)
        state.started, state.phase = now - found.age, ""
        state.heard = now - found.quiet
        state.pace.begin(state.heard, found.spent)
        state.count_tokens(0, now)  # the pace is counted from here
        self._at_work(found.engine, found.last)
        state.machines = found.machines
        self.pid, self.mark = found.pid, found.mark

    def follow(self, news: News, now: float) -> None:
        """Take what is new."""
        state, self.mark = self.state, news.mark
        for event in news.scored:
            state.apply(event, now)
        if news.outputs:
            state.count_tokens(news.tokens, now)
        self._at_work(news.engine, news.scored[-1] if news.scored else None)
        state.machines = news.machines
        if news.status != RUNNING:
            state.apply(RunEnded(self.run, news.status, _WHY.get(news.status, "")), now)
            self.over = True

    def _at_work(self, engine: EngineAtWork | None, last: ItemScored | None) -> None:
        state, outline = self.state, self.outline
        if engine is not None:
            names = {**outline.candidates, **outline.judges}
            state.parallel, state.phase = engine.parallel, f"{names.get(engine.model, 'another model')} at work"
        if last is not None:
            state.candidate = last.ref.candidate
        elif engine is not None and engine.model not in outline.judges:
            state.candidate = engine.model


_LOOK = 1.0
"""Seconds between two looks into the archive."""
_STREAMS = "Streams are seen only in the process that runs them. This view reads the archive once a second."


class WatchScreen(FollowingScreen):
    """Looks into the archive once a second, until the run ends or its process is gone."""

    class Seen(Message):
        """The archive has told what is stored, or why it cannot."""

        def __init__(self, found: SoFar | News | MedicError) -> None:
            super().__init__()
            self.found = found

    def __init__(self, context: Context, run: str) -> None:
        self.watched = Watch(run)
        super().__init__(context, self.watched)
        self._looking = False

    def on_mount(self) -> None:
        """Read what is stored, then follow it."""
        self.query_one(Notice).busy("reading the run")
        self._show_body(False)
        self._look_again()
        self.set_interval(_LOOK, self._look_again)

    def origin(self) -> str:
        """Name the process that works on the run."""
        if self.watched.over:
            return ""
        return f"runs in process {self.watched.pid}" if self.watched.pid else "runs in another process"

    def instead(self) -> Content:
        """Say why there are no streams, and who is at work."""
        if self.watched.over:
            return Content.styled("the run has ended", "$muted")
        state = self.watched.state
        machines = ["prompts open on each machine:"] if state.machines else []
        machines += [f"{name}: {number:,}" for name, number in state.machines]
        lines = [plain(line) for line in (state.phase, *machines) if line]
        return Content.assemble((_STREAMS, "$muted"), "\n\n" if lines else "", "\n".join(lines))

    def action_pause_run(self) -> None:
        """Say that it cannot be held from here."""
        self._belongs("It can be paused only where it runs")

    def action_stop_run(self) -> None:
        """Say where it can be stopped."""
        self._belongs("Stop it there: ctrl+c ends it after the items in flight, and the rest can be resumed")

    def _belongs(self, what: str) -> None:
        if not self.watched.over:
            where = self.origin().removeprefix("runs in ")
            self.notify(f"Run {self.watched.run} belongs to {where}. {what}.", timeout=6)

    def _show_body(self, shown: bool) -> None:
        for name in ("#folding", "#counts", "#live-items", "#last"):
            self.query_one(name).display = shown

    def _look_again(self) -> None:
        if not self.watched.over and not self._looking:
            self._looking = True
            self._look(self.watched.run, self.watched.mark)
        self._recompute()

    def _recompute(self) -> None:
        watched = self.watched
        if watched.mark is not None and watched.figures.begin(watched.state.scores, self.context.now(), watched.over):
            self._compute(watched.run)

    @in_thread("watch")
    def _look(self, run: str, mark: Bookmark | None) -> None:
        def read() -> SoFar | News:
            with closing(RunFollower(self.context.archive)) as reader:
                return reader.so_far(run) if mark is None else reader.news(run, mark)

        self.post_message(self.Seen(attempt(read)))

    @in_thread("watch-figures")
    def _compute(self, run: str) -> None:
        self.post_message(compute_figures(self.context.archive, run, self.context.known))

    @on(Seen)
    def _on_seen(self, message: Seen) -> None:
        found, watched, now = message.found, self.watched, self.context.now()
        self._looking = False
        watched.error = found if isinstance(found, MedicError) else None
        if isinstance(found, SoFar):
            watched.begin(found, now)
            self.query_one(Notice).hide()
            self._show_body(True)
            self.action_pane(1)
        elif isinstance(found, News):
            watched.follow(found, now)
            if watched.over:
                self.post_message(watched.ended(now))
        elif watched.mark is None:
            self.query_one(Notice).error(found)
        self._recompute()
        self.draw_news()

    @on(FiguresReady)
    def _on_figures_ready(self, message: FiguresReady) -> None:
        message.stop()
        self.watched.figures.end(self.context.now())
        self.watched.results = message.results or self.watched.results
        self._recompute()
        self.draw_news()
