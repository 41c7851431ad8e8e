"""Tables as files: CSV for spreadsheets, JSON for programs; whole values, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Generic, TypeVar, overload

from medic_console.core import paths
from medic_console.core.errors import SettingsError
from medic_console.core.visible import plain

Value = str | int | float | None
T = TypeVar("T")
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


@dataclass(frozen=True, slots=True)
class MadeRows(Sequence[Sequence[Value]], Generic[T]):
    """Rows that are made when they are asked for, so that the values of a long sheet never lie in memory all at once.

    Attributes:
        sources: One a row.
        make: Returns a source's values.
    """

    sources: Sequence[T]
    make: Callable[[T], Sequence[Value]]

    @overload
    def __getitem__(self, number: int) -> Sequence[Value]: ...

    @overload
    def __getitem__(self, number: slice) -> MadeRows[T]: ...

    def __getitem__(self, number: int | slice) -> Sequence[Value] | MadeRows[T]:
        """Return a row, or some of them."""
        if isinstance(number, slice):
            return MadeRows(self.sources[number], self.make)
        return self.make(self.sources[number])

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.sources)


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
        _write(exported.csv, _csv_lines(sheet))
        _write(exported.json, _json_parts(sheet))
    except OSError as error:
        raise SettingsError(
            f"{folder}: cannot be written ({error.strerror}).", "Name another folder for exports in the settings."
        ) from error
    return exported


def as_csv(sheet: Sheet) -> str:
    """Return RFC 4180 text: defused, control characters as their pictures, so that no program obeys a cell."""
    return "".join(_csv_lines(sheet))


def _csv_lines(sheet: Sheet) -> Iterator[str]:
    target = io.StringIO(newline="")
    writer = csv.writer(target)
    labels: Sequence[Value] = [defused(label) for label in sheet.columns]
    for row in chain((labels,), sheet.rows):
        writer.writerow([sheet.null if value is None else defused(value) for value in row])
        yield target.getvalue()
        target.seek(0)
        target.truncate()


def as_json(sheet: Sheet) -> str:
    """Return a list of objects, one a row; every value is exact."""
    return "".join(_json_parts(sheet))


def _json_parts(sheet: Sheet) -> Iterator[str]:
    """Yield the text of `json.dumps` with an indent of 2, an object at a time; with an indent none of it is in C."""
    names = _distinct(sheet.columns)
    between = "[\n  "
    for row in sheet.rows:
        told = json.dumps(dict(zip(names, row, strict=True)), separators=(",\n    ", ": "), ensure_ascii=True)
        yield f"{between}{{\n    {told[1:-1]}\n  }}" if names else f"{between}{{}}"
        between = ",\n  "
    yield "\n]\n" if sheet.rows else "[]\n"


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


def _write(path: Path, parts: Iterable[str]) -> None:
    path.touch(mode=0o600, exist_ok=False)
    with path.open("w", encoding="utf-8-sig" if path.suffix == ".csv" else "utf-8", newline="") as file:
        file.writelines(parts)
