"""GSM8K: official JSON lines with `question` and `answer`, a worked solution that ends with `#### <number>`."""

from __future__ import annotations

import re
from pathlib import Path

from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import first_record, read_table

_KEY = re.compile(r"#### ?(-?[0-9][0-9,]*(?:\.[0-9]+)?)\s*$")


def recognises(path: Path) -> bool:
    """Tell whether the first record has a question and a solution with its mark."""
    record = first_record(path)
    return isinstance(record.get("question"), str) and "####" in str(record.get("answer"))


@items_reader("gsm8k", recognises)
def read(path: Path) -> Records:
    """Read GSM8K; `fields` is the question, the gold answer the number as text, without thousands commas.

    The file has no ids: an item is named by the record's number, after the split that the file's name says.

    Raises:
        ItemsError: A line is broken or a key missing.
    """
    table = read_table(path)
    split = "train" if "train" in path.name.lower() else "test"
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        question, key = text_of(path, row, "question").strip(), _KEY.search(text_of(path, row, "answer"))
        if not question:
            skipped.append((row.where, "the question is empty"))
        elif key is None:
            skipped.append((row.where, "the answer does not end with #### and a number"))
        else:
            items.append(Item(f"{split}-{row.number:05d}", {"question": question}, key[1].replace(",", "")))
    notes = ["This is the training split; the published results use the test split."] if split == "train" else []
    return records(path, items, skipped, notes)
