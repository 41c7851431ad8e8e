"""Which screen shows a run or compares models; it is loaded when it is opened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medic_console.results.comparison.models import FEWEST, MOST

if TYPE_CHECKING:
    from medic_console.archive.views import ModelView, RunView
    from medic_console.console.base import ConsoleScreen
    from medic_console.console.context import Context


def screen_of(run: RunView, context: Context) -> ConsoleScreen:
    """Return the screen of a run: live while it goes on here, followed while it does elsewhere, else its results."""
    session = context.running
    if session is not None and session.state.run == run.id:
        from medic_console.console.live.opening import live_of

        return live_of(context, session)
    if run.status == "running":
        from medic_console.console.live.watch import WatchScreen

        return WatchScreen(context, run.id)
    from medic_console.console.run.screen import RunScreen

    return RunScreen(context, run.id)


def comparison_of(models: Sequence[ModelView], context: Context, page: int = 1) -> ConsoleScreen | str:
    """Return the screen that compares models, or why these cannot be.

    Args:
        page: Number of the page that is shown first.
    """
    if FEWEST <= len(models) <= MOST:
        from medic_console.console.compare.screen import CompareScreen

        return CompareScreen(context, tuple(models), page)
    few = "A comparison needs two models or more" if len(models) < FEWEST else f"There are {len(models)} models"
    return f"{few}: mark two to six with space (or a click), then press v; V compares runs of one model."
