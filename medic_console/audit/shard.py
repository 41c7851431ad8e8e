"""A part of a run that another machine may do: which items of a task belong to it.

A task's items are cut into parts that follow each other, as even as units allow: items of one note are never parted,
and neighbours, whose prompts begin alike, stay together. Every part has the whole plan, so that its archive can be
merged with those of the others into the run that one machine would have made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from medic_console.core.errors import UsageError
from medic_console.core.records import Item

MOST = 10_000


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of several.

    Attributes:
        number: From 1.
        of: How many there are.
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    def holds(self, other: Shard) -> bool:
        """Tell whether another shard, perhaps of a finer division, lies within this one."""
        first, last = Fraction(self.number - 1, self.of), Fraction(self.number, self.of)
        return first <= Fraction(other.number - 1, other.of) and Fraction(other.number, other.of) <= last


def parse_shard(text: str) -> Shard:
    """Return the shard that is named as `2/8`.

    Raises:
        UsageError: It is none.
    """
    found = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text.strip(), re.ASCII)
    if found:
        number, of = int(found[1]), int(found[2])
        if 1 <= number <= of <= MOST:
            return Shard(number, of)
    raise UsageError(f"--shard {text} is no part of a run.", "Name a part and how many there are, such as 2/8.")


def items_of(items: Sequence[Item], shard: Shard) -> frozenset[str]:
    """Return the ids of the items of a task that belong to a shard.

    A note belongs to the shard in which its middle lies, counted in items.
    """
    found: set[str] = set()
    before = 0
    for unit in by_note(items):
        middle = Fraction(2 * before + len(unit), 2 * len(items))
        before += len(unit)
        if Fraction(shard.number - 1, shard.of) <= middle < Fraction(shard.number, shard.of):
            found |= {item.id for item in unit}
    return frozenset(found)


def by_note(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Yield items in units: those of one group together where its first one stands, each other item alone."""
    groups: dict[str, list[int]] = {}
    for number, item in enumerate(items):
        if item.group:
            groups.setdefault(item.group, []).append(number)
    for item in items:
        if not item.group:
            yield [item]
        elif item.group in groups:
            yield [items[number] for number in groups.pop(item.group)]
