"""A defect has ended the screens, and a run goes on: how far it is, and what to do with it, asked in plain lines."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from medic_console.session.ending import orderly_end

if TYPE_CHECKING:
    from medic_console.console.session import Session

_ASKED = """
A defect of medic-console has ended its screens; please report what stands above. Nothing of the run is lost.
  c  open the console again, on this run
  w  wait here for its end (ctrl+c: stop it)
  s  stop it after the items in flight; resume goes on with it
  n  stop it now
"""
_LOOK_SECONDS = 0.2


def ask_on(session: Session, grace: float) -> bool:
    """Ask until the run is over or its console is to be opened again; return whether it is.

    Where nobody can answer, the run goes on to its end. SIGTERM and SIGHUP end it in order meanwhile.

    Args:
        grace: Seconds that the items in flight have after such a signal.
    """
    lock = threading.Lock()

    def take() -> None:
        with lock:  # events come from the run's thread, and once from here
            for event in session.feed.take():
                session.state.apply(event, time.monotonic())

    session.listen(take, take)
    again = _answered(session, grace)
    if not again:
        session.over = True
        _say(f"{so_far(session)}: {session.error or session.state.status}.")
    return again


def so_far(session: Session) -> str:
    """Return how far a run is."""
    run = session.audit.run if session.audit is not None else "of this console"
    return f"Run {run}: {session.state.counts.total:,} of {session.outline.total:,} scores"


def _answered(session: Session, grace: float) -> bool:
    while session.audit is None and not session.wait(_LOOK_SECONDS):
        pass
    if session.audit is None:
        return False
    with orderly_end(session.audit.control, _say, grace):
        while not session.wait(0):
            _say(_ASKED + so_far(session) + ".")
            answer = _read()
            if answer == "c":
                return True
            if answer in ("w", "s", "n", None):
                _end(session, answer)
    return False


def _end(session: Session, answer: str | None) -> None:
    """Wait for the end, which was asked for or not."""
    if answer == "s":
        session.stop()
    elif answer == "n":
        session.stop_at_once()
    else:
        _say("Waiting for its end; ctrl+c stops it after the items in flight, a second one at once.")
    asked = 0
    while True:
        try:
            if session.wait(_LOOK_SECONDS):
                return
        except KeyboardInterrupt:
            asked += 1
            (session.stop if asked == 1 else session.stop_at_once)()
            _say("Stopping after the items in flight." if asked == 1 else "Stopping now.")


def _read() -> str | None:
    """Return what a person chose; None where nobody can."""
    try:
        return input("> ").strip().lower() if sys.stdin.isatty() else None
    except (EOFError, OSError):
        return None
    except KeyboardInterrupt:
        return "s"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
