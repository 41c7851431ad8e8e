"""Standing back behind the process that shows what is done, so that a key pressed there comes first."""

from __future__ import annotations

import os

STEPS = 5
"""Nice value of a process that computes for long: it gets a third of what the shown one gets where both want a core."""


def give_way() -> None:
    """Stand back by `STEPS`.

    A child stays in its parent's session (`Child`). Where Linux shares cores out among sessions (autogroups), nice
    values count within each only: sched(7), "The autogroup feature". Between sessions of different weight, too, a
    woken process waits for the other's whole slice: 3 to 4 ms in one of twenty wakes on Linux 6.18, else under 0.1.
    """
    if hasattr(os, "nice"):
        os.nice(STEPS)
