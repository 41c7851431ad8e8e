"""What charts are drawn from: bars, intervals on a common scale, and rows of tenths."""

from __future__ import annotations

import math
from collections.abc import Sequence

from medic_console.statistics import words

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"
_NONE = "·"
"""Stands where there is nothing to count."""
LEAST = 11
"""Cells of a scale, at least."""
Span = tuple[float, float]
"""Lower and upper end of a scale."""


def bar(share: float, room: int) -> str:
    """Return a bar that fills a share, 0 to 1, of so many cells; what is more than nothing is seen."""
    eighths = max(1 if share > 0 else 0, round(share * room * 8))
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()


def tenths(counts: Sequence[int]) -> str:
    """Return one cell a count, the higher the more; a count of nothing is a dot."""
    most = max(counts, default=0)
    return "".join(_LEVELS[max(0, math.ceil(n / most * len(_LEVELS)) - 1)] if n else _NONE for n in counts)


def interval(value: float, low: float | None, high: float | None, span: Span, room: int) -> str:
    """Return a value on a scale with its interval: "  ├──●───┤  "."""
    cells = [_NONE] * room
    if low is not None and high is not None:
        first, last = _place(low, span, room), _place(high, span, room)
        cells[first : last + 1] = "─" * (last + 1 - first)
        cells[first], cells[last] = "├", "┤"
    cells[_place(value, span, room)] = "●"
    return "".join(cells)


def ruler(span: Span, room: int) -> str:
    """Return the numbers at the ends and in the middle of a scale, each above its place."""
    cells = [" "] * room
    for value in (span[0], sum(span) / 2, span[1]):
        text, place = words.exact(round(value, 1)), _place(value, span, room)
        place = min(max(0, place - len(text) // 2), room - len(text))
        cells[place : place + len(text)] = text
    return "".join(cells)


def span_of(numbers: Sequence[float]) -> Span:
    """Return a scale for percentages, 0 to 100, and a wider one where numbers lie outside."""
    low, high = min([0.0, *numbers]), max([100.0, *numbers])
    return math.floor(low / 10) * 10.0, math.ceil(high / 10) * 10.0


def _place(value: float, span: Span, room: int) -> int:
    share = (value - span[0]) / (span[1] - span[0])
    return round(min(1.0, max(0.0, share)) * (room - 1))
