"""What the review's screens write: the list of queues."""

from __future__ import annotations

from medic_console.console.text import one_line, shown_time
from medic_console.console.widgets.table import Cell, Column, Row
from medic_console.review.standing import Standing

_NAME, _DECIDED, _DIFFER = Column("Queue", least=12), Column("Decided", 13, right=True), Column("Differ", 6, right=True)
COLUMNS = (_NAME, _DECIDED, _DIFFER, Column("Readers", least=10), Column("Blind", 5), Column("Drawn", 20))
COLUMNS_NARROW = (_NAME, _DECIDED, _DIFFER, Column("Readers", least=10))


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
