"""Untrusted text made safe for the screen, and numbers as a person reads them."""

from __future__ import annotations

from pathlib import Path

from rich.cells import cell_len, set_cell_size

from medic_console.core.visible import before_number
from medic_console.core.visible import one_line as one_line
from medic_console.core.visible import plain as plain


def tail(text: str, limit: int) -> str:
    """Return the end of a text in one line, for a stream."""
    return plain(text[-limit:]).replace("\n", " ⏎ ")


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 run", "2 runs"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


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


def size(number: int) -> str:
    """Return bytes as a person reads them: "5.2 MB"."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def clock(seconds: float | None) -> str:
    """Return seconds as mm:ss or h:mm:ss; – when unknown."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def shown_time(created: str) -> str:
    """Return an ISO time of the archive without its letter and zone: "2026-03-02 09:30 UTC"."""
    return f"{created[:10]} {created[11:16]} UTC"


def shortened(path: Path) -> str:
    """Return a path with the home folder as ~ and the middle as … when it is long."""
    try:
        shown = f"~/{path.expanduser().absolute().relative_to(Path.home())}"
    except ValueError:
        shown = str(path)
    parts = shown.split("/")
    return shown if len(shown) <= 40 or len(parts) < 4 else "/".join((*parts[:2], "…", parts[-1]))
