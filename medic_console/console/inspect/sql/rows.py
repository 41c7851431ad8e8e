"""Two SQL results row by row: which rows are the same, which differ in some cells, which have no partner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from medic_console.console.text import count, one_line
from medic_console.core.errors import MedicError
from medic_console.core.records import SqlResult
from medic_console.results.export import Sheet, Value, export
from medic_console.scoring.sql.result_sets import comparison_key
from medic_console.scoring.sql.sandbox import Sandbox

Rows = Sequence[Sequence[Any]]


class RowMatch(Enum):
    """How a row stands to the other result."""

    SAME = "same"
    DIFFERS = "differs"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Pair:
    """One row of each result beside each other.

    Attributes:
        left: Number of the row in the first result; None when only the second has it.
        right: The same of the second result.
        match: `ALONE` when one of the two is None.
        cells: Numbers of the columns whose cells differ, where both rows are there.
    """

    left: int | None
    right: int | None
    match: RowMatch
    cells: frozenset[int] = frozenset()


def aligned(rows: Rows, others: Rows) -> tuple[Pair, ...]:
    """Put the rows of two results beside each other, in the order of the first, then what only the second has.

    Rows are the same as EHRSQL's scorer compares them; order does not count and duplicates do. Of the others, rows
    that share a cell in the same column are taken as each other's version; so are the last two that are left.
    """
    keys, other_keys = [_key(row) for row in rows], [_key(row) for row in others]
    partner = _same(keys, other_keys)
    taken = set(partner.values())
    left = [number for number in range(len(rows)) if number not in partner]
    right = [number for number in range(len(others)) if number not in taken]
    versions = _versions(left, right, keys, other_keys)
    pairs = []
    for number in range(len(rows)):
        if number in partner:
            pairs.append(Pair(number, partner[number], RowMatch.SAME))
        elif number in versions:
            other = versions[number]
            pairs.append(Pair(number, other, RowMatch.DIFFERS, _differing(keys[number], other_keys[other])))
        else:
            pairs.append(Pair(number, None, RowMatch.ALONE))
    used = set(versions.values())
    return (*pairs, *(Pair(None, number, RowMatch.ALONE) for number in right if number not in used))


def _key(row: Sequence[Any]) -> tuple[str, ...]:
    return comparison_key([row])[0]


def _same(keys: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]) -> dict[int, int]:
    places: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for number in range(len(others) - 1, -1, -1):
        places[others[number]].append(number)
    return {number: places[key].pop() for number, key in enumerate(keys) if places[key]}


def _versions(
    left: Sequence[int], right: Sequence[int], keys: Sequence[tuple[str, ...]], others: Sequence[tuple[str, ...]]
) -> dict[int, int]:
    free, found = list(right), {}
    for number in left:
        shared = {other: _shared(keys[number], others[other]) for other in free}
        best = max(shared, key=shared.__getitem__, default=None)
        if best is not None and shared[best]:
            found[number] = best
            free.remove(best)
    alone = [number for number in left if number not in found]
    if len(alone) == len(free) == 1:
        found[alone[0]] = free[0]
    return found


def _shared(row: tuple[str, ...], other: tuple[str, ...]) -> int:
    return sum(one == two for one, two in zip(row, other, strict=False))


def _differing(row: tuple[str, ...], other: tuple[str, ...]) -> frozenset[int]:
    widest = max(len(row), len(other))
    return frozenset(n for n in range(widest) if row[n : n + 1] != other[n : n + 1])


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
