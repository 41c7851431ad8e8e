"""An app with a run that goes on in its thread: events in batches, figures once a second."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from textual import on, work
from textual.worker import Worker, WorkerState

from medic_console.console.defects import tell_defect
from medic_console.console.key_order import KeyOrderApp
from medic_console.console.messages import EventsWaiting, FiguresReady
from medic_console.console.threads import in_thread
from medic_console.session.ending import asked_by, told

if TYPE_CHECKING:
    from medic_console.console.context import Context
    from medic_console.console.session import Session

_DRAIN = 0.2
"""Least seconds between two looks into the feed, so also between two drawings of the live view."""
_FIGURES = 1.0
"""Least seconds between two computations of metrics while a run goes on."""


_FIGURES_GROUP = "live-figures"


class SessionApp(KeyOrderApp):
    """Runs the context's session; screens hear of it through `context.changed`."""

    context: Context
    faults: tuple[str, ...] = ()

    def __init__(self, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._draining = False
        self._leaving = False

    def begin(self, session: Session) -> None:
        """Run a session in its thread."""
        session.begin()
        self.follow(session)

    def follow(self, session: Session) -> None:
        """Show a session whose thread has begun."""
        self.context.session = session
        self._audit(session)

    def session_ended(self) -> None:
        """Called when the session's thread has ended."""

    def on_mount(self) -> None:
        """Look for new scores once a second, and hear when the system asks for an end."""
        self.set_interval(_FIGURES, self._recompute)
        with suppress(NotImplementedError, RuntimeError, ValueError):  # no signals there, or not the main thread
            for number in asked_by():
                asyncio.get_running_loop().add_signal_handler(number, self._asked_to_end, number)

    def on_unmount(self) -> None:
        """Hear no signals any more."""
        with suppress(NotImplementedError, RuntimeError, ValueError):
            for number in asked_by():
                asyncio.get_running_loop().remove_signal_handler(number)

    def _asked_to_end(self, number: signal.Signals) -> None:
        """End: at once where no run goes on, else when it has ended, past the grace at once."""
        session = self.context.running
        if session is None:
            self.exit()
            return
        self._leaving = True
        session.stop()
        grace = self.context.settings.grace
        self.set_timer(grace, session.stop_at_once)
        self.notify(told(number.name, grace), severity="warning", timeout=max(grace, 1.0))

    @work(exclusive=True, group="audit", exit_on_error=False)
    async def _audit(self, session: Session) -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()

        def ended() -> None:
            with suppress(RuntimeError):  # the app has ended meanwhile
                loop.call_soon_threadsafe(over.set)

        session.listen(lambda: self.post_message(EventsWaiting()), ended)
        await over.wait()

    @on(EventsWaiting)
    def _on_events_waiting(self) -> None:
        if not self._draining:
            self._draining = True
            self.set_timer(_DRAIN, self._drain)

    def _drain(self) -> None:
        self._draining = False
        session = self.context.session
        if session is not None:
            for event in session.feed.take():
                session.state.apply(event, self.context.now())
            self.context.changed.publish(session)

    @on(Worker.StateChanged)
    def _on_worker_changed(self, event: Worker.StateChanged) -> None:
        over = event.state in (WorkerState.SUCCESS, WorkerState.ERROR, WorkerState.CANCELLED)
        session = self.context.session
        if event.state is WorkerState.ERROR:
            if event.worker.group == _FIGURES_GROUP and session is not None:
                session.figures.end(self.context.now())
            tell_defect(self.screen, event.worker)
        if event.worker.group != "audit" or not over or session is None:
            return
        session.over = True
        if session.error is not None and session.state.status == "running":
            session.state.status = "stopped"
        self._drain()
        self._recompute()
        self.post_message(session.ended(self.context.now()))
        self.session_ended()
        if self._leaving:
            self.exit()

    def _recompute(self) -> None:
        """Have figures computed in a thread when it is time for them."""
        session = self.context.session
        if session is None or not session.state.run:
            return
        if session.figures.begin(session.state.scores, self.context.now(), session.over):
            self._compute(session.state.run)

    @in_thread(_FIGURES_GROUP, exclusive=True)
    def _compute(self, run: str) -> None:
        from medic_console.console.live.state import compute_figures

        self.post_message(compute_figures(self.context.archive, run, self.context.known))

    @on(FiguresReady)
    def _on_figures(self, message: FiguresReady) -> None:
        session = self.context.session
        if session is not None and session.state.run == message.run:
            session.figures.end(self.context.now())
            session.results = message.results or session.results
            self.context.changed.publish(session)
        if session is not None and session.over:
            self._recompute()
