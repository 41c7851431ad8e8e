"""Which items of a task a run takes: all, the first ones, or a random sample; and what is said of it with every figure.

A sample is drawn item by item: the items with the least SHA-256 digests of seed and id, in the order of the file. It
is the same on every machine, does not depend on the order of the file, and a larger one of the same seed holds every
smaller one. Items that share a note are drawn apart from each other; intervals count them as one group all the same.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import replace

from medic_console.core.records import Item
from medic_console.suite.items import LoadedTask

_FIRST, _SAMPLE, _NOT_RANDOM = "The first ", "A random sample of ", ", not a random sample."
_MATCHED = "The matched "


def take(loaded: LoadedTask, limit: int | None = None, sample: int = 0, seed: int = 0) -> LoadedTask:
    """Return a task with the items that are taken; where some are left, its first note says which were.

    Args:
        limit: Most items to take, from the beginning; None takes all.
        sample: Items to draw at random; 0 draws none.
        seed: Of the draw; any whole number.
    """
    every = loaded.items
    number = sample or limit or len(every)
    if number >= len(every):
        return loaded
    of = f"{number:,} of {len(every):,} items"
    if not sample:
        return replace(loaded, items=every[:number], notes=(f"{_FIRST}{of}{_NOT_RANDOM}", *loaded.notes))
    ranked = heapq.nsmallest(number, ((_rank(item, seed), place) for place, item in enumerate(every)))
    kept = tuple(every[place] for place in sorted(place for _, place in ranked))
    return replace(loaded, items=kept, notes=(f"{_SAMPLE}{of}, seed {seed}.", *loaded.notes))


def taken(notes: Iterable[str]) -> str:
    """Return the note of a task that says which of its items were taken; empty where all were."""
    return next((note for note in notes if note.startswith((_FIRST, _SAMPLE, _MATCHED)) and " items, " in note), "")


def matched_note(number: int, every: int) -> str:
    """Return the note of a task of which some items alone have an answer that was had elsewhere."""
    return f"{_MATCHED}{number:,} of {every:,} items{_NOT_RANDOM}"


def first_taken(notes: Iterable[str]) -> int:
    """Return how many of a task's first items its notes say were taken; 0 where it was not the first ones."""
    note = taken(notes)
    return int(note.removeprefix(_FIRST).split()[0].replace(",", "")) if note.startswith(_FIRST) else 0


def first_part(note: str) -> str:
    """Return "the first 40 of 2,000 items" of the note that `taken` returns; empty for all, or a random sample."""
    return f"t{note[1:]}".removesuffix(_NOT_RANDOM) if note.startswith((_FIRST, _MATCHED)) else ""


def _rank(item: Item, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}\n{item.id}".encode()).digest()
