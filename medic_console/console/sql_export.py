"""The results of an item's two queries as files: every row, and NULL apart from an empty text."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.console.export import Sheet, Value, export
from medic_console.console.text import count, one_line
from medic_console.errors import MedicError
from medic_console.records import SqlResult
from medic_console.scoring.sql.sandbox import Sandbox

NULL = "∅ NULL"
"""Stands for NULL on the screen and in a CSV file; an empty text is empty."""
MOST_ROWS = 100_000
"""Rows of one result that are written at most."""
_REASON = 200
"""Characters of a reason."""


def export_results(title: str, results: Sequence[SqlResult], database: Path | None, folder: Path, stamp: str) -> str:
    """Write each result that there is as CSV and JSON; return what was written, in words.

    The archive keeps the first rows of a result; of a longer one the query is executed again.

    Args:
        title: Begins the files' names.
        results: Of the queries of one item.
        database: None when the run did not store where it is.
        folder: Made when it is not there.
        stamp: Time of the export.

    Raises:
        SettingsError: The folder cannot be written.
    """
    said = []
    for result in results:
        if result.error or not result.sql:
            said.append(f"{result.side}: no rows ({one_line(result.error, _REASON) or 'no query'})")
            continue
        whole, why = _whole(result, database)
        done = export(result_sheet(f"{title} {result.side}", whole), folder, stamp)
        total = "" if done.rows == result.row_count and not result.capped else f" of {_total(result)}"
        said.append(f"{result.side}: {count(done.rows, 'row')}{total}{why}\n{done.csv}\n{done.json}")
    return "\n".join(said)


def result_sheet(title: str, result: SqlResult) -> Sheet:
    """Return the rows of a result; a blob is written in hexadecimal digits."""
    rows = [[_value(value) for value in row] for row in result.rows]
    return Sheet(title, result.columns, rows, NULL)


def _whole(result: SqlResult, database: Path | None) -> tuple[SqlResult, str]:
    """Return a result with all its rows, and why it has not all of them; empty when it has."""
    if len(result.rows) == result.row_count:
        return result, ""
    if database is None:
        return result, ": the run did not store where the database is"
    try:
        with closing(Sandbox(database, keep=MOST_ROWS)) as sandbox:
            again = sandbox.execute(result.sql).result
    except MedicError as error:
        return result, f": {one_line(error.message, _REASON)}"
    if again.error or (again.columns, again.row_count) != (result.columns, result.row_count):
        return result, f": executed again it gave {one_line(again.error, _REASON) or count(again.row_count, 'row')}"
    return replace(again, side=result.side), f", no more than {MOST_ROWS:,}" if again.row_count > MOST_ROWS else ""


def _total(result: SqlResult) -> str:
    return f"{'at least ' if result.capped else ''}{result.row_count:,}"


def _value(value: object) -> Value:
    if isinstance(value, bytes):
        return value.hex()
    return value if value is None or isinstance(value, str | int | float) else str(value)
