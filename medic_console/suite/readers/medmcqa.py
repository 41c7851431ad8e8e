"""MedMCQA: official JSON lines (named .json) with `question`, `opa` to `opd`, `cop`, `subject_name`."""

from __future__ import annotations

from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_OPTIONS = {"A": "opa", "B": "opb", "C": "opc", "D": "opd"}


def recognises(path: Path) -> bool:
    """Tell whether the first record has a question, four options and a key."""
    return first_record(path).keys() >= {"question", "cop", *_OPTIONS.values()}


@items_reader("medmcqa", recognises)
def read(path: Path) -> Records:
    """Read MedMCQA; `fields` are question, options and subject, the gold answer is the letter.

    `cop` counts from 1 in the official file and from 0 in the hub's copy: a file that has a 0 counts from 0, any
    other from 1. The explanation (`exp`) is left out.

    Raises:
        ItemsError: A line is broken, a key missing, an id there twice, or `cop` has both a 0 and a 4.
    """
    table = read_table(path)
    first, notes = _first(path, {_cop(row) for row in table.rows})
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        question, options = text_of(path, row, "question"), _options(path, row)
        cop = _cop(row)
        letter = "ABCD"[cop - first] if cop is not None and 0 <= cop - first < len(_OPTIONS) else ""
        if not question.strip():
            skipped.append((row.where, "the question is empty"))
        elif not letter:
            skipped.append((row.where, f"the key names none of the options (cop is {row.values.get('cop')!r})"))
        elif not options[letter].strip():
            skipped.append((row.where, f"the option of the key, {letter}, is empty"))
        else:
            fields = {"question": question, "options": options, "subject": str(row.values.get("subject_name") or "")}
            items.append(Item(_id(row), fields, letter))
    return records(path, items, skipped, notes)


def _id(row: Row) -> str:
    return str(row.values.get("id") or f"medmcqa-{row.number:06d}")


def _options(path: Path, row: Row) -> dict[str, str]:
    return {
        letter: "" if value_of(path, row, key) is None else text_of(path, row, key) for letter, key in _OPTIONS.items()
    }


def _cop(row: Row) -> int | None:
    text = str(row.values.get("cop")).strip()
    return int(text) if text.removeprefix("-").isdecimal() else None


def _first(path: Path, cops: set[int | None]) -> tuple[int, tuple[str, ...]]:
    """Return the number of option A and, where the file leaves it open, a note."""
    if {0, 4} <= cops:
        raise ItemsError(
            f"{path}: 'cop' has both 0 and 4, so it counts neither from 0 nor from 1.",
            "Give one file: the official one counts from 1, the hub's copy from 0; mixed records cannot be told apart.",
        )
    if 0 in cops:
        return 0, ("'cop' counts from 0 here, as in the hub's copy; the official file counts from 1.",)
    if 4 in cops:
        return 1, ()
    return 1, ("'cop' has neither 0 nor 4: it was taken to count from 1, as in the official file.",)
