"""What escapes although nothing should: shown with its traceback, so that the console goes on."""

from __future__ import annotations

import traceback

from medic_console.errors import MedicError


class Defect(MedicError):
    """A fault of ours."""

    title = "Defect"


def defect() -> Defect:
    """Return the exception that is being handled, as an error that a screen can show."""
    return Defect(traceback.format_exc(), "This is a defect of medic-console; please report it.")
