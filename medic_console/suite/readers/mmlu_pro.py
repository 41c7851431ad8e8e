"""MMLU-Pro: official JSON lines with `question_id`, `question`, `options` (a list), `answer`, `answer_index`."""

from __future__ import annotations

from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_LETTERS = "ABCDEFGHIJ"
_FILLER = "N/A"
"""Stands for an option that was taken out; the official script leaves it out too (`preprocess`)."""
_STALE = {"3983": ("C", 1)}
"""Records whose `answer_index` is left over from an older wording, by id: `answer` and `answer_index`. The official
script compares with `answer`. The record was rewritten, from 2 options to 7, and its place was left as it was."""


def recognises(path: Path) -> bool:
    """Tell whether the first record has an id, a list of options and a letter or a place as its key."""
    record = first_record(path)
    return (
        {"question_id", "question", "options"} <= record.keys()
        and isinstance(record["options"], list)
        and bool({"answer", "answer_index"} & record.keys())
    )


@items_reader("mmlu_pro", recognises)
def read(path: Path) -> Records:
    """Read MMLU-Pro; `fields` are question, options (1 to 10, by letter) and category, the gold answer is the letter.

    The key is `answer` (a letter), `answer_index` (from 0), or both. Nothing else of a record is kept.

    Raises:
        ItemsError: A line is broken, a key missing or of another type, or an id there twice.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    notes: list[str] = []
    for row in table.rows:
        question, options = text_of(path, row, "question"), _options(path, row)
        key, problem = _key(row, options)
        if _is_stale(row):
            notes.append(
                f"Question {row.values['question_id']}: {problem}; {key} is the key, as in the official script."
            )
            problem = ""
        if not question.strip():
            skipped.append((row.where, "the question is empty"))
        elif problem:
            skipped.append((row.where, problem))
        else:
            fields = {"question": question, "options": options, "category": str(row.values.get("category") or "")}
            items.append(Item(str(value_of(path, row, "question_id")), fields, key))
    return records(path, items, skipped, notes)


def _is_stale(row: Row) -> bool:
    stale = _STALE.get(str(row.values["question_id"]) if "question_id" in row.values else "")
    return stale is not None and (row.values.get("answer"), row.values.get("answer_index")) == stale


def _options(path: Path, row: Row) -> dict[str, str]:
    options = value_of(path, row, "options")
    if not isinstance(options, list) or not all(isinstance(text, str) for text in options):
        raise ItemsError(
            f"{path}, {row.where}: 'options' must be a list of texts.", "Give the official MMLU-Pro file unchanged."
        )
    if len(options) > len(_LETTERS):
        raise ItemsError(
            f"{path}, {row.where}: {len(options)} options, MMLU-Pro has at most {len(_LETTERS)}.",
            "Give the official MMLU-Pro file unchanged.",
        )
    return {letter: text for letter, text in zip(_LETTERS, options, strict=False) if text != _FILLER}


def _key(row: Row, options: dict[str, str]) -> tuple[str, str]:
    """Return the key's letter, and why it cannot be used; empty when it can."""
    letter, place = row.values.get("answer"), row.values.get("answer_index")
    indexed = _LETTERS[place] if isinstance(place, int) and 0 <= place < len(_LETTERS) else None
    if letter is None:
        letter = indexed
    elif indexed is not None and letter != indexed:
        return str(letter), f"'answer' is {letter!r}, but 'answer_index' is {place}, which is {indexed}"
    return (str(letter), "") if letter in options else ("", "the key names none of the options")
