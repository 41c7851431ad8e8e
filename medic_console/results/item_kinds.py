"""Kinds of items of one task: right, wrong, by verdict, by what left them without a score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from medic_console.archive.views import ItemRow
from medic_console.core.metrics import metric_of
from medic_console.core.records import Outcome
from medic_console.results.answer_words import key_of_medec
from medic_console.suite.task import Task

RIGHT, WRONG, CUT, OPEN = "right", "wrong", "truncated", "not yet"
_MOST = 8
"""Verdicts beyond which they are no kinds, but a text or a number of each item."""


@dataclass(frozen=True, slots=True)
class ItemKind:
    """Items of one kind, at least one.

    Attributes:
        title: In lower case.
        items: Ids.
    """

    title: str
    items: frozenset[str]


def item_kinds(task: Task, rows: Sequence[ItemRow]) -> list[ItemKind]:
    """Return the kinds that some items are of, wrong ones first; an item may be of several.

    Right and wrong are told apart where an item of the main metric can only be 0 or 1, or its verdict says so.
    """
    found: dict[str, list[str]] = {WRONG: [], RIGHT: []}
    verdicts = Counter(row.verdict for row in rows if row.outcome == Outcome.SCORED and row.verdict)
    listed = set(verdicts) if len(verdicts) <= _MOST else set()
    metric = metric_of(task.primary_metric.id)
    source = metric.source if metric.proportion else ""
    for row in rows:
        for kind in _kinds(source, row, listed):
            found.setdefault(kind, []).append(row.item)
    return [ItemKind(title, frozenset(items)) for title, items in found.items() if items]


def _kinds(source: str, row: ItemRow, verdicts: set[str]) -> list[str]:
    if not row.outcome:
        return [OPEN]
    if row.outcome == Outcome.FAILED:
        return [str(Outcome.FAILED)]
    if row.outcome == Outcome.UNSCORED:
        return [str(Outcome.UNSCORED), f"{Outcome.UNSCORED}: {row.reason}"]
    parts = [_side(source, row), row.verdict if row.verdict in verdicts else "", CUT if row.truncated else ""]
    return list(dict.fromkeys(part for part in parts if part))


def _side(source: str, row: ItemRow) -> str:
    """Return whether an item is right or wrong; empty where it is neither.

    Args:
        source: Name of the value that is 0 or 1; empty where the main metric has none.
    """
    if source in row.values:
        return RIGHT if row.values[source] == 1 else WRONG
    return row.verdict if row.verdict in (RIGHT, WRONG) else ""


def short_key(gold: Any) -> str:
    """Return the part of an item's reference that an answer is held against; empty without one."""
    return key_in_words(gold["value"] if isinstance(gold, Mapping) and "value" in gold else gold)


def key_in_words(gold: Any) -> str:
    """Return an item's reference answer in one text; empty without one."""
    if gold is None:
        return ""
    if isinstance(gold, Mapping):
        return key_of_medec(gold) or ", ".join(f"{name} {key_in_words(value)}" for name, value in gold.items())
    if isinstance(gold, list | tuple):
        return ", ".join(map(key_in_words, gold))
    return str(gold)
