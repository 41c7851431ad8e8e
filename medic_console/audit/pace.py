"""When a run ends, by what its items took so far, and what cannot be known of that yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from medic_console.audit.outline import Outline
from medic_console.core.records import Counts
from medic_console.core.units import clock, count

Part = tuple[str, str]
"""A candidate's sha256 and a task's id."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a run.

    Attributes:
        seconds: Of the parts whose items were timed.
        untimed: Parts (a task under a candidate) that have items left, and none that was timed.
    """

    seconds: float = 0.0
    untimed: int = 0

    @property
    def told(self) -> str:
        """The estimate in words, and what it leaves out."""
        if not self.untimed:
            return f"ETA {clock(self.seconds)}"
        if not self.seconds:
            return "ETA not known yet"
        return f"ETA {clock(self.seconds)} at least, {count(self.untimed, 'task')} not timed yet"


class Pace:
    """Seconds that items took in the present sitting, by candidate and task."""

    def __init__(self) -> None:
        self._spent: dict[Part, tuple[float, int]] = {}
        self._last: float | None = None

    def begin(self, now: float, spent: Mapping[Part, tuple[float, int]] | None = None) -> None:
        """Count from now on; `spent` are seconds and items of the sitting before that."""
        self._spent.update(spent or {})
        self._last = now

    def add(self, part: Part, now: float) -> None:
        """Count an item that was finished now: it took the time since the one before."""
        seconds, items = self._spent.get(part, (0.0, 0))
        self._spent[part] = seconds + (now - (now if self._last is None else self._last)), items + 1
        self._last = now

    def left(self, outline: Outline, done: Mapping[Part, Counts]) -> Left:
        """Return what is left of a run of which `done` is finished."""
        seconds, untimed = 0.0, 0
        for part, items in _left(outline, done):
            spent, timed = self._spent.get(part, (0.0, 0))
            if timed:
                seconds += spent / timed * items
            else:
                untimed += 1
        return Left(seconds, untimed)


def _left(outline: Outline, done: Mapping[Part, Counts]) -> Iterator[tuple[Part, int]]:
    for candidate in outline.candidates:
        for one in outline.tasks:
            part = candidate, one.task.id
            if left := one.scores - done.get(part, Counts()).total:
                yield part, left
