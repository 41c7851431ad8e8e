"""When garbage is looked for: never while somebody types, as a whole look stops the keys for tenths of a second."""

from __future__ import annotations

import gc
import time

YOUNG, MIDDLE = 2_000, 20
"""Objects that are new, and looks at new ones, before Python looks by itself at those and at the ones before."""
NEVER = 1_000_000_000
QUIET = 1.5
"""Seconds without a key before all objects are looked through."""
PAUSE = 60.0
"""Seconds without a key behind which a look may take a moment longer."""
MANY = 10
"""Looks at the younger objects since the last whole one, below which none is worth it."""
_PATIENCE = 20
"""Times as long as the last whole look took nobody must have typed before the next: of a long list it takes longer."""
_NUMBER_OF_LOOKS = 2
"""Place of that number in what Python counts."""


class Garbage:
    """Whole looks for garbage, each when nobody has typed for a moment; what the start has loaded is left out."""

    def __init__(self) -> None:
        self._before: tuple[int, int, int] | None = None
        self._took = 0.0
        self._kept = False

    def begin(self) -> None:
        """Leave out what is there, and let Python look at young objects alone from now on."""
        self._before = gc.get_threshold()
        gc.freeze()
        gc.set_threshold(YOUNG, MIDDLE, NEVER)
        gc.enable()

    def end(self) -> None:
        """Let Python look by itself again."""
        if self._before is not None:
            gc.set_threshold(*self._before)
            self._before = None

    def keep(self) -> None:
        """Leave out what is there now, such as a list of 100,000 rows that was just read, until a long pause."""
        if self._before is not None:
            gc.freeze()
            self._kept = True

    def look(self, quiet: float) -> bool:
        """Look through all when it is time, and tell whether it was; after a long pause what was kept too.

        Args:
            quiet: Seconds since the last key.
        """
        still = quiet >= max(QUIET, _PATIENCE * self._took)
        due = self._before is not None and still and gc.get_count()[_NUMBER_OF_LOOKS] >= MANY
        if due:
            began = time.perf_counter()
            if thawed := self._kept and quiet >= PAUSE:
                gc.unfreeze()
            gc.collect()
            if thawed:
                gc.freeze()
            self._took = time.perf_counter() - began
        return due
