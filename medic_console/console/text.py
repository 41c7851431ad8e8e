"""Untrusted text made safe for the screen and cut to a width; numbers and times come from `core/units.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from medic_console.core.units import clock as clock
from medic_console.core.units import count as count
from medic_console.core.units import shown_time as shown_time
from medic_console.core.units import size as size
from medic_console.core.visible import before_number
from medic_console.core.visible import one_line as one_line
from medic_console.core.visible import plain as plain

_BETWEEN = " · "
"""Between two things that are told in a line."""


def tail(text: str, limit: int) -> str:
    """Return the end of a text in one line, for a stream."""
    return plain(text[-limit:]).replace("\n", " ⏎ ")


def fitted(text: str, width: int, right: bool = False) -> str:
    """Return a text of exactly `width` cells; a cut shows as an ellipsis, which never stands for digits of a number.

    Args:
        right: What is shorter is moved to the right.
    """
    length = cell_len(text)
    if length > width:
        kept = set_cell_size(text, max(0, width - 1))
        whole = text.startswith(kept)  # a wide character that is cut in half leaves a blank
        text = f"{kept[: before_number(text, len(kept))] if whole else kept}…" if width else ""
        length = cell_len(text)
    return " " * (width - length) + text if right else text + " " * (width - length)


def joined(parts: Sequence[str], room: int) -> str:
    """Return as many whole parts as there is room for, in cells, and a sign that there are more; at least the first."""
    shown = list(parts)
    while len(shown) > 1 and cell_len(_BETWEEN.join([*shown, *_more(parts, shown)])) > room:
        shown.pop()
    return _BETWEEN.join([*shown, *_more(parts, shown)])


def _more(parts: Sequence[str], shown: Sequence[str]) -> list[str]:
    return ["…"] if len(shown) < len(parts) else []


def shortened(path: Path) -> str:
    """Return a path with the home folder as ~ and the middle as … when it is long."""
    try:
        shown = f"~/{path.expanduser().absolute().relative_to(Path.home())}"
    except ValueError:
        shown = str(path)
    parts = shown.split("/")
    return shown if len(shown) <= 40 or len(parts) < 4 else "/".join((*parts[:2], "…", parts[-1]))
