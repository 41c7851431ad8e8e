"""The terminal that the console is drawn on may go away without a signal: the process then ends by itself.

Textual 8.2 reads the end of such a terminal again and again, and when it is asked to end it waits for a thread that
died of writing there; so this does not ask Textual.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable

LOOK_SECONDS = 1.0
GRACE_SECONDS = 10.0
"""For a run's last answers to be stored, once it was told to end at once."""
CODE = 128 + getattr(signal, "SIGHUP", 1)


def watch_terminal(descriptor: int, stops: Callable[[], Callable[[], bool]]) -> None:
    """Look from now on, in a thread of its own, whether a terminal is there; end the process when it is gone.

    Args:
        stops: Ends what goes on, and returns what tells whether it has ended.
    """
    if hasattr(select, "poll"):
        threading.Thread(target=_watch, args=(descriptor, stops), name="terminal", daemon=True).start()


def is_gone(descriptor: int) -> bool:
    """Tell whether the other end of a terminal is closed."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(state & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, state in poll.poll(0))


def _watch(descriptor: int, stops: Callable[[], Callable[[], bool]]) -> None:
    while not is_gone(descriptor):
        time.sleep(LOOK_SECONDS)
    ended, until = stops(), time.monotonic() + GRACE_SECONDS
    while not ended() and time.monotonic() < until:
        time.sleep(0.05)
    os._exit(CODE)
