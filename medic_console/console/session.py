"""The run that is going on: the audit in its thread, the feed to the screen, and what is known so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import copy_context
from pathlib import Path

from medic_console.archive.follow import RunFollower
from medic_console.audit.events import RunEvent
from medic_console.audit.outline import outline_of
from medic_console.audit.plan import Plan
from medic_console.console.defects import defect
from medic_console.console.live.finished import FinishedItems
from medic_console.console.live.state import Followed
from medic_console.core.errors import MedicError
from medic_console.engine.protocol.port import Start
from medic_console.session.audit import Audit


class Feed:
    """Events on their way from the audit's thread to the app's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[RunEvent] = []

    def put(self, event: RunEvent) -> bool:
        """Add an event; return True when the feed was empty, so that the app must be woken once."""
        with self._lock:
            self._events.append(event)
            return len(self._events) == 1

    def take(self) -> list[RunEvent]:
        """Return all waiting events and empty the feed."""
        with self._lock:
            taken, self._events = self._events, []
        return taken


class Session(Followed):
    """One sitting of this console; it is over when the audit's thread has ended.

    Attributes:
        audit: None until its thread has opened the archive.
    """

    def __init__(self, archive: Path, plan: Plan, start: Start | None) -> None:
        super().__init__(outline_of(plan))
        self.plan = plan
        self.feed = Feed()
        self.audit: Audit | None = None
        self._archive = archive
        self._start = start
        self._stop_early = False
        self._over = threading.Event()
        self._waiting: Callable[[], object] = lambda: None
        self._ended: Callable[[], object] = lambda: None

    def begin(self) -> None:
        """Start the thread. It is no worker of the app's: a run outlives the screens that show it."""
        threading.Thread(target=copy_context().run, args=(self._iterate,), name="audit").start()

    def listen(self, waiting: Callable[[], object], ended: Callable[[], object]) -> None:
        """Have the thread tell when events wait in the feed, and its end; at once where that has come."""
        self._waiting, self._ended = waiting, ended
        waiting()
        if self.wait(0):
            ended()

    def wait(self, seconds: float) -> bool:
        """Wait for the thread's end; tell whether it has come."""
        return self._over.wait(seconds)

    def _iterate(self) -> None:
        try:
            for event in self.events():
                if self.feed.put(event):
                    self._waiting()
        except MedicError as error:
            self.error = error
        except Exception:  # noqa: BLE001 - a defect of ours ends the run, not the console
            self.error = defect()
        self._over.set()
        self._ended()

    def open(self) -> Audit:
        """Make the audit; called by its thread.

        Raises:
            MedicError: The run cannot be started.
        """
        audit = self.make()
        with closing(RunFollower(self._archive)) as reader:  # a new run has none of it
            self.state.by_task.update(reader.counts(audit.run))
            self.state.last_of.update(reader.last_of(audit.run))
            self.state.finished = FinishedItems(reader.latest(audit.run))
        self.audit = audit
        if self._stop_early:
            audit.control.stop()
        return audit

    def make(self) -> Audit:
        """Return the audit of the plan: a new run, or the rest of one."""
        return Audit(self._archive, self.plan, self._start, tell=self._measuring)

    def _measuring(self, text: str) -> None:
        self.state.phase = text

    def events(self) -> Iterator[RunEvent]:
        """Yield what happens; iterated by the session's thread.

        Raises:
            MedicError: The run cannot be started, or what follows its end cannot be done.
        """
        yield from self.open().events()

    @property
    def paused(self) -> bool:
        """No new item begins."""
        return self.audit is not None and self.audit.control.paused

    @property
    def stopping(self) -> bool:
        """It ends after the items in flight."""
        return self._stop_early or (self.audit is not None and self.audit.control.stopping)

    def stop(self) -> None:
        """End after the items in flight."""
        self._stop_early = True
        if self.audit is not None:
            self.audit.control.stop()

    def stop_at_once(self) -> None:
        """End now; what is in flight is asked again when the run is resumed."""
        self.stop()
        if self.audit is not None:
            threading.Thread(target=self.audit.control.stop_at_once, daemon=True).start()  # an engine may take seconds

    def toggle_pause(self) -> None:
        """Hold the run, or let it go on."""
        if self.audit is not None:
            self.audit.control.pause(not self.audit.control.paused)
