"""ACI-Bench: official CSV (`dataset, encounter_id, dialogue, note`) and its JSON twin (`src, tgt`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_CSV = {"dialogue", "note"}
_JSON = {"src", "tgt"}
_SECTION = re.compile(r"[_-](subjective|objective_exam|objective_results|assessment_and_plan)(?:$|\.)")
"""Ends the names of the official files that hold one section of each note, and of their records."""
_BEGINNING = re.compile(r"chief complaint|history of present illness|\bhpi\b|subjective", re.IGNORECASE)
_END = re.compile(r"assessment|\bplan\b|impression", re.IGNORECASE)


def recognises(path: Path) -> bool:
    """Tell whether the first record is a dialogue with its note, under the names of either twin."""
    keys = first_record(path).keys()
    return keys >= _CSV or keys >= _JSON


@items_reader("aci_bench", recognises)
def read(path: Path) -> Records:
    """Read ACI-Bench; `fields` hold the dialogue, the gold answer is the reference note.

    Raises:
        ItemsError: The file is broken, a column missing, an encounter id there twice, or the notes are single sections.
    """
    table = read_table(path)
    _refuse_sections(path, table.rows)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        dialogue_key, note_key = ("src", "tgt") if "src" in row.values else ("dialogue", "note")
        dialogue = text_of(path, row, dialogue_key).strip()
        if dialogue:
            items.append(Item(_id(row), {"dialogue": dialogue}, text_of(path, row, note_key).strip()))
        else:
            skipped.append((row.where, "the dialogue is empty"))
    return records(path, items, skipped, _notes(items))


def _refuse_sections(path: Path, rows: Sequence[Row]) -> None:
    names = [path.name, *(str(row.values.get("file", "")) for row in rows)]
    section = next((match[1] for name in names if (match := _SECTION.search(name))), "")
    if section:
        whole = _SECTION.sub("", path.name.removesuffix(path.suffix)) + path.suffix
        raise ItemsError(
            f"{path}: holds the section {section} of each note, not whole notes; the task asks for whole notes.",
            f"Name the file of whole notes, such as {whole}.",
        )


def _notes(items: Sequence[Item]) -> list[str]:
    partial = sum(not (_BEGINNING.search(str(item.gold)) and _END.search(str(item.gold))) for item in items)
    if 2 * partial <= len(items):
        return []
    return [f"{partial} of {len(items)} notes lack the heading of a complaint or of a plan: are they whole notes?"]


def _id(row: Row) -> str:
    return str(row.values.get("encounter_id") or f"aci-{row.number:04d}").strip()
