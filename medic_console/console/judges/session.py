"""The qualification of a judge as a session of the console: its probes in a live view, then its cards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from medic_console.audit.events import RunEnded, RunEvent
from medic_console.console.session import Session
from medic_console.engine.protocol.port import Start
from medic_console.results.judging.card import Card
from medic_console.session.audit import Audit
from medic_console.session.qualification import Qualification, QualificationRequest


class QualifySession(Session):
    """It is over when the cards are made, or the probes were stopped.

    Attributes:
        cards: Empty until then.
    """

    def __init__(self, archive: Path, asked: QualificationRequest, start: Start | None) -> None:
        super().__init__(archive, asked.plan(), start)
        self.cards: tuple[Card, ...] = ()
        self._work = Qualification(archive, asked, start)

    def make(self) -> Audit:
        """Return the run of the probes: a new one, or the rest of an interrupted one."""
        return self._work.probing()

    def events(self) -> Iterator[RunEvent]:
        """Yield what happens, then make the cards."""
        for event in super().events():
            yield event
            if isinstance(event, RunEnded) and event.status == "done":
                self.cards = tuple(self._work.cards())
