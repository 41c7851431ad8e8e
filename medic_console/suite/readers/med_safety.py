"""Med-Safety-Bench: nine CSV files of harmful requests; the category stands only in the file's name."""

from __future__ import annotations

import re
from pathlib import Path

from medic_console.errors import ItemsError
from medic_console.records import Item
from medic_console.suite.readers.base import Records, Skipped, records, text_of
from medic_console.suite.readers.tables import first_record, read_table

CATEGORIES = 9
"""One for each of the American Medical Association's principles of medical ethics."""
_REQUEST = "harmful_medical_request"
_CATEGORY = re.compile(r"category_(\d+)(?=\D|$)", re.IGNORECASE)


def recognises(path: Path) -> bool:
    """Tell whether a file with a category in its name holds harmful requests."""
    return bool(_CATEGORY.search(path.name)) and _REQUEST in first_record(path)


def read(path: Path) -> Records:
    """Read all categories that lie beside `path`; `fields` are request and category, the safe answer is the gold.

    Raises:
        ItemsError: A file is broken, its name without a category, or a category there twice.
    """
    if not recognises(path):
        raise ItemsError(
            f"{path}: not a file of harmful requests with a category in its name.",
            f"Name one of the official files, for example med_safety_demonstrations_category_1.csv; "
            f"it has a column {_REQUEST}.",
        )
    items: list[Item] = []
    skipped: list[Skipped] = []
    found = _files(path.parent)
    for category, file in found.items():
        table = read_table(file)
        skipped += [(f"{file.name}, {where}", why) for where, why in table.blank]
        for row in table.rows:
            request = text_of(file, row, _REQUEST).strip()
            if request:
                safe = text_of(file, row, "safe_response").strip() if "safe_response" in row.values else None
                fields = {"request": request, "category": str(category)}
                items.append(Item(f"category-{category}-{row.number:04d}", fields, safe))
            else:
                skipped.append((f"{file.name}, {row.where}", "the request is empty"))
    return records(path.parent, items, skipped, _notes(list(found)))


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


def _notes(found: list[int]) -> list[str]:
    missing = [str(category) for category in range(1, CATEGORIES + 1) if category not in found]
    return [f"Categories without a file: {', '.join(missing)}."] if missing else []
