"""The seals of a packet's decisions: a chain of HMAC-SHA256 whose key comes of the reader's PIN.

The key is made of scrypt of the PIN, which the archive keeps and the packet does not, and of what is in this packet.
Each entry's seal covers the one before, so none can be changed, put in, taken out or moved, and the head covers how
many there are, so the last ones cannot be left off. It holds against anyone who knows neither the PIN nor the archive.
It does not hold against who finds the PIN by trying, which the file allows as often as one likes: a PIN of four digits
takes minutes. Nor does it show that an older copy of the file came back; for that its reader tells the head.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from medic_console.core.digest import canonical_json
from medic_console.core.errors import UsageError

SEAL = "seal"
"""Field of an entry that holds its own seal."""


class Seals:
    """Makes and checks the seals of one packet.

    Args:
        stretched: scrypt of the reader's PIN, hexadecimal (`reviewers.stretched`).
        packet: The packet; which queue, cards and reader it has is part of the key.
    """

    def __init__(self, stretched: str, packet: Mapping[str, Any]) -> None:
        place = [packet[name] for name in ("format", "version", "queue", "digest", "content", "reader", "nonce")]
        self._key = hmac.digest(
            bytes.fromhex(stretched), canonical_json(place).encode("utf-8", "surrogatepass"), hashlib.sha256
        )

    @property
    def first(self) -> str:
        """What the chain begins with; in the packet it shows whether a PIN is the reader's."""
        return self._made("first", "", None)

    def sealed(self, entries: Sequence[Mapping[str, Any]], entry: Mapping[str, Any]) -> dict[str, Any]:
        """Return an entry that follows others, with its seal."""
        return {**entry, SEAL: self._made("entry", entries[-1][SEAL] if entries else self.first, entry)}

    def head(self, entries: Sequence[Mapping[str, Any]]) -> str:
        """Return the seal of a whole chain."""
        return self._made("head", entries[-1][SEAL] if entries else self.first, len(entries))

    def broken(self, entries: Sequence[Mapping[str, Any]], head: str) -> int | None:
        """Return the number of the first entry, from 0, that is not as it was sealed; None where all are.

        It is the number of entries where each is, and the last ones are missing.
        """
        before = self.first
        for number, entry in enumerate(entries):
            plain = {name: value for name, value in entry.items() if name != SEAL}
            try:
                made = self._made("entry", before, plain)
            except ValueError:  # a number that JSON does not have
                return number
            if not _same(made, entry.get(SEAL)):
                return number
            before = entry[SEAL]
        return None if _same(self.head(entries), head) else len(entries)

    def _made(self, what: str, before: str, content: Any) -> str:
        text = canonical_json([what, before, content]).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def check_pin(seals: Seals, packet: Mapping[str, Any]) -> None:
    """Refuse a PIN that is not the one for which the packet was made.

    Raises:
        UsageError: It is another one, or the packet was edited.
    """
    if not _same(seals.first, packet["first"]):
        raise UsageError(
            f"The PIN of {packet['reader']} is wrong, or the packet was edited.",
            "Type the PIN that you have where the packet was made.",
        )


def _same(one: str, other: object) -> bool:
    return isinstance(other, str) and hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogatepass"))
