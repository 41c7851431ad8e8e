"""Where a person put the borders between panes, from one start to the next; an unusable file is left out."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from medic_console.console.splits import AXES, Kept
from medic_console.core import paths
from medic_console.core.small_files import read_text

_MOST = 500
"""Cells, and panes side by side: no terminal has more."""


def sizes_file() -> Path:
    """Return the file; beside the archive, as it is no setting that anyone writes by hand."""
    return paths.data_dir() / "panes.json"


def read_sizes(file: Path) -> Kept:
    """Return the sizes of panes that a file holds; none where it is not there, or whatever of it is no size."""
    try:
        listed = json.loads(read_text(file))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = listed.get("panes") if isinstance(listed, dict) else None
    found: Kept = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and _is_sound(entry):
            found[entry["screen"], entry["axis"], tuple(entry["ids"])] = tuple(entry["cells"])
    return found


def write_sizes(file: Path, kept: Kept) -> None:
    """Write sizes; where the disk takes none, borders stand as usual at the next start."""
    entries = [
        {"screen": screen, "axis": axis, "ids": [*ids], "cells": [*cells]}
        for (screen, axis, ids), cells in kept.items()
    ]
    with suppress(OSError):
        paths.write_own(file, json.dumps({"panes": entries}, indent=1) + "\n")


def _is_sound(entry: dict[Any, Any]) -> bool:
    ids, cells = entry.get("ids"), entry.get("cells")
    if not (isinstance(ids, list) and isinstance(cells, list) and 1 < len(ids) == len(cells) <= _MOST):
        return False
    named = entry.get("axis") in AXES and isinstance(entry.get("screen"), str)
    whole = all(type(size) is int and 0 < size <= _MOST for size in cells)
    return named and whole and all(isinstance(name, str) and name.replace("-", "_").isidentifier() for name in ids)
