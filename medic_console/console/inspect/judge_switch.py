"""Which of a run's judges is looked at: all of them as a panel, or one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from medic_console.archive.views import ModelView
from medic_console.core.naming import called
from medic_console.results.tasks import PANEL
from medic_console.statistics.words import PROVISIONAL


def next_judge(judge: str, judges: Sequence[ModelView]) -> str:
    """Return the judge that follows: the panel, then each judge, and round again.

    Args:
        judge: sha256 or `PANEL`.
        judges: In the order of the run; at least two.
    """
    order = (PANEL, *(one.sha256 for one in judges))
    return order[(order.index(judge) + 1) % len(order)]


def judge_name(judge: str, judges: Sequence[ModelView], provisional: bool) -> Content:
    """Return who judges, which one of how many that is, and the mark of one that is not qualified."""
    if judge == PANEL:
        said = f"panel of {len(judges)} judges"
    else:
        place, found = next((n, one) for n, one in enumerate(judges, 1) if one.sha256 == judge)
        said = f"judge {called(found)} ({place} of {len(judges)})"
    return Content.assemble(said, (f" {PROVISIONAL}" if provisional else "", "$score-unscored"))
