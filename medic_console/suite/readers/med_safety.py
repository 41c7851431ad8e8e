"""Med-Safety-Bench: nine CSV files of harmful requests a part; the category stands only in the file's name."""

from __future__ import annotations

import re
from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import PART, Records, Skipped, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import first_record, read_table

CATEGORIES = 9
"""One for each of the American Medical Association's principles of medical ethics."""
_PARTS = ("gpt4", "llama2")
"""Folders of the official repository, by the model that wrote the requests."""
_SPLITS = ("train", "test")
_REQUEST = "harmful_medical_request"
_CATEGORY = re.compile(r"category_(\d+)(?=\D|$)", re.IGNORECASE)


def recognises(path: Path) -> bool:
    """Tell whether a file with a category in its name holds harmful requests."""
    return bool(_CATEGORY.search(path.name)) and _REQUEST in first_record(path)


def read_folder(path: Path) -> Records:
    """Read all categories of one folder, as `read` does.

    Raises:
        ItemsError: A file is broken, or a category is there twice.
    """
    return _records(path, _files(path))


@items_reader("med_safety", recognises, read_folder)
def read(path: Path) -> Records:
    """Read one category; `fields` are request, category and part, the safe answer is the gold.

    Raises:
        ItemsError: The file is broken, or its name without a category.
    """
    match = _CATEGORY.search(path.name)
    if match is None or not recognises(path):
        raise ItemsError(
            f"{path}: not a file of harmful requests with a category in its name.",
            f"Name one of the official files, for example med_safety_demonstrations_category_1.csv; "
            f"it has a column {_REQUEST}. Or name the folder of all nine.",
        )
    return _records(path, {int(match.group(1)): path})


def _records(named: Path, found: dict[int, Path]) -> Records:
    items = Spool[Item]()
    skipped = Spool[Skipped]()
    folder = named if named.is_dir() else named.parent
    for category, file in found.items():
        table = read_table(file)
        skipped.extend((f"{file.name}, {where}", why) for where, why in table.blank)
        for row in table.rows:
            request = text_of(file, row, _REQUEST).strip()
            if request:
                safe = text_of(file, row, "safe_response").strip() if "safe_response" in row.values else None
                fields = {"request": request, "category": str(category), PART: _part(folder)}
                items.append(Item(f"category-{category}-{row.number:04d}", fields, safe))
            else:
                skipped.append((f"{file.name}, {row.where}", "the request is empty"))
    return records(named, items, skipped, _notes(folder, list(found)))


def _files(folder: Path) -> dict[int, Path]:
    """Return the files of a folder by category, in the order of the categories."""
    found: dict[int, Path] = {}
    for file in sorted(folder.iterdir()):
        match = _CATEGORY.search(file.name)
        if match is None or not recognises(file):
            continue
        category = int(match.group(1))
        if category in found:
            raise ItemsError(
                f"{folder}: category {category} is there twice: {found[category].name} and {file.name}.",
                "Keep the parts of the benchmark (gpt4, llama2) in folders of their own.",
            )
        found[category] = file
    return dict(sorted(found.items()))


def _part(folder: Path) -> str:
    """Return which part of the benchmark a folder holds, and of which split, by the official folders' names."""
    name, split = folder.absolute().name, folder.absolute().parent.name
    part = f"part {name}" if name in _PARTS else f"folder {name}, part not known"
    return f"{part}, {split} split" if name in _PARTS and split in _SPLITS else part


def _notes(folder: Path, found: list[int]) -> list[str]:
    missing = [str(category) for category in range(1, CATEGORIES + 1) if category not in found]
    notes = [f"MedSafetyBench, {_part(folder)}."]
    if len(found) == 1:
        notes.append(f"Category {found[0]} alone, of {CATEGORIES}.")
    elif missing:
        notes.append(f"Categories without a file: {', '.join(missing)}.")
    beside = [other.name for other in sorted(folder.absolute().parent.iterdir()) if other.name in _PARTS]
    unread = [name for name in beside if name != folder.absolute().name]
    if folder.name in _PARTS and unread:
        notes.append(f"Beside it lies {', '.join(unread)}, which is not read; name that folder with --items.")
    return notes
