"""AIME 2024 and 2025: public copies as JSON lines, which differ in names of keys, kinds of ids and leading zeros."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.registry import READERS
from medic_console.suite.readers.tables import Row, first_record, read_table

_PROBLEM = ("problem", "question", "Problem")
_ANSWER = ("answer", "Answer")
_ID = ("id", "unique_id", "ID")
_INTEGER = re.compile(r"\s*\$?0*([0-9]{1,3})(?:\.0)?(?:\^\{?\\circ\}?)?\$?\s*")
"""One copy keeps the degrees of an angle ("336^\\circ")."""
_YEAR = re.compile(r"(?:aime|20)[^0-9a-z]{0,3}(?:20)?(24|25)(?![0-9])", re.IGNORECASE)
_PROBLEMS = 30


@dataclass(frozen=True, slots=True)
class AimeReader:
    """The reader of one year: the two sets have the same form, and only hints tell them apart.

    Attributes:
        year: Its last two digits.
    """

    year: str

    def recognises(self, path: Path, /) -> bool:
        """Tell whether the first record is a problem with an integer answer and nothing names another year."""
        record = first_record(path)
        return (
            _first(record, _PROBLEM) is not None
            and "options" not in record
            and _integer(_first(record, _ANSWER)) is not None
            and _year(path, record) in (self.year, "")
        )

    def read(self, path: Path, /) -> Records:
        """Read a set; `fields` is the problem, the gold answer an integer from 0 to 999.

        Raises:
            ItemsError: The file is broken, a key missing, an id there twice, or the file is of another year.
        """
        table = read_table(path)
        items = Spool[Item]()
        skipped = Spool[Skipped](table.blank)
        for row in table.rows:
            problem = text_of(path, row, _named(path, row, _PROBLEM))
            answer = _integer(row.values[_named(path, row, _ANSWER)])
            if not problem.strip():
                skipped.append((row.where, "the problem is empty"))
            elif answer is None:
                skipped.append((row.where, "the answer is no integer from 0 to 999"))
            else:
                items.append(Item(self._id(row), {"problem": problem}, answer))
        return records(path, items, skipped, self._notes(path, table.rows, len(items)))

    def _id(self, row: Row) -> str:
        given = _first(row.values, _ID)
        return f"aime{self.year}-{row.number:02d}" if given is None else str(given)

    def _notes(self, path: Path, rows: Sequence[Row], kept: int) -> list[str]:
        years = {_year(path, row.values) for row in rows}
        if years - {self.year, ""}:
            raise ItemsError(f"{path}: this file has problems of another year than 20{self.year}.", "Give one year.")
        notes = [] if self.year in years else [f"Nothing in the file says that it is AIME 20{self.year}."]
        if kept != _PROBLEMS:
            notes.append(f"{kept} problems; each year has {_PROBLEMS}.")
        return notes


AIME24 = AimeReader("24")
AIME25 = AimeReader("25")
READERS.add("aime24", AIME24, __name__)
READERS.add("aime25", AIME25, __name__)


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _named(path: Path, row: Row, names: tuple[str, ...]) -> str:
    for name in names:
        if name in row.values:
            return name
    raise ItemsError(
        f"{path}, {row.where}: the key {names[0]!r} is missing.",
        "Give the file unchanged, or add the key to this record.",
    )


def _integer(value: object) -> int | None:
    match = _INTEGER.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    return int(match[1]) if match else None


def _year(path: Path, record: Mapping[str, Any]) -> str:
    """Return the year that the record, the file's name or its folder's tells; empty when none does."""
    for hint in (*(record.get(key) for key in ("year", "Year", "url", "ID", "id")), path.name, path.parent.name):
        found = _YEAR.search(str(hint))
        if found:
            return found[1]
    return ""
