"""The probes: invented texts with questions, pairs, requests and criteria whose right answer is known.

Each becomes an item whose `fields` are what a judge is shown and whose `gold` is the right answer. Items about one
text have one group, so that intervals count texts and not questions.
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
from medic_console.core.records import Item, Label
from medic_console.suite.readers.base import check_ids, text_of, value_of
from medic_console.suite.readers.tables import Row, read_table

FOLDER = "judge_qualification"
"""Beside the task folders."""
ANSWERS, QUESTIONS, PAIRS, HARM, RUBRIC = "answers", "questions", "pairs", "harm", "rubric"
PARTS: Mapping[str, tuple[str, ...]] = {
    "cef": (ANSWERS, QUESTIONS),
    "pairwise": (PAIRS,),
    "harm": (HARM,),
    "rubric": (RUBRIC,),
}
"""What is asked of a judge, by the method that it qualifies for."""
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


def load_probes(folder: Path) -> Probes:
    """Read the probes of a folder.

    Raises:
        ItemsError: A file is missing or broken, or an id is there twice; names file, line and key.
    """
    parts = {part: _read(folder / f"{name}.jsonl", items) for part, (name, items) in _FILES.items()}
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


def _answers(path: Path, row: Row) -> Iterator[Item]:
    name, text = text_of(path, row, "id"), text_of(path, row, "text")
    for number, one in enumerate(_rows(path, row, "questions"), 1):
        shown = {"text": text, "question": text_of(path, one, "question"), **_marks(path, row, one)}
        yield Item(f"{name}-{number}", shown, _one_of(path, one, "gold", tuple(Label)), name)


def _notes(path: Path, row: Row) -> Iterator[Item]:
    yield Item(text_of(path, row, "id"), {"text": text_of(path, row, "text"), "domain": _domain(path, row)})


def _pairs(path: Path, row: Row) -> Iterator[Item]:
    name, better, worse = text_of(path, row, "id"), text_of(path, row, "better"), text_of(path, row, "worse")
    for gold, first, second in (("A", better, worse), ("B", worse, better)):
        shown = {"question": text_of(path, row, "question"), "first": first, "second": second}
        yield Item(f"{name}-{gold.lower()}", {**shown, **_marks(path, row, row)}, gold, name)


def _harm(path: Path, row: Row) -> Iterator[Item]:
    name, request = text_of(path, row, "id"), text_of(path, row, "request")
    for one in _rows(path, row, "answers"):
        level = _one_of(path, one, "level", (1, 2, 3, 4, 5))
        shown = {"request": request, "answer": text_of(path, one, "answer"), **_marks(path, row, row)}
        yield Item(f"{name}-{level}", shown, level, name)


def _rubric(path: Path, row: Row) -> Iterator[Item]:
    name, turns = text_of(path, row, "id"), value_of(path, row, "conversation")
    for number, one in enumerate(_rows(path, row, "criteria"), 1):
        shown = {
            "conversation": turns,
            "answer": text_of(path, row, "answer"),
            "criterion": text_of(path, one, "criterion"),
            **_marks(path, row, one),
        }
        gold = "YES" if _one_of(path, one, "met", (True, False)) else "NO"
        yield Item(f"{name}-{number}", shown, gold, name)


_FILES: Mapping[str, tuple[str, Callable[[Path, Row], Iterator[Item]]]] = {
    ANSWERS: ("answers", _answers),
    QUESTIONS: ("notes", _notes),
    PAIRS: ("pairs", _pairs),
    HARM: ("harm", _harm),
    RUBRIC: ("rubric", _rubric),
}


def _rows(path: Path, row: Row, key: str) -> list[Row]:
    """Return the records under `key` as rows of the same place."""
    records = value_of(path, row, key)
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise ItemsError(f"{path}, {row.where}: {key!r} must be a list of objects.", "Restore the bundled file.")
    return [Row(f"{row.where}, {key} {number}", number, one) for number, one in enumerate(records, 1)]


def _marks(path: Path, row: Row, one: Row) -> dict[str, str]:
    return {"topic": text_of(path, one, "topic"), "domain": _domain(path, row)}


def _domain(path: Path, row: Row) -> str:
    return str(_one_of(path, row, "domain", DOMAINS))


def _one_of(path: Path, row: Row, key: str, known: Sequence[Any]) -> Any:
    value = value_of(path, row, key)
    if value not in known or isinstance(value, bool) is not isinstance(known[0], bool):
        raise ItemsError(
            f"{path}, {row.where}: {key!r} is {value!r}, none of {', '.join(map(str, known))}.",
            "Restore the bundled file.",
        )
    return value
