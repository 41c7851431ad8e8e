"""Our own format of bundled samples: JSON lines of `{"id", "fields", "gold", "group"}`."""

from __future__ import annotations

from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.suite.readers.base import Records, records, text_of, value_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_KEYS = {"id", "fields", "gold", "group"}


def recognises(path: Path) -> bool:
    """Tell whether the first record has an id, an object of fields and a gold answer."""
    record = first_record(path)
    return {"id", "fields", "gold"} <= record.keys() and isinstance(record["fields"], dict)


@items_reader("samples", recognises)
def read(path: Path) -> Records:
    """Read samples.

    Raises:
        ItemsError: A line is broken, a key missing or unknown, or an id there twice.
    """
    table = read_table(path)
    return records(path, (_item(path, row) for row in table.rows), table.blank, ())


def _item(path: Path, row: Row) -> Item:
    unknown = sorted(row.values.keys() - _KEYS)
    if unknown:
        raise ItemsError(f"{path}, {row.where}: unknown key {unknown[0]!r}.", f"Known are {', '.join(sorted(_KEYS))}.")
    fields = value_of(path, row, "fields")
    if not isinstance(fields, dict):
        raise ItemsError(
            f"{path}, {row.where}: 'fields' must be an object, not {type(fields).__name__}.",
            "Write the fields of the prompt as a JSON object.",
        )
    group = text_of(path, row, "group") if "group" in row.values else ""
    return Item(text_of(path, row, "id"), fields, value_of(path, row, "gold"), group)
