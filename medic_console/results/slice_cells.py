"""A part of a task's items in words, a cell each, as commands and reports show it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from medic_console.results.slices import ALPHA, FEW, Slice, p_values_of
from medic_console.results.tasks import PANEL
from medic_console.statistics import words
from medic_console.statistics.slices import MORE

TITLES = ("task", "model", "judge", "part", "items", "value", "95 %", "apart", "95 %", "p Holm")
"""Of the cells of a row."""
_WHOSE, _LEFT = 3, 4
"""Columns that say whose the figures are, and all columns of words; numbers stand at the right."""


def parts_note(found: Sequence[Slice]) -> str:
    """Return how parts that are shown together were compared with the rest, and for how many tests p is corrected."""
    tests = len(p_values_of(found))
    said = (
        "Apart: the mean of the part minus that of all other items, in the metric's unit; p by shuffling notes, "
        f"corrected for all {tests:,} tests that are shown together, of every field, task and model (Holm). "
    )
    if tests >= ALPHA * (MORE + 1):
        said += "So many tests leave no difference sure: ask for fewer fields or tasks. "
    return f"{said}{FEW[0].upper()}{FEW[1:]}."


def differing_told(names: Sequence[str], found: Sequence[Slice]) -> str:
    """Return the names of parts that surely differ, "none", or that nothing was compared, which is no "none"."""
    return "; ".join(names) or ("none" if p_values_of(found) else "nothing could be compared")


def shared_told(found: Sequence[Slice], names: Mapping[str, str]) -> dict[str, str]:
    """Return task, model and judge, as far as they are the same in all rows: said once, they need no column.

    Args:
        names: Titles of models by sha256.
    """
    columns = zip(TITLES[:_WHOSE], *(slice_cells(one, names)[:_WHOSE] for one in found), strict=True)
    return {title: cells[0] for title, *cells in columns if len(set(cells)) == 1}


def parts_told(
    field: str, found: Sequence[Slice], names: Mapping[str, str], without: Collection[str] = ()
) -> Iterator[str]:
    """Yield lines that tell the parts by a field of the items, under aligned titles.

    Args:
        names: Titles of models by sha256.
        without: Titles of columns that are left out.
    """
    rows = [TITLES, *(slice_cells(one, names) for one in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    yield f"by {field}"
    for row in rows:
        cells = zip(TITLES, row, widths, strict=True)
        aligned = [
            cell.ljust(w) if place < _LEFT else cell.rjust(w)
            for place, (title, cell, w) in enumerate(cells)
            if title not in without
        ]
        yield f"  {'  '.join(aligned)}".rstrip()


def slice_cells(one: Slice, names: Mapping[str, str]) -> list[str]:
    """Return a row of the table."""
    judge = "panel" if one.judge == PANEL else names.get(one.judge, "") or "–"
    head = [one.task, names[one.candidate], judge, one.value]
    if one.figure is None:
        return [*head, "few", "–", "–", "–", "–", "–"]
    figure, gap = one.figure, one.apart
    told = [words.number(figure.value) + words.mark(figure), words.ends(figure.low, figure.high) or "–"]
    if gap is None or one.p_holm is None:
        return [*head, f"{one.items:,}", *told, "–", "–", "–"]
    p = f"{one.p_holm:.3f}"
    return [*head, f"{one.items:,}", *told, words.number(gap.value), words.ends(gap.low, gap.high), p]
