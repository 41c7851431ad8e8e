"""How a run ends when the system asks for it: after the items in flight, past a grace at once; always in order."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medic_console.audit.driver import Control


def asked_by() -> tuple[signal.Signals, ...]:
    """Return the signals that ask for an end; SIGHUP not where it is ignored, as under `nohup`."""
    hang_up = getattr(signal, "SIGHUP", None)
    heard = hang_up is not None and signal.getsignal(hang_up) != signal.SIG_IGN
    return (signal.SIGTERM, signal.Signals(hang_up)) if hang_up is not None and heard else (signal.SIGTERM,)


def told(name: str, grace: float) -> str:
    """Return what is said when a signal has asked for the end."""
    return f"{name}: stopping after the items in flight, at once in {grace:g} s."


@contextlib.contextmanager
def orderly_end(control: Control, tell: Callable[[str], None], grace: float) -> Iterator[None]:
    """While the block lasts, SIGTERM and SIGHUP stop a run: first after the items in flight, past the grace at once.

    Only the main thread may use it.

    Args:
        tell: Takes a sentence for the person.
        grace: Seconds.
    """
    timer = threading.Timer(grace, control.stop_at_once)
    timer.daemon = True

    def handle(number: int, frame: FrameType | None) -> None:
        if timer.ident is not None:
            return
        if number != signal.SIGTERM:
            leave_terminal()
        control.stop()
        timer.start()
        with contextlib.suppress(OSError):
            tell(told(signal.Signals(number).name, grace))

    before = {number: signal.signal(number, handle) for number in asked_by()}
    try:
        yield
    finally:
        timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_terminal() -> None:
    """Write nowhere from now on where a terminal was: it is gone, and every write to it would be an error."""
    for stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            if stream is not None and os.isatty(stream.fileno()):
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, stream.fileno())
                os.close(nowhere)
