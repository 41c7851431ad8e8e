"""What the thread does that tells how long a run takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medic_console.audit.sizing import fits
from medic_console.console.new_run.preflight import RunForm
from medic_console.core.logs import usual_log
from medic_console.session.estimate import run_time


def measured(form: RunForm, archive: Path, tell: Callable[[str], object]) -> str:
    """Return how long a run takes, in lines; models that were not probed yet are loaded.

    Args:
        tell: Hears what is being done.

    Raises:
        MedicError: A model cannot be loaded, or the archive cannot be read.
    """
    plan = form.plan()
    return "\n".join(run_time(plan, list(fits(plan, usual_log())), archive, usual_log(), tell=tell).lines())
