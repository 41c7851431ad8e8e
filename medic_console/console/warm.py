"""Screens that are opened first, loaded while nobody types: their modules take a quarter of a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module

SCREENS = (
    "medic_console.console.dialogs.help",
    "medic_console.console.run.screen",
    "medic_console.console.inspect.registry",
    "medic_console.console.new_run.screen",
    "medic_console.console.compare.screen",
    "medic_console.console.live.screen",
)
_BREATH = 0.05
"""Seconds between two, in which a key is answered."""


def load(typed_since: Callable[[], float], quiet: float) -> int:
    """Load what is not loaded yet, and return how many were reached before a key came.

    Args:
        typed_since: Seconds since the last key.
        quiet: As many must have gone by.
    """
    for number, name in enumerate(SCREENS):
        if typed_since() < quiet:
            return number
        import_module(name)
        time.sleep(_BREATH)
    return len(SCREENS)
