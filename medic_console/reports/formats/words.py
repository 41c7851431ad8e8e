"""What all standard formats need: texts that none forbids, names for paths, identifiers that follow from content."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from pathlib import Path
from typing import Any

from medic_console.core.visible import plain

_FORBIDDEN = {0xFFFE: "⟨FFFE⟩", 0xFFFF: "⟨FFFF⟩"}
"""What XML 1.0 forbids beside control characters and surrogates."""
_PATH = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 60
UNKNOWN = "unknown"
NOT_STATED = (
    "Not stated: medic-console measures a model's answers, and the developer's own statements are not in the file."
)
NOT_MEASURED = "Not measured."


def safe(text: str) -> str:
    """Return untrusted text in which every character can be seen, none acts, and none is forbidden in XML or JSON."""
    shown = plain(text)
    return shown if shown.isascii() else shown.translate(_FORBIDDEN)


def safe_values(value: Any) -> Any:
    """Return a JSON value with every text in it `safe`, keys included."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, dict):
        return {safe(str(key)): safe_values(one) for key, one in value.items()}
    return [safe_values(one) for one in value] if isinstance(value, list | tuple) else value


def part_of_path(text: str) -> str:
    """Return text as one part of a path: letters, digits, dot, hyphen and underscore; never empty, `.` or `..`."""
    return _PATH.sub("-", text).strip("-.")[:_LONGEST].strip("-.") or UNKNOWN


def identifier(*parts: str) -> str:
    """Return a UUID (of version 4 by its form) that follows from its parts alone."""
    made = hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).digest()
    return str(uuid.UUID(bytes=made[:16], version=4))


def number(value: float | None) -> str:
    """Return a number as text for formats that have none: as short as it is exact; empty without one."""
    return "" if value is None else f"{value:.10g}"


def write_json(path: Path, value: Any) -> None:
    """Write a JSON document, its texts made `safe`.

    Raises:
        ValueError: A number of it is not finite.
    """
    text = json.dumps(safe_values(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")
