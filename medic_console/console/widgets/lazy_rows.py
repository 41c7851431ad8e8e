"""Rows of a table whose cells are made when they are looked at: a list of a hundred thousand opens at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """Text with the theme variable of its colour; empty is the usual colour."""

    text: str
    variable: str = ""
    bold: bool = False


Cells = Sequence[str | Cell]
Row = tuple[str, Cells]
"""Key and cells."""


def text_of(cell: str | Cell) -> str:
    """Return what a cell says."""
    return cell if isinstance(cell, str) else cell.text


def _ready(row: Row) -> Cells:
    return row[1]


@dataclass(frozen=True, slots=True)
class LazyRows:
    """Keys, and what each row's cells are made from.

    Rows with the same sources under the same `make` are equal: give a function that has a name, and no new lambda.

    Attributes:
        keys: One a row, in order.
        sources: As many.
        make: Returns a source's cells; it is called anew for each look, so it has to be fast.
    """

    keys: tuple[str, ...] = ()
    sources: Sequence[Any] = ()
    make: Callable[[Any], Cells] = _ready

    @classmethod
    def of(cls, rows: Sequence[Row]) -> LazyRows:
        """Return rows whose cells are made already."""
        return cls(tuple(key for key, _ in rows), tuple(rows))

    def __len__(self) -> int:
        return len(self.keys)

    def cells(self, number: int) -> Cells:
        """Return the cells of a row, counted from 0."""
        return self.make(self.sources[number])

    def every_cells(self) -> Iterator[Cells]:
        """Yield the cells of each row."""
        return map(self.make, self.sources)
