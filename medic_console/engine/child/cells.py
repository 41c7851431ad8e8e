"""Book-keeping of the key-value cache: how many cells are in use, shared ones counted once."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict


class Cells:
    """Counts the cells of a unified cache.

    A cell is used while at least one sequence holds it. Room for what a running sequence has still to read and
    write is reserved, so that a decode never finds the cache full.
    """

    def __init__(self, total: int) -> None:
        self._total = total
        self._held: defaultdict[int, list[int]] = defaultdict(list)
        self._holders: Counter[int] = Counter()
        self._reserved: dict[int, int] = {}
        self._next = 0

    @property
    def used(self) -> int:
        """Cells that at least one sequence holds."""
        return len(self._holders)

    @property
    def free(self) -> int:
        """Cells neither used nor reserved."""
        return self._total - self.used - sum(self._reserved.values())

    def alone(self, sequence: int) -> int:
        """Return how many cells only this sequence holds."""
        held = self._held[sequence]
        # whoever holds a cell holds all before it too, so the cells of one holder are the last ones
        return len(held) - bisect_left(held, True, key=lambda cell: self._holders[cell] == 1)

    def reserve(self, sequence: int, count: int) -> None:
        """Set the room kept for a sequence."""
        self._reserved[sequence] = count

    def kept(self, sequence: int) -> int:
        """Return the room kept for a sequence."""
        return self._reserved.get(sequence, 0)

    def add(self, sequence: int, count: int) -> None:
        """Put `count` new cells at the end of a sequence, out of its reserve."""
        new = range(self._next, self._next + count)
        self._next += count
        self._held[sequence].extend(new)
        self._holders.update(new)
        self._reserved[sequence] = max(0, self._reserved.get(sequence, 0) - count)

    def share(self, source: int, target: int, count: int) -> None:
        """Let `target`, which is empty, hold the first `count` cells of `source` too."""
        shared = self._held[source][:count]
        self._held[target] = list(shared)
        self._holders.update(shared)

    def move(self, source: int, target: int) -> None:
        """Give all that a sequence holds, and its reserve, to an empty one."""
        self._held[target] = self._held.pop(source, [])
        self._reserved[target] = self._reserved.pop(source, 0)

    def trim(self, sequence: int, keep: int) -> None:
        """Release a sequence's cells from position `keep` on."""
        held = self._held[sequence]
        for cell in held[keep:]:
            self._holders[cell] -= 1
            if not self._holders[cell]:
                del self._holders[cell]
        del held[keep:]
