"""The moment that EHRSQL calls now, in place of the clock of the machine."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

TODAY = "2100-12-31"
TIME_OF_DAY = "23:59:00"
NOW = f"{TODAY} {TIME_OF_DAY}"
"""The moment that the data set calls now."""

_WITHOUT_ARGUMENTS = ("date", "time", "datetime", "julianday", "unixepoch")
"""SQLite's functions that take the clock's time where no time is given."""


def stop_clock(connection: sqlite3.Connection) -> None:
    """Let CURRENT_TIMESTAMP, CURRENT_DATE, `date()`, `strftime('%Y')` and the like tell the data set's now.

    CURRENT_TIME tells the whole moment, as the official script has it in lower case. The text 'now' is left to
    `normalise`.
    """
    known = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    told = {"current_time": NOW, "current_timestamp": NOW, "current_date": TODAY}
    for name in _WITHOUT_ARGUMENTS:
        with suppress(sqlite3.OperationalError):  # unixepoch() came with SQLite 3.38.
            told[name] = known.execute(f"SELECT {name}(?)", (NOW,)).fetchone()[0]
    for name, value in told.items():
        connection.create_function(name, 0, lambda value=value: value)

    def formatted(form: str | bytes | float | None) -> str | None:
        row: tuple[str | None] = known.execute("SELECT strftime(?, ?)", (form, NOW)).fetchone()
        return row[0]

    connection.create_function("strftime", 1, formatted)
