"""Which screen shows a run; it is loaded when it is opened."""

from __future__ import annotations

from medic_console.archive.views import RunView
from medic_console.console.base import ConsoleScreen
from medic_console.console.context import Context


def screen_of(run: RunView, context: Context) -> ConsoleScreen:
    """Return the screen of a run: live while it goes on here, followed while it does elsewhere, else its results."""
    session = context.running
    if session is not None and session.state.run == run.id:
        from medic_console.console.live.screen import LiveScreen

        return LiveScreen(context, session)
    if run.status == "running":
        from medic_console.console.live.watch import WatchScreen

        return WatchScreen(context, run.id)
    from medic_console.console.run.screen import RunScreen

    return RunScreen(context, run.id)
