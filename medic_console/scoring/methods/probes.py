"""The probes: invented texts with questions, pairs, requests and criteria whose right answer is known.

Each becomes an item whose `fields` are what a judge is shown and whose `gold` is the right answer. Items about one
text have one group, so that intervals count texts and not questions. Each method reads its own (`Method.probes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from medic_console.core import paths
from medic_console.core.digest import digest
from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.scoring.methods.method import method_named
from medic_console.suite.judging import METHODS
from medic_console.suite.readers.base import check_ids, text_of, value_of
from medic_console.suite.readers.tables import Row, read_table

FOLDER = "judge_qualification"
"""Beside the task folders."""
VERSION = "3"
"""Of how replies are read; raised when a rule changes."""
DOMAINS = ("plain", "clinical")
"""`plain`: a few short facts, as in the bundled samples; `clinical`: the language of notes and letters."""
REPEATED = 3
"""Every third probe is asked a second time."""


@dataclass(frozen=True, slots=True)
class Probes:
    """All probes, each once.

    Attributes:
        parts: Items by part. `fields` hold `topic` and `domain` too.
        digest: Of all of them; a card expires when it changes.
    """

    parts: Mapping[str, tuple[Item, ...]]
    digest: str


def qualifying() -> dict[str, tuple[str, ...]]:
    """Return the parts of the probes by method; only methods that a judge can be qualified for."""
    found = {name: tuple(method_named(name).probes) for name in METHODS}
    return {name: parts for name, parts in found.items() if parts}


def load_probes(folder: Path) -> Probes:
    """Read the probes of a folder.

    Raises:
        ItemsError: A file is missing or broken, or an id is there twice; names file, line and key.
    """
    kinds = {part: kind for name in qualifying() for part, kind in method_named(name).probes.items()}
    parts = {part: _read(folder / f"{kind.file}.jsonl", kind.items) for part, kind in kinds.items()}
    content = {
        part: [[item.id, dict(item.fields), item.gold, item.group] for item in items] for part, items in parts.items()
    }
    return Probes(parts, digest(content))


@cache
def bundled_probes() -> str:
    """Return the digest of the probes of this release.

    Raises:
        ItemsError: A file is missing or broken.
    """
    return load_probes(paths.tasks_dir() / FOLDER).digest


def with_repeats(items: Sequence[Item]) -> tuple[Item, ...]:
    """Return the items and, behind them, every third once more: another id, another place in the batches.

    The order of a repeat among its like is that of the digests of the ids, so that neighbours are other ones than at
    the first time.
    """
    drawn = sorted(items, key=lambda item: digest(item.id))[::REPEATED]
    again = (replace(item, id=f"{item.id}-again", fields={**item.fields, "repeats": item.id}) for item in drawn)
    return (*items, *again)


def _read(path: Path, items: Callable[[Path, Row], Iterator[Item]]) -> tuple[Item, ...]:
    found = tuple(item for row in read_table(path).rows for item in items(path, row))
    check_ids(path, found)
    return found


def rows_of(path: Path, row: Row, key: str) -> list[Row]:
    """Return the records under `key` as rows of the same place.

    Raises:
        ItemsError: It is no list of objects.
    """
    records = value_of(path, row, key)
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise ItemsError(f"{path}, {row.where}: {key!r} must be a list of objects.", "Restore the bundled file.")
    return [Row(f"{row.where}, {key} {number}", number, one) for number, one in enumerate(records, 1)]


def marks_of(path: Path, row: Row, one: Row) -> dict[str, str]:
    """Return topic and domain of a probe, by which right answers are counted apart."""
    return {"topic": text_of(path, one, "topic"), "domain": domain_of(path, row)}


def domain_of(path: Path, row: Row) -> str:
    """Return the domain of a record."""
    return str(one_of(path, row, "domain", DOMAINS))


def one_of(path: Path, row: Row, key: str, known: Sequence[Any]) -> Any:
    """Return the value under `key`.

    Raises:
        ItemsError: It is none of the known ones.
    """
    value = value_of(path, row, key)
    if value not in known or isinstance(value, bool) is not isinstance(known[0], bool):
        raise ItemsError(
            f"{path}, {row.where}: {key!r} is {value!r}, none of {', '.join(map(str, known))}.",
            "Restore the bundled file.",
        )
    return value
