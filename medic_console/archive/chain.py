"""The chain of the ledger's entries: whether any was changed, taken out or put in, and who wrote them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from medic_console.archive.ledger import FIRST, Kind, mac_of
from medic_console.archive.ledger_key import Keys


class Chain:
    """Entries of a ledger, checked one by one.

    Args:
        entries: Rows of `ledger.COLUMNS`, in order.
        keys: Those that are at hand.
        expected: `mac` that was the head at an earlier time, or its beginning; empty: none is known.

    Attributes:
        signed: Number of entries whose `mac` was checked and holds.
        strange: Numbers of the entries of each key that is not at hand.
        changes: Keys that were changed without the one before, in sentences.
    """

    def __init__(self, entries: Sequence[Sequence[Any]], keys: Keys, expected: str = "") -> None:
        self._entries, self._keys, self._expected = entries, keys, expected
        self.signed = 0
        self.strange: dict[str, list[int]] = {}
        self.changes: list[str] = []

    def faults(self) -> Iterator[str]:
        """Yield what is wrong with the entries, one by one; the first is the row that was touched."""
        previous, key, next_key = FIRST, "", ""
        if self._expected and not any(row[7].startswith(self._expected) for row in self._entries):
            yield f"ledger: no entry has the head {self._expected}; the last entries were taken away or replaced"
        for place, row in enumerate(self._entries, 1):
            number, kind, named, mac = row[0], row[2], row[5], row[7]
            where = f"ledger, entry {number} ({kind})"
            if number != place:
                yield f"ledger, entry {place}: it is gone, entry {number} follows"
                break
            if row[6] != previous:
                yield f"{where}: it does not follow the entry before"
            if named in self._keys.by_name:
                if mac_of(self._keys.by_name[named], row[:7]) == mac:
                    self.signed += 1
                else:
                    yield f"{where}: it was changed"
            elif self._renamed(row):
                yield f"{where}: it was changed"
            else:
                self.strange.setdefault(named, []).append(number)
            if key and named != key and named != next_key:
                if kind == Kind.NEW_KEY:
                    told = f"From entry {number} on another key is used; the key before was not at hand then."
                    self.changes.append(told)
                else:
                    yield f"{where}: its key is another one, and no entry says so"
            next_key = subject_of(row).get("to", "") if kind == Kind.ROTATION else ""
            previous, key = mac, named

    def _renamed(self, row: Sequence[Any]) -> bool:
        """Tell whether an entry was made with a key that is here, and names another one now."""
        return any(mac_of(key, [*row[:5], name, row[6]]) == row[7] for name, key in self._keys.by_name.items())


def subject_of(row: Sequence[Any]) -> dict[str, Any]:
    """Return what an entry names; of one that was made unreadable nothing."""
    try:
        found = json.loads(row[3])
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
