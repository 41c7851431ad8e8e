"""Standing back behind the process that shows what is done, so that a key pressed there comes first."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

STEPS = 5
"""Nice value of a process that computes for long: it gets a third of what the shown one gets where both want a core."""
_GROUP = Path("/proc/self/autogroup")


def give_way() -> None:
    """Stand back by `STEPS`, alone and with the whole session.

    A child has a session of its own (`Child`). Where Linux shares cores out among sessions (autogroups), nice values
    count within each only, and the session has one of its own: sched(7), "The autogroup feature".
    """
    if hasattr(os, "nice"):
        os.nice(STEPS)
    with contextlib.suppress(OSError):  # no Linux, or a kernel without it
        _GROUP.write_text(str(STEPS))
