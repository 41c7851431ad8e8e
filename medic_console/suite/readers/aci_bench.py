"""ACI-Bench: official CSV (`dataset, encounter_id, dialogue, note`) and its JSON twin (`src, tgt`)."""

from __future__ import annotations

from pathlib import Path

from medic_console.records import Item
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.tables import Row, first_record, read_table

_CSV = {"dialogue", "note"}
_JSON = {"src", "tgt"}


def recognises(path: Path) -> bool:
    """Tell whether the first record is a dialogue with its note, under the names of either twin."""
    keys = first_record(path).keys()
    return keys >= _CSV or keys >= _JSON


def read(path: Path) -> Records:
    """Read ACI-Bench; `fields` hold the dialogue, the gold answer is the reference note.

    Raises:
        ItemsError: The file is broken, a column missing, or an encounter id there twice.
    """
    table = read_table(path)
    items: list[Item] = []
    skipped: list[Skipped] = list(table.blank)
    for row in table.rows:
        dialogue_key, note_key = ("src", "tgt") if "src" in row.values else ("dialogue", "note")
        dialogue = text_of(path, row, dialogue_key).strip()
        if dialogue:
            items.append(Item(_id(row), {"dialogue": dialogue}, text_of(path, row, note_key).strip()))
        else:
            skipped.append((row.where, "the dialogue is empty"))
    return records(path, items, skipped, ())


def _id(row: Row) -> str:
    return str(row.values.get("encounter_id") or f"aci-{row.number:04d}").strip()
