"""MEDEC: official CSV of notes split into numbered sentences, with at most one error each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, cell_of, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_COLUMNS = {"Text ID", "Sentences", "Error Flag", "Error Sentence ID", "Corrected Sentence"}
_INTEGER = re.compile(r"-?\d+(?:\.0)?")


def recognises(path: Path) -> bool:
    """Tell whether the file has the columns of sentences and reference answers."""
    return first_record(path).keys() >= _COLUMNS


@items_reader("medec", recognises)
def read(path: Path) -> Records:
    """Read MEDEC; the gold answer is flag, sentence id (-1 for none) and correction ("NA" for none).

    Raises:
        ItemsError: The file is broken, a column missing, a flag or id is no number, or a text id there twice.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        sentences = text_of(path, row, "Sentences").strip()
        if sentences:
            text_id = text_of(path, row, "Text ID").strip()
            items.append(Item(text_id, {"text_id": text_id, "sentences": sentences}, _gold(path, row)))
        else:
            skipped.append((row.where, "there are no sentences"))
    return records(path, items, skipped, ())


def _gold(path: Path, row: Row) -> dict[str, Any]:
    flag = _integer(path, row, "Error Flag")
    if flag not in (0, 1):
        raise ItemsError(
            f"{path}, {row.where}: 'Error Flag' is {flag}, expected 0 or 1.",
            "Give the official file unchanged.",
        )
    if not flag:
        return {"flag": 0, "sentence_id": -1, "correction": "NA"}
    return {
        "flag": 1,
        "sentence_id": _integer(path, row, "Error Sentence ID"),
        "correction": text_of(path, row, "Corrected Sentence").strip(),
    }


def _integer(path: Path, row: Row, key: str) -> int:
    text = cell_of(path, row, key)
    if not _INTEGER.fullmatch(text):
        raise ItemsError(
            f"{path}, {row.where}: {key!r} is {text!r}, expected a whole number.",
            "Give the official file with its reference answers.",
        )
    return int(float(text))
