"""Clinical trial protocols: CSV of the registry's fields, as in the Trial2Vec demo data.

The first column has no name; `~` stands for a line break. The titles of references, the keywords and the
status of the trial are no part of the protocol that is summarised.
"""

from __future__ import annotations

from pathlib import Path

from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_SECTIONS = {
    "title": "Title",
    "disease": "Condition",
    "intervention_name": "Intervention",
    "description": "Description",
    "outcome_measure": "Outcome measures",
    "criteria": "Eligibility",
}
_COLUMNS = {"nct_id", *_SECTIONS}
_NEEDED = "description"


def recognises(path: Path) -> bool:
    """Tell whether the file has the columns of trial protocols."""
    return first_record(path).keys() >= _COLUMNS


@items_reader("clinical_trials", recognises)
def read(path: Path) -> Records:
    """Read protocols; `fields` hold the headed `protocol`, and there is no gold answer.

    Raises:
        ItemsError: The file is broken, a column missing, or a trial there twice.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        if _lines(path, row, _NEEDED):
            items.append(Item(text_of(path, row, "nct_id").strip(), {"protocol": _protocol(path, row)}))
        else:
            skipped.append((row.where, "the description is empty"))
    return records(path, items, skipped, ())


def _protocol(path: Path, row: Row) -> str:
    sections = ((title, _lines(path, row, key)) for key, title in _SECTIONS.items())
    return "\n\n".join(f"{title}:\n{text}" for title, text in sections if text)


def _lines(path: Path, row: Row, key: str) -> str:
    lines = (line.strip() for line in text_of(path, row, key).replace("~", "\n").split("\n"))
    return "\n".join(line for line in lines if line)
