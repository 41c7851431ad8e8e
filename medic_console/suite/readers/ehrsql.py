"""EHRSQL 2024: a folder of `data.json` and `label.json`, and the SQLite database beside or above it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, check_ids, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.sqlite_file import empty_tables, schema_text
from medic_console.suite.readers.tables import first_record, read_json, read_table


def recognises(path: Path) -> bool:
    """Tell whether `path` is such a folder, or its `data.json`."""
    if path.is_file() and path.name != "data.json":
        return False
    folder = _folder(path)
    return (folder / "label.json").is_file() and first_record(folder / "data.json").keys() >= {
        "id",
        "question",
    }


@items_reader("ehrsql", recognises)
def read(path: Path, database: Path | None = None) -> Records:
    """Read a split; the gold answer is the query's text, or "null" for an unanswerable question.

    Args:
        path: The folder, or the `data.json` in it.
        database: The SQLite file; without it the first `*.sqlite` of the folder or of the one above.

    Returns:
        `shared["schema"]` describes the database, `resources["database"]` is its path.

    Raises:
        ItemsError: A file is broken, a question has no label, an id is there twice, or there is no database.
    """
    folder = _folder(path)
    data = folder / "data.json"
    labels = _labels(folder / "label.json")
    table = read_table(data)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        key, question = text_of(data, row, "id"), text_of(data, row, "question").strip()
        if key not in labels:
            skipped.append((row.where, f"label.json has no label for {key!r}"))
        elif not question:
            skipped.append((row.where, "the question is empty"))
        else:
            items.append(Item(key, {"question": question}, labels[key]))
    check_ids(data, items)
    if not items:
        raise ItemsError(f"{data}: no question has a label.", "Give data.json and label.json of the same split.")
    found = database or _database(folder)
    return Records(
        items=items.whole(),
        read=len(items) + len(skipped),
        skipped=skipped.whole(),
        notes=_notes(found, items),
        shared={"schema": schema_text(found)},
        resources={"database": found},
    )


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _labels(path: Path) -> dict[str, str]:
    labels: Any = read_json(path)
    if not isinstance(labels, dict) or not all(isinstance(text, str) for text in labels.values()):
        raise ItemsError(f"{path}: expected one JSON object of id to query.", "Give the official label.json unchanged.")
    return labels


def _database(folder: Path) -> Path:
    for place in (folder, folder.resolve().parent):
        found = sorted(place.glob("*.sqlite"))
        if found:
            return found[0]
    raise ItemsError(
        f"{folder}: there is no SQLite database (*.sqlite) here or in the folder above.",
        "Build it with the script of the EHRSQL repository and put it beside data.json or one folder up.",
    )


def _notes(database: Path, items: Sequence[Item]) -> tuple[str, ...]:
    empty = empty_tables(database)
    if not empty:
        return ()
    name = re.compile(rf"\b(?:{'|'.join(map(re.escape, empty))})\b", re.IGNORECASE)
    touching = sum(bool(name.search(item.gold)) for item in items)
    return (
        f"{database.name} has empty tables: {', '.join(empty)}. "
        f"{touching} of {len(items)} gold queries touch one, so their results say little.",
    )
