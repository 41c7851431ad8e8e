"""Damaged GGUF headers, made from a sound one: bits turned, counts and lengths set, pieces cut, doubled or mixed up."""

from __future__ import annotations

import random
from collections.abc import Iterator

_NUMBERS = (0, 1, 0x7F, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 33, 1 << 40, (1 << 63) - 1, (1 << 64) - 1)


def mutants(sound: bytes, count: int, seed: int = 0, head: int = 4096) -> Iterator[bytes]:
    """Yield damaged copies of a file; the same seed gives the same ones.

    Args:
        sound: A whole GGUF file.
        count: How many.
        seed: Of the draw.
        head: Bytes from the beginning in which most of the damage is done.
    """
    draw = random.Random(seed)
    for _ in range(count):
        data = bytearray(sound)
        for _ in range(draw.randint(1, 4)):
            _damage(data, draw, min(head if draw.random() < 0.8 else len(data), len(data)))
        yield bytes(data)


def _damage(data: bytearray, draw: random.Random, head: int) -> None:
    if head < 16:
        return
    at, kind = draw.randrange(head - 8), draw.randrange(6)
    if kind == 0:
        data[at] ^= 1 << draw.randrange(8)
    elif kind == 1:
        data[at : at + 8] = draw.choice(_NUMBERS).to_bytes(8, "little")
    elif kind == 2:
        data[at : at + 4] = (draw.choice(_NUMBERS) & 0xFFFFFFFF).to_bytes(4, "little")
    elif kind == 3:
        del data[at : at + draw.randint(1, 64)]
    elif kind == 4:
        data[at:at] = data[at : at + draw.randint(1, 64)]
    elif draw.random() < 0.3:
        del data[at:]
    else:
        # the counts of tensors and keys
        data[8:24] = b"".join(draw.choice(_NUMBERS).to_bytes(8, "little") for _ in range(2))
