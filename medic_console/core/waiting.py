"""Who is told that something waits: the front end says how."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str], None]
_tells: list[Tell] = []


def on_waiting(tell: Tell) -> None:
    """Have waits told from now on; there is one listener, called from whichever thread waits."""
    _tells[:] = [tell]


def waits(text: str) -> None:
    """Tell that something waits, and for what."""
    for tell in _tells:
        tell(text)
