"""The day that models are told: a setting, never the clock's."""

from __future__ import annotations

import datetime

from medic_console.core.errors import UsageError

DATE = "2025-01-01"
"""What a chat template takes for today unless a person says otherwise: never the clock's day."""


def check_date(text: str) -> None:
    """Check the date that chat templates take for today.

    Raises:
        UsageError: It is none in the form `YYYY-MM-DD`.
    """
    try:
        good = datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        good = False
    if not good:
        raise UsageError(f"--date {text} is not a day of the calendar.", f"Write it as YYYY-MM-DD, such as {DATE}.")
