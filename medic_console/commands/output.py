"""What commands write: JSON documents; whether all else is written as plain lines. Light, so that `--help` is quick."""

from __future__ import annotations

import json
import sys
from contextvars import ContextVar
from typing import Any

plain: ContextVar[bool] = ContextVar("plain", default=False)
"""One line a fact, for screen readers and logs."""


def write_json(value: Any) -> None:
    """Write one JSON document to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
