"""A run that goes on in a thread of its own while the conversation does: how far it is, what was finished, its end."""

from __future__ import annotations

import threading
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from medic_console.audit.events import ItemScored, RunEnded, RunStarted
from medic_console.audit.outline import outline_of
from medic_console.audit.plan import Plan
from medic_console.audit.progress import Progress
from medic_console.engine.protocol.port import Start
from medic_console.session.audit import Audit
from medic_console.session.progress_lines import Lines

_LAST = 20
"""Finished items that are kept."""


class Going:
    """One sitting of a run.

    Raises:
        MedicError: It cannot be started.
    """

    def __init__(self, archive: Path, plan: Plan, start: Start | None = None) -> None:
        self._said: deque[str] = deque()
        self._audit = Audit(archive, plan, start, tell=self._said.append)
        self.run = self._audit.run
        self.plan = self._audit.plan
        self.ended: RunEnded | None = None
        self._told_end = False
        self._last: deque[ItemScored] = deque(maxlen=_LAST)
        self._over = threading.Event()
        self._lines = Lines(Progress(outline_of(plan), dict(self._audit.finished())), self._said.append)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether the thread has done its work."""
        return self._over.is_set()

    @property
    def stopping(self) -> bool:
        """Whether it ends after the items in flight."""
        return self._audit.control.stopping

    @property
    def paused(self) -> bool:
        """Whether no new item begins."""
        return self._audit.control.paused

    def stop(self) -> None:
        """End after the items in flight."""
        self._audit.control.stop()

    def stop_at_once(self) -> None:
        """End now; the items in flight are asked again when the run is resumed."""
        self._audit.control.stop_at_once()

    def pause(self) -> None:
        """Hold it, or let it go on."""
        self._audit.control.pause(not self.paused)

    def lines(self) -> Iterator[str]:
        """Yield what was not told yet: models loaded, tasks done."""
        while self._said:
            yield self._said.popleft()

    def so_far(self) -> str:
        """Return how far it is, in a line."""
        held = "paused; " if self.paused else "stopping after the items in flight; " if self.stopping else ""
        return f"Run {self.run}: {held}{self._lines.so_far()}"

    def last(self) -> Sequence[ItemScored]:
        """Return the items that were finished last, the newest first."""
        return tuple(self._last)

    def end(self) -> str:
        """Return the end of the run in a sentence, which is no news then; empty while it goes on."""
        if self.ended is None:
            return ""
        self._told_end = True
        why = f": {self.ended.message}" if self.ended.message else ""
        return f"Run {self.run} is {self.ended.status}{why}."

    def news(self) -> Iterator[str]:
        """Yield the end, once."""
        if self.over and not self._told_end:
            yield self.end()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; tell whether it has come."""
        return self._over.wait(seconds)

    def _work(self) -> None:
        ended = RunEnded(self.run, "stopped", "no end was told")
        try:
            for event in self._audit.events():
                if isinstance(event, ItemScored):
                    self._last.appendleft(event)
                elif isinstance(event, RunEnded):
                    ended = event
                self._lines.take(event)
                if isinstance(event, RunStarted):
                    self._said.clear()  # who began it was told so
        except Exception as error:  # noqa: BLE001 - told to the person; the run can be resumed
            ended = RunEnded(self.run, "stopped", f"{error}\n{traceback.format_exc()}")
        self.ended = ended
        self._over.set()
