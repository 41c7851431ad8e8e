"""Columns of a table and their widths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LEAST = 4
"""Cells that a column of texts keeps where numbers need the room."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        width: Cells; 0 shares the width that is left, by `weight`. A column of numbers (`right`) that needs more
            takes more.
        weight: Share among the columns of width 0.
        least: Least width of a column of width 0.
        gives_way: Where room lacks columns are left out in the order of this number, 1 first; 0 stays.
    """

    label: str
    width: int = 0
    weight: int = 1
    least: int = 12
    right: bool = False
    gives_way: int = 0


def in_sight(columns: Sequence[Column], longest: Sequence[int], padding: int, room: int) -> list[int]:
    """Return the numbers of the columns that there is room for; the others give way in their fixed order.

    Args:
        longest: As in `column_widths`.
    """
    needed = longest or [0] * len(columns)
    least = [max(one.width, most) if one.width else one.least for one, most in zip(columns, needed, strict=True)]
    seen = list(range(len(columns)))
    for number in sorted((n for n in seen if columns[n].gives_way), key=lambda n: columns[n].gives_way):
        if sum(least[one] + padding for one in seen) <= room:
            break
        seen.remove(number)
    return seen


def column_widths(columns: Sequence[Column], longest: Sequence[int], padding: int, room: int) -> list[int]:
    """Return the cells of each column; where room lacks, texts give way, and no number is cut.

    Args:
        longest: Cells that each column of numbers needs, 0 of others; empty while there are no rows.
        padding: Cells that each column has beside.
        room: Cells in all.
    """
    needed = longest or [0] * len(columns)
    fixed = [column.width and max(column.width, most) for column, most in zip(columns, needed, strict=True)]
    flexible = [column for column in columns if not column.width]
    left = max(0, room - sum(fixed) - padding * len(columns))
    if sum(column.least for column in flexible) > left:
        shares = sum(column.weight for column in flexible) or 1
        texts = [max(_LEAST, left * column.weight // shares) for column in flexible]
    else:
        texts = _shared(flexible, left)
    given = iter(texts)
    return [width or next(given) for width in fixed]


def _shared(columns: Sequence[Column], room: int) -> list[int]:
    """Return the cells of columns that share a room by weight; one that needs more takes from the others."""
    short: set[int] = set()
    while True:
        left = room - sum(columns[number].least for number in short)
        shares = sum(column.weight for number, column in enumerate(columns) if number not in short) or 1
        widths = [
            column.least if number in short else left * column.weight // shares for number, column in enumerate(columns)
        ]
        below = {number for number, width in enumerate(widths) if width < columns[number].least}
        if not below:
            return widths
        short |= below
