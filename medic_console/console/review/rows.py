"""What the review's screens write: the list of queues, and the curve of the bound."""

from __future__ import annotations

from rich.cells import cell_len

from medic_console.console.text import one_line, shown_time
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.review.standing import Standing
from medic_console.statistics.raters import error_bound, percent_up

_NAME, _DECIDED, _DIFFER = Column("Queue", least=12), Column("Decided", 13, right=True), Column("Differ", 6, right=True)
COLUMNS = (_NAME, _DECIDED, _DIFFER, Column("Readers", least=10), Column("Blind", 5), Column("Drawn", 20))
COLUMNS_NARROW = (_NAME, _DECIDED, _DIFFER, Column("Readers", least=10))
_STEPS = (20, 40, 60, 100, 200, 400)
"""Cards without an error at which the bound is told."""
_BAR = "█"
_LABEL = 10


def queue_row(one: Standing, narrow: bool) -> Row:
    """Return the line of a queue; its name is the key."""
    name = one.queue.name
    differ = Cell(f"{one.differing:,}", "score-unscored" if one.differing else "muted")
    cells: list[str | Cell] = [
        one_line(name),
        f"{one.decided:,} of {one.cards:,}",
        differ,
        one_line(", ".join(one.readers)) or Cell("nobody yet", "muted"),
    ]
    if not narrow:
        cells += ["yes" if one.queue.design.get("blind", True) else "no", shown_time(one.queue.created)]
    return name, cells


def curve(errors: int, n: int, width: int) -> list[str]:
    """Return what a sample excludes now, and what it would after more cards without a further error.

    Args:
        errors: Findings that were not confirmed.
        n: Findings whose answer is known.
        width: Cells of a line.
    """
    sizes = [n, *(size for size in _STEPS if size > n)] if n else list(_STEPS)
    texts = [f"{percent_up(error_bound(errors, size))} %" for size in sizes]
    room = max(4, width - max(map(cell_len, texts)) - _LABEL - 2)
    lines = [f"At 95 %, fewer findings than this are wrong, with {errors:,} found wrong:"]
    for size, text in zip(sizes, texts, strict=True):
        label = f"{size:,} {'now' if n and size == n else 'read'}"
        lines.append(f"{label:<{_LABEL}} {_BAR * max(1, round(room * error_bound(errors, size)))} {text}")
    return lines
