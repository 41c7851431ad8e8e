"""MedQA: official JSON lines with `question`, `options` (letter to text), `answer_idx`, `answer`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_OPTIONS = 4


def recognises(path: Path) -> bool:
    """Tell whether the first record has a question, an object of options and a key."""
    record = first_record(path)
    return (
        {"question", "options"} <= record.keys()
        and isinstance(record["options"], dict)
        and bool({"answer_idx", "answer"} & record.keys())
    )


@items_reader("medqa", recognises)
def read(path: Path) -> Records:
    """Read MedQA; `fields` are question and options, the gold answer is the letter.

    The file has no ids: an item is named by its line. The twin with five options is read too, and noted.

    Raises:
        ItemsError: A line is broken or a key missing.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        question, options = text_of(path, row, "question"), _options(path, row)
        key = _key(row, options)
        if not question.strip():
            skipped.append((row.where, "the question is empty"))
        elif key is None:
            skipped.append((row.where, "the key names none of the options"))
        else:
            items.append(Item(_id(row), {"question": question, "options": options}, key))
    return records(path, items, skipped, _notes(items))


def _id(row: Row) -> str:
    given = row.values.get("id")
    return str(given) if given not in (None, "") else f"medqa-{int(row.where.split()[-1]):06d}"


def _options(path: Path, row: Row) -> dict[str, str]:
    options = value_of(path, row, "options")
    if not isinstance(options, dict) or not all(isinstance(text, str) for text in options.values()):
        raise ItemsError(
            f"{path}, {row.where}: 'options' must be an object of letter to text.",
            "Give the official MedQA file (US, 4_options or US test).",
        )
    return {letter: options[letter] for letter in sorted(options)}


def _key(row: Row, options: dict[str, str]) -> str | None:
    """Return the key's letter, or None when it names no option."""
    if "answer_idx" in row.values:
        return next((letter for letter in options if letter == row.values["answer_idx"]), None)
    return next((letter for letter, text in options.items() if text == row.values.get("answer")), None)


def _notes(items: Sequence[Item]) -> list[str]:
    other = sum(len(item.fields["options"]) != _OPTIONS for item in items)
    if not other:
        return []
    return [f"{other} of {len(items)} questions do not have four options; the published results use four."]
