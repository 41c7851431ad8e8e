"""PubMedQA: official `ori_pqal.json`, an object by PMID, and `test_ground_truth.json`, which names the test set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_json, read_table

_TEST_SET = "test_ground_truth.json"
_OPTIONS: Mapping[str, str] = MappingProxyType({"yes": "yes", "no": "no", "maybe": "maybe"})


def recognises(path: Path) -> bool:
    """Tell whether the first record has a question, contexts and a decision."""
    return first_record(path).keys() >= {"QUESTION", "CONTEXTS", "final_decision"}


@items_reader("pubmedqa", recognises)
def read(path: Path) -> Records:
    """Read PubMedQA; `fields` are question, abstract (labelled sections) and options; gold is yes, no or maybe.

    Where `test_ground_truth.json` lies beside the file, only its ids are items and its decision is the gold answer.
    `LONG_ANSWER`, the abstract's conclusion, and the model predictions in the file are left out.

    Raises:
        ItemsError: A file is broken, or a key missing.
    """
    table = read_table(path)
    test_set = _test_set(path.parent / _TEST_SET)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        question, abstract = text_of(path, row, "QUESTION"), _abstract(path, row)
        if test_set and row.key not in test_set:
            skipped.append((row.where, "not in the test set"))
            continue
        decision = test_set.get(row.key) or text_of(path, row, "final_decision").strip().lower()
        if not question.strip() or not abstract:
            skipped.append((row.where, "the question or the abstract is empty"))
        elif decision not in _OPTIONS:
            skipped.append((row.where, f"the decision {decision!r} is none of {', '.join(_OPTIONS)}"))
        else:
            fields = {"question": question, "abstract": abstract, "options": dict(_OPTIONS)}
            items.append(Item(row.key or f"pubmedqa-{row.number:04d}", fields, decision))
    return records(path, items, skipped, _notes(table.rows, test_set, len(items)))


def _abstract(path: Path, row: Row) -> str:
    contexts: Any = value_of(path, row, "CONTEXTS")
    labels: Any = row.values.get("LABELS") or []
    if not _texts(contexts) or not _texts(labels):
        raise ItemsError(
            f"{path}, {row.where}: 'CONTEXTS' and 'LABELS' must be lists of texts.", "Give the official file unchanged."
        )
    named = [*labels, *[""] * len(contexts)]
    parts = [f"{label}: {text}" if label else text for label, text in zip(named, contexts, strict=False)]
    return "\n".join(parts).strip()


def _texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _test_set(path: Path) -> dict[str, str]:
    """Return the decision of each id of the test set; empty when the file is not there."""
    if not path.is_file():
        return {}
    decisions: Any = read_json(path)
    if not isinstance(decisions, dict) or not all(isinstance(text, str) for text in decisions.values()):
        raise ItemsError(f"{path}: expected one JSON object of id to decision.", "Give the official file unchanged.")
    return {key: text.strip().lower() for key, text in decisions.items()}


def _notes(rows: Sequence[Row], test_set: Mapping[str, str], kept: int) -> list[str]:
    if not test_set:
        return [f"{_TEST_SET} is not beside the file: all {kept} records are items; published results use its 500 ids."]
    notes = [f"Only the ids of {_TEST_SET} are items: {kept} of {len(rows)} records."]
    absent = len(test_set.keys() - {row.key for row in rows})
    if absent:
        notes.append(f"{absent} ids of {_TEST_SET} are not in the file.")
    other = [row.key for row in rows if row.key in test_set and test_set[row.key] != row.values.get("final_decision")]
    if other:
        notes.append(
            f"{len(other)} decisions differ from the file's own (the first: {other[0]}); the test set's are used."
        )
    return notes
