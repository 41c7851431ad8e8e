"""Problem list summarisation (BioNLP 2023, task 1A): CSV of progress note sections and the summary."""

from __future__ import annotations

from pathlib import Path

from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, cell_of, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_SECTIONS = {
    "Assessment": "Assessment",
    "Subjective Sections": "Subjective",
    "Objective Sections": "Objective",
}
_COLUMNS = {"File ID", "Summary", *_SECTIONS}


def recognises(path: Path) -> bool:
    """Tell whether the file has the sections of a progress note and its summary."""
    return first_record(path).keys() >= _COLUMNS


@items_reader("problem_list", recognises)
def read(path: Path) -> Records:
    """Read progress notes; `fields` hold the headed `note`, the gold answer is the list of problems.

    Raises:
        ItemsError: The file is broken, a column missing, or a file id there twice.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        note = _note(path, row)
        if note:
            gold = text_of(path, row, "Summary").strip()
            items.append(Item(cell_of(path, row, "File ID"), {"note": note}, gold))
        else:
            skipped.append((row.where, "the note has no section"))
    return records(path, items, skipped, ())


def _note(path: Path, row: Row) -> str:
    sections = ((title, text_of(path, row, key).strip()) for key, title in _SECTIONS.items())
    return "\n\n".join(f"{title}:\n{text}" for title, text in sections if text)
