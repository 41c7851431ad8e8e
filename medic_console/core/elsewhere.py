"""What a note says of answers that another program had: that they were, and which files held them."""

from __future__ import annotations

import re

NOT_RUN_HERE = "Not run here: "
"""Begins the note."""
_FILE = re.compile(r"SHA-256 of (.+?) ([0-9a-f]{64})(?=[,)])", re.DOTALL)


def file_held(name: str, sha256: str) -> str:
    """Return how a note names a file.

    Args:
        sha256: With its prefix.
    """
    return f"SHA-256 of {name} {sha256.removeprefix('sha256:')}"


def files_held(note: str) -> list[str]:
    """Return the names of the files that a note names, in their order; none of an older note, which has no digests."""
    return [found[1] for found in _FILE.finditer(note)]
