"""Watch: a run of another process while it goes on, as far as the archive tells."""

from __future__ import annotations

from contextlib import closing

from textual import on, work
from textual.content import Content
from textual.message import Message

from medic_console.archive.watching import Mark, News, SoFar, Watching
from medic_console.console.context import Context
from medic_console.console.defects import defect
from medic_console.console.followed import compute_figures
from medic_console.console.messages import FiguresReady
from medic_console.console.screens.following import FollowingScreen
from medic_console.console.text import plain
from medic_console.console.watch import Watch
from medic_console.console.widgets.notice import Notice
from medic_console.errors import MedicError

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
        phase = plain(self.watched.state.phase)
        return Content.assemble((_STREAMS, "$muted"), f"\n\n{phase}" if phase else "")

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
        for name in ("#folding", "#counts", "#last"):
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

    @work(thread=True, group="watch", exit_on_error=False)
    def _look(self, run: str, mark: Mark | None) -> None:
        try:
            with closing(Watching(self.context.archive)) as reader:
                self.post_message(self.Seen(reader.so_far(run) if mark is None else reader.news(run, mark)))
        except MedicError as error:
            self.post_message(self.Seen(error))
        except Exception:  # noqa: BLE001 - a defect of ours is shown with its traceback, and the view goes on
            self.post_message(self.Seen(defect()))

    @work(thread=True, group="watch-figures", exit_on_error=False)
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
