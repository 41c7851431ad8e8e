"""Numbers, sizes and times as a person reads them."""

from __future__ import annotations

import math
from collections.abc import Callable


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: "1 run", "2 runs"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


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


def lasting(seconds: float, whole: Callable[[float], int] = round) -> str:
    """Return a time of which only the size matters: "40 s", "12 min", "3 h"."""
    for limit, size, unit in ((90.0, 1.0, "s"), (5400.0, 60.0, "min"), (math.inf, 3600.0, "h")):
        if seconds < limit:
            return f"{max(1, whole(seconds / size)):,} {unit}"
    return "–"


def span(least: float, most: float | None) -> str:
    """Return seconds from a least to a most, both rounded outwards: "2 to 5 min"; "at least 2 min" without a most."""
    low = lasting(least, math.floor)
    if most is None:
        return f"at least {low}"
    high = lasting(most, math.ceil)
    if low == high:
        return f"about {high}"
    number, _, unit = low.partition(" ")
    return f"{number if high.endswith(f' {unit}') else low} to {high}"
