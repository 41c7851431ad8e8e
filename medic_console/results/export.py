"""Tables as files: CSV for spreadsheets, JSON for programs; whole values, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from medic_console.core import paths
from medic_console.core.errors import SettingsError
from medic_console.core.visible import plain

Value = str | int | float | None
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a text with such a first character for a formula (OWASP, CSV injection)."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: a title for the file's name, labels, and one list of values a row.

    Attributes:
        null: What stands in the CSV for a value that there is not; JSON has null.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    null: str = ""


MakeSheet = Callable[[], Sheet]
"""Makes a sheet, in a thread where it is long."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The two files and the number of rows in each."""

    csv: Path
    json: Path
    rows: int


def stamp() -> str:
    """Return the time of day for a file's name."""
    return datetime.datetime.now().strftime("%Y%m%d-%H%M%S")


def export(sheet: Sheet, folder: Path, stamp: str) -> Exported:
    """Write a sheet as `<title>-<stamp>.csv` and `.json`, readable by their owner only.

    Args:
        sheet: What to write.
        folder: Made when it is not there.
        stamp: Time of the export; a name that is taken gets a number.

    Raises:
        SettingsError: The folder cannot be written.
    """
    name = f"{re.sub(r'[^a-z0-9]+', '-', sheet.title.lower()).strip('-') or 'table'}-{stamp}"
    try:
        paths.private(folder)
        name = next(
            free
            for free in (name, *(f"{name}-{n}" for n in range(2, 1000)))
            if not any((folder / f"{free}.{kind}").exists() for kind in ("csv", "json"))
        )
        exported = Exported(folder / f"{name}.csv", folder / f"{name}.json", len(sheet.rows))
        _write(exported.csv, as_csv(sheet))
        _write(exported.json, as_json(sheet))
    except OSError as error:
        raise SettingsError(
            f"{folder}: cannot be written ({error.strerror}).", "Name another folder for exports in the settings."
        ) from error
    return exported


def as_csv(sheet: Sheet) -> str:
    """Return RFC 4180 text: defused, control characters as their pictures, so that no program obeys a cell."""
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    writer.writerow([defused(label) for label in sheet.columns])
    for row in sheet.rows:
        writer.writerow([sheet.null if value is None else defused(value) for value in row])
    return target.getvalue()


def as_json(sheet: Sheet) -> str:
    """Return a list of objects, one a row; every value is exact."""
    names = _distinct(sheet.columns)
    rows = [dict(zip(names, row, strict=True)) for row in sheet.rows]
    return json.dumps(rows, indent=2, ensure_ascii=True) + "\n"


def defused(value: Value) -> Value:
    """Return a value for a CSV cell; a text that would be taken for a formula gets an apostrophe before it."""
    if not isinstance(value, str):
        return value
    text = plain(value)
    return f"'{text}" if value.startswith(_STARTS_FORMULA) and not _NUMBER.fullmatch(value) else text


def _distinct(labels: Sequence[str]) -> list[str]:
    """Number labels that were there before: an object holds one value a name."""
    found: list[str] = []
    for label in labels:
        names = chain((label,), (f"{label} {number}" for number in count(2)))
        found.append(next(name for name in names if name not in found))
    return found


def _write(path: Path, text: str) -> None:
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(text, "utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="")
