"""SOAP notes (ChartNote, NoteChat): CSV of `data` (the note) and `conversation`."""

from __future__ import annotations

from pathlib import Path

from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import first_record, read_table

_COLUMNS = {"data", "conversation"}


def recognises(path: Path) -> bool:
    """Tell whether the first record is a note with its conversation."""
    return first_record(path).keys() >= _COLUMNS


@items_reader("soap_note", recognises)
def read(path: Path) -> Records:
    """Read SOAP notes; `fields` hold the conversation, the gold answer is the note.

    Raises:
        ItemsError: The file is broken or a column missing.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        conversation = text_of(path, row, "conversation").strip()
        if conversation:
            fields = {"conversation": conversation}
            items.append(Item(f"soap-{row.number:05d}", fields, text_of(path, row, "data").strip()))
        else:
            skipped.append((row.where, "the conversation is empty"))
    return records(path, items, skipped, ())
