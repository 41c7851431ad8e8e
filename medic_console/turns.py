"""The order of a phase's work: tasks take turns, so that all scores form together; a note's items stay together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from medic_console.records import Item

Entry = TypeVar("Entry")


def by_note(items: Sequence[Item]) -> list[list[Item]]:
    """Return items in units: those of one group together where its first one stands, each other item alone."""
    units: dict[str | int, list[Item]] = {}
    for number, item in enumerate(items):
        units.setdefault(item.group or number, []).append(item)
    return list(units.values())


def in_turn(tasks: Sequence[Sequence[Sequence[Entry]]], first: int, most: int) -> Iterator[Entry]:
    """Yield the entries of all tasks, a turn of each after the other; the entries of a unit are never parted.

    The first turns are short, so that every task has its first scores soon. Each round's are twice as long up to
    `most`, so that the beginning which a task's prompts share is read again for ever more items at once.

    Args:
        tasks: The units of each task.
        first: Entries of a turn in the first round, at least 1. A turn ends with the unit that reaches it; what is
            too much counts for the next one.
        most: Entries of a turn in the later rounds, `first` or more.
    """
    waiting = {number: iter(units) for number, units in enumerate(tasks)}
    done = [0] * len(tasks)
    due, turn = first, first
    while waiting:
        for number, units in list(waiting.items()):
            while done[number] < due:
                unit = next(units, None)
                if unit is None:
                    del waiting[number]
                    break
                yield from unit
                done[number] += len(unit)
        turn = min(2 * turn, most)
        due += turn
