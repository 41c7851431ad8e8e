"""Messages between a process and its parent: one JSON object a line."""

from __future__ import annotations

import json
from typing import Any


def to_line(message: Any) -> bytes:
    """Return a message as a line of ASCII JSON."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> dict[str, Any]:
    """Return the message of a line.

    Raises:
        ValueError: The line is no JSON object.
    """
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError(f"not a message: {line[:200]!r}")
    return message
