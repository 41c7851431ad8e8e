"""MedCalc-Bench: official CSV of notes, questions and reference values with limits, in several versions of labels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from medic_console.core.digest import digest, short
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, cell_of, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, named, read_table

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
_RECORDS = {"1.0": 1047, "1.0 as revised later": 1047, "1.2 or Verified": 1100}
"""Versions that can be told apart, with the records of the whole test split."""
_ASKED_SINCE_1_2 = "first admitted to the hospital prior to any treatment."
"""Ends the questions on extracted notes in 1.2 and Verified, where the reference values were extracted anew."""

_KINDS: Mapping[str, str] = {
    **dict.fromkeys(("13", "68"), "date"),
    "69": "weeks_days",
    **{str(number): "integer" for number in (4, 15, 16, 17, 18, 20, 21, 25, 27, 28, 29, 32, 33, 36, 43, 45, 48, 51)},
    **{str(number): "decimal" for number in (2, 3, *range(5, 12), 19, 22, 23, 24, 26, 30, 31, 38, 39, 40, 44, 46, 49)},
    **{str(number): "decimal" for number in range(56, 68)},
}
"""The 55 calculators by their number, and how each one's answer is compared (official `evaluate.py`)."""


def recognises(path: Path) -> bool:
    """Tell whether the file has the columns that every version of the set shares."""
    return first_record(path).keys() >= _COLUMNS


@items_reader("medcalc", recognises)
def read(path: Path) -> Records:
    """Read MedCalc-Bench; the gold answer is value, lower and upper limit, as the file's own text.

    Every item carries the version of its labels. Items on the same note share a group: by the note's text, as the
    numbers of templates' notes begin anew with each calculator.

    Raises:
        ItemsError: The file is broken, a column missing, or a row number there twice.
    """
    table = read_table(path)
    labels = f"MedCalc-Bench {_version(table.rows)}, labels {_labels_digest(table.rows)}"
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        missing = [name for name in ("Patient Note", "Question") if not text_of(path, row, name).strip()]
        if missing:
            skipped.append((row.where, f"{missing[0]!r} is empty"))
        else:
            items.append(_item(path, row, labels))
    return records(path, items, skipped, _notes(table.rows, items, labels))


def _item(path: Path, row: Row, labels: str) -> Item:
    def cell(name: str) -> str:
        return cell_of(path, row, name)

    note, calculator_id = text_of(path, row, "Patient Note"), cell("Calculator ID")
    fields = {
        "note": note,
        "question": cell("Question"),
        "calculator_id": calculator_id,
        "calculator": cell("Calculator Name"),
        "output_type": _KINDS.get(calculator_id, cell("Output Type")),
        "label_version": labels,
    }
    gold = {
        name: "" if row.values.get(column, "") is None else cell(column)
        for name, column in (("value", "Ground Truth Answer"), ("lower", "Lower Limit"), ("upper", "Upper Limit"))
    }
    return Item(cell("Row Number"), fields, gold, f"note-{short(digest(' '.join(note.split())))}")


def _version(rows: Sequence[Row]) -> str:
    """Return the version of the labels as far as the file's own words tell it; the versions share columns and name."""
    questions = [str(row.values.get("Question", "")) for row in rows]
    categories = {str(row.values.get("Category", "")) for row in rows}
    if any(question.strip().endswith(_ASKED_SINCE_1_2) for question in questions):
        return "1.2 or Verified"
    if "lab test" in categories:
        return "1.0 as revised later"
    return "1.0" if "lab" in categories else "of an unknown version"


def _labels_digest(rows: Sequence[Row]) -> str:
    """Return what names these reference values and limits, whatever the version calls itself."""
    names = ("Row Number", "Ground Truth Answer", "Lower Limit", "Upper Limit")
    return short(digest([[str(row.values.get(name, "")).strip() for name in names] for row in rows]))


def _notes(rows: Sequence[Row], items: Sequence[Item], labels: str) -> list[str]:
    if not rows:
        return []
    version = _version(rows)
    notes = [f"{labels}: {_meaning(version)}"]
    whole = _RECORDS.get(version, len(rows))
    if len(rows) != whole:
        notes.append(f"{len(rows):,} records; the whole test split of that version has {whole:,}.")
    odd = sorted(str(name) for name in rows[0].values.keys() ^ _V1_0)
    if odd:
        notes.append(f"Columns differ from MedCalc-Bench 1.0: {named(odd)}.")
    unusable = sum(not _has_numbers(item) for item in items)
    if unusable:
        notes.append(
            f"The answer or a limit of {unusable} records is no number (empty or NaN): they are left unscored, as gold "
            "unusable."
        )
    swapped = sum(_is_swapped(item) for item in items)
    if swapped:
        notes.append(
            f"The limits of {swapped} records are the wrong way round: the official script takes no answer as right "
            "there, here what lies between them is."
        )
    return notes


def _meaning(version: str) -> str:
    return {
        "1.0": "the labels of the 2024 publication.",
        "1.0 as revised later": "its repository's later labels; some limits differ from those of 1.0.",
        "1.2 or Verified": "notes, questions and limits differ from 1.0; only the digest tells these two apart.",
    }.get(version, "compare the digest with that of the labels that other results used.")


def _has_numbers(item: Item) -> bool:
    """Tell whether the record has the numbers that an answer is compared with."""
    kind = item.fields["output_type"]
    if kind not in ("decimal", "integer"):
        return True
    limits = [_number(item.gold[name]) for name in ("lower", "upper")] if kind == "decimal" else [0.0, 0.0]
    compared = limits if any(limits) else [_number(item.gold["value"])]
    return all(map(math.isfinite, compared))


def _number(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return math.nan


def _is_swapped(item: Item) -> bool:
    try:
        return item.fields["output_type"] == "decimal" and float(item.gold["lower"]) > float(item.gold["upper"])
    except ValueError:
        return False
