"""How much a packed file may unpack to, and a document that is read whole may have: more than there is memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

MOST = 1 << 30
"""Bytes, unless a person says otherwise; the largest official file has about that."""
OPTION = "--max-unpacked"
_most = MOST


def most_unpacked() -> int:
    """Return the bytes that a packed file may unpack to."""
    return _most


def allow(most: int) -> None:
    """Set the bytes that a packed file may unpack to, for this process."""
    global _most
    _most = most


@contextmanager
def allowed(most: int) -> Iterator[None]:
    """Set the bytes for a while."""
    before = most_unpacked()
    allow(most)
    try:
        yield
    finally:
        allow(before)


def too_much(most: int) -> str:
    """Return what is said of a file that unpacks to more."""
    return f"the file unpacks to more than {most:,} bytes"


def too_large(most: int) -> str:
    """Return what is said of a document that is larger."""
    return f"a JSON document of more than {most:,} bytes, which would be held in memory whole"


def hint(most: int) -> str:
    """Return what to do about it."""
    return (
        f"If it is the file that you mean, allow more than {most >> 20:,} MiB with {OPTION} MIB. JSON Lines and CSV "
        "are read a record at a time; a JSON document and a workbook's texts are held in memory."
    )
