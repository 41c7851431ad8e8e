"""When garbage is looked for: never while somebody types, as a whole look stops the keys for tenths of a second."""

from __future__ import annotations

import gc

YOUNG, MIDDLE = 2_000, 20
"""Objects that are new, and looks at new ones, before Python looks by itself at those and at the ones before."""
NEVER = 1_000_000_000
QUIET = 1.5
"""Seconds without a key before all objects are looked through."""
MANY = 10
"""Looks at the younger objects since the last whole one, below which none is worth it."""
_NUMBER_OF_LOOKS = 2
"""Place of that number in what Python counts."""


class Garbage:
    """Whole looks for garbage, each when nobody has typed for a moment; what the start has loaded is left out."""

    def __init__(self) -> None:
        self._before: tuple[int, int, int] | None = None

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

    def look(self, quiet: float) -> bool:
        """Look through all when it is time, and tell whether it was.

        Args:
            quiet: Seconds since the last key.
        """
        due = self._before is not None and quiet >= QUIET and gc.get_count()[_NUMBER_OF_LOOKS] >= MANY
        if due:
            gc.collect()
        return due
