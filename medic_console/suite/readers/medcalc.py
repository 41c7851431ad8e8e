"""MedCalc-Bench: official CSV of notes, questions and reference values with limits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medic_console.records import Item
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.tables import Row, first_record, read_table

_COLUMNS = {
    "Row Number",
    "Calculator ID",
    "Calculator Name",
    "Output Type",
    "Note ID",
    "Patient Note",
    "Question",
    "Ground Truth Answer",
    "Lower Limit",
    "Upper Limit",
}
_V1_0 = _COLUMNS | {"Category", "Note Type", "Relevant Entities", "Ground Truth Explanation"}

_ROWS_V1_2 = 1100

_BY_CALCULATOR = {"13": "date", "68": "date", "69": "weeks_days"}
"""Answers that are no number: due date, date of conception, gestational age (official `run.py`)."""


def recognises(path: Path) -> bool:
    """Tell whether the file has the columns that every version of the set shares."""
    return first_record(path).keys() >= _COLUMNS


def read(path: Path) -> Records:
    """Read MedCalc-Bench; the gold answer is value, lower and upper limit, as the file's own text.

    Items of one note share a group.

    Raises:
        ItemsError: The file is broken, a column missing, or a row number there twice.
    """
    table = read_table(path)
    items: list[Item] = []
    skipped: list[Skipped] = list(table.blank)
    for row in table.rows:
        missing = [name for name in ("Patient Note", "Question") if not text_of(path, row, name).strip()]
        if missing:
            skipped.append((row.where, f"{missing[0]!r} is empty"))
        else:
            items.append(_item(path, row))
    return records(path, items, skipped, _notes(table.rows))


def _item(path: Path, row: Row) -> Item:
    def cell(name: str) -> str:
        return text_of(path, row, name).strip()

    calculator_id = cell("Calculator ID")
    fields = {
        "note": text_of(path, row, "Patient Note"),
        "question": cell("Question"),
        "calculator_id": calculator_id,
        "calculator": cell("Calculator Name"),
        "output_type": _BY_CALCULATOR.get(calculator_id, cell("Output Type")),
    }
    gold = {
        "value": cell("Ground Truth Answer"),
        "lower": cell("Lower Limit"),
        "upper": cell("Upper Limit"),
    }
    return Item(cell("Row Number"), fields, gold, cell("Note ID"))


def _notes(rows: Sequence[Row]) -> list[str]:
    """Name the label version as far as columns and size tell it; the versions share their file name."""
    if not rows:
        return []
    odd = sorted(str(name) for name in rows[0].values.keys() ^ _V1_0)
    if odd:
        return [f"Columns differ from MedCalc-Bench 1.0 ({', '.join(odd)}): another version of the labels."]
    if len(rows) == _ROWS_V1_2:
        return [f"{len(rows)} records, as in MedCalc-Bench 1.2 and Verified (1.0 has 1047)."]
    return ["The columns are those of MedCalc-Bench 1.0. Later labels may share them: note which file it was."]
