"""IFEval: official JSON lines with `key`, `prompt`, `instruction_id_list` and one `kwargs` object an instruction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError, sentence
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

_KEYS = {"key", "prompt", "instruction_id_list", "kwargs"}
_PROMPTS = 541


def recognises(path: Path) -> bool:
    """Tell whether the first record has the four official keys."""
    return first_record(path).keys() >= _KEYS


@items_reader("ifeval", recognises)
def read(path: Path) -> Records:
    """Read IFEval; `fields` hold the prompt, the gold answer is a list of `{"id", "kwargs"}`.

    Arguments that are null are left out: some copies of the file list every argument for every instruction.

    Raises:
        ItemsError: A line is broken, a key missing, or ids and arguments do not go together.
    """
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    for row in table.rows:
        prompt, gold = text_of(path, row, "prompt"), _instructions(path, row)
        if not prompt.strip():
            skipped.append((row.where, "the prompt is empty"))
        elif not gold:
            skipped.append((row.where, "there is no instruction"))
        else:
            items.append(Item(str(value_of(path, row, "key")), {"prompt": prompt}, gold))
    return records(path, items, skipped, _notes(items))


def _instructions(path: Path, row: Row) -> list[dict[str, Any]]:
    ids, given = value_of(path, row, "instruction_id_list"), value_of(path, row, "kwargs")
    if not isinstance(ids, list) or not all(isinstance(name, str) for name in ids):
        raise _fault(path, row, "'instruction_id_list' must be a list of texts")
    if not isinstance(given, list) or not all(isinstance(arguments, dict) for arguments in given):
        raise _fault(path, row, "'kwargs' must be a list of objects")
    if len(ids) != len(given):
        raise _fault(path, row, f"{len(ids)} instructions, but {len(given)} objects in 'kwargs'")
    return [
        {"id": name, "kwargs": {key: value for key, value in arguments.items() if value is not None}}
        for name, arguments in zip(ids, given, strict=True)
    ]


def _fault(path: Path, row: Row, what: str) -> ItemsError:
    return ItemsError(sentence(f"{path}, {row.where}: {what}"), "Give the official input_data.jsonl unchanged.")


def _notes(items: Sequence[Item]) -> list[str]:
    if len(items) == _PROMPTS:
        return []
    return [f"{len(items)} prompts; the official file has {_PROMPTS}."]
