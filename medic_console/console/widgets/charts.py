"""Charts in characters: every point carries its letter, so that none rests on colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from medic_console.console.text import fitted
from medic_console.statistics import words

Styled = tuple[str, str]
"""One cell and its style."""
_GUTTER = 5
"""Cells of the numbers on the left."""
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Dot:
    """A labelled point of a scatter.

    Attributes:
        label: Letter.
        glyph: Stands before it.
        style: Of both.
        low: Lower end of the interval of `y`; None: none is drawn.
        high: Upper end.
        mark: Stands behind the letter.
    """

    x: float
    y: float
    label: str
    glyph: str
    style: str
    low: float | None = None
    high: float | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Whisker:
    """One interval on a common scale around 0.

    Attributes:
        label: Before the line.
        value: None where there is none; then no scale is drawn, so that nothing looks like a difference of 0.
        style: Of the interval.
        said: What stands instead of a value.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    style: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Dumbbell:
    """One line with two ends on a common scale of 0 to 100.

    Attributes:
        label: Before the line.
        ends: Letter, value and style of each end.
        said: After the line.
        style: Of label, line and words.
    """

    label: str
    ends: tuple[tuple[str, float, str], ...]
    said: str
    style: str = ""


def scatter(dots: Sequence[Dot], width: int, height: int, title: str, axis: str) -> Content:
    """Return points on a grid: quality upwards, something else to the right.

    Args:
        width: Cells in all.
        height: Lines in all, heading and axis among them.
        title: Above the grid.
        axis: What lies to the right, in words.
    """
    rows, columns = max(3, height - 4), max(10, width - _GUTTER - 2)
    low, high = _span(dots)
    most = nice(max(dot.x for dot in dots) * 1.08)
    grid: list[list[Styled]] = [[(" ", "")] * columns for _ in range(rows)]

    def row(value: float) -> int:
        return round((high - value) / (high - low) * (rows - 1))

    def column(value: float) -> int:
        return round(value / most * (columns - 3))

    texts = [f"{dot.glyph}{dot.label}{dot.mark}" for dot in dots]
    lines_of = [row(dot.y) for dot in dots]
    spots = [(line, column(dot.x), len(text)) for line, dot, text in zip(lines_of, dots, texts, strict=True)]
    places = _side_by_side(spots, [dot.x for dot in dots], columns)
    for dot, place in zip(dots, places, strict=True):
        if dot.low is not None and dot.high is not None:
            for line in range(row(min(dot.high, high)), row(max(dot.low, low)) + 1):
                grid[line][place] = ("│", "$muted")
    for dot, line, place, text in zip(dots, lines_of, places, texts, strict=True):
        for step, letter in enumerate(text):
            grid[line][place + step] = (letter, dot.style)
    lines = [Content.styled(title, "bold $primary")]
    for number, cells in enumerate(grid):
        tick = _tick(number, rows, low, high)
        lines.append(Content.assemble((f"{tick:>{_GUTTER - 1}} ", "$muted"), ("│", "$muted"), *cells))
    lines.append(Content.styled(" " * _GUTTER + "└" + "─" * columns, "$muted"))
    lines.append(Content.styled(_scale(axis, most, columns), "$muted"))
    return Content("\n").join(lines)


def dumbbells(lines: Sequence[Dumbbell], width: int) -> Content:
    """Return one line each on a scale of 0 to 100, under a ruler."""
    label = min(max((cell_len(line.label) for line in lines), default=0), width // 4)
    said = max((cell_len(line.said) for line in lines), default=0)
    room = max(21, width - label - said - 4)
    found = [Content.styled(" " * (label + 2) + _ruler(room), "$muted")]
    for line in lines:
        cells: list[Styled] = [("·", "$bar-empty")] * room
        places = _places([value for _, value, _ in line.ends], room)
        for place in range(min(places), max(places) + 1):
            cells[place] = ("━", line.style or "$bar-filled")
        for (letter, _, style), place in zip(line.ends, places, strict=True):
            cells[place] = (letter, style)
        shown = line.label + " " * max(0, label - cell_len(line.label))
        found.append(Content.assemble((f"{shown}  ", line.style), *cells, (f"  {line.said}", line.style)))
    return Content("\n").join(found)


def forest(lines: Sequence[Whisker], margin: float, width: int) -> Content:
    """Return one interval a line around a common 0, with the margin on both sides of it."""
    label = min(max((cell_len(line.label) for line in lines), default=0), width // 4)
    room = max(21, (width - label - 4) // 2 * 2 - 1)
    ends = [abs(end) for line in lines for end in (line.value, line.low, line.high) if end is not None]
    most = nice(max([*ends, margin * 1.5]))

    def place(value: float) -> int:
        return round((value + most) / (2 * most) * (room - 1))

    marks = {place(-margin): "┊", place(margin): "┊", place(0): "│"}
    found = [Content.styled(" " * (label + 2) + _around(most, room), "$muted")]
    for line in lines:
        shown = set_cell_size(line.label, label)
        if line.value is None:
            found.append(Content.assemble(f"{shown}  ", (fitted(f"– {line.said}".rstrip(), room).rstrip(), "$muted")))
            continue
        cells: list[Styled] = [(marks.get(number, " "), "$bar-empty") for number in range(room)]
        if line.low is not None and line.high is not None:
            first, last = place(line.low), place(line.high)
            for number in range(first, last + 1):
                cells[number] = ("─", line.style or "$foreground")
            cells[first], cells[last] = ("├", line.style or "$foreground"), ("┤", line.style or "$foreground")
        cells[place(line.value)] = ("●", f"bold {line.style or '$foreground'}")
        found.append(Content.assemble(f"{shown}  ", *cells))
    return Content("\n").join(found)


def nice(value: float) -> float:
    """Return a round number that is not below a value; 1 for what is as good as 0."""
    if value < 1e-9:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in _STEPS if step * power >= value * (1 - 1e-9))


def _span(dots: Sequence[Dot]) -> tuple[float, float]:
    lows = [dot.y if dot.low is None else dot.low for dot in dots]
    highs = [dot.y if dot.high is None else dot.high for dot in dots]
    low, high = math.floor(min(lows) / 10) * 10, math.ceil(max(highs) / 10) * 10
    return (float(low), float(high)) if high > low else (max(0.0, low - 10.0), low + 10.0)


def _side_by_side(spots: Sequence[tuple[int, int, int]], order: Sequence[float], columns: int) -> list[int]:
    """Return the first cell of each point, which keeps its line; what shares one stands in the order of its numbers.

    Args:
        spots: Line, column and cells of each.
        order: What lies further right has the larger number.
        columns: Cells of a line.
    """
    found = [0] * len(spots)
    for line in {line for line, _, _ in spots}:
        inside = sorted((n for n, spot in enumerate(spots) if spot[0] == line), key=lambda n: order[n])
        end = 0
        for number in inside:
            found[number] = max(end, spots[number][1])
            end = found[number] + spots[number][2]
        end = columns
        for number in reversed(inside):
            found[number] = max(0, min(found[number], end - spots[number][2]))
            end = found[number]
    return found


def _tick(number: int, rows: int, low: float, high: float) -> str:
    """Return the number at the ends and in the middle of the scale."""
    if number in (0, rows - 1) or (rows >= 7 and number == (rows - 1) // 2):
        return words.number(high - (high - low) * number / (rows - 1), 0)
    return ""


def _scale(axis: str, most: float, columns: int) -> str:
    start, end = " " * _GUTTER + " 0", f"{most:g}"
    middle = f"{axis}"
    room = columns - 1 - len(end)
    return f"{start}{middle.center(max(len(middle), room - 1))}{end}"


def _places(values: Sequence[float], room: int) -> list[int]:
    """Return where values on 0 to 100 stand; one whose place is taken stands beside it."""
    found: list[int] = []
    for value in values:
        place = round(min(100.0, max(0.0, value)) / 100 * (room - 1))
        while place in found:
            place += 1 if place < room - 1 else -1
        found.append(place)
    return found


def _around(most: float, room: int) -> str:
    """Return a scale from minus to plus, its 0 in the middle."""
    left, right = f"−{most:g}", f"+{most:g}"
    half = (room - 1) // 2
    return f"{left:<{half}}0{right:>{half}}"


def _ruler(room: int) -> str:
    """Return 0 to 100 above a line, each number at its place."""
    cells = [" "] * room
    for value in (0, 25, 50, 75, 100):
        text, place = str(value), round(value / 100 * (room - 1))
        place = min(max(0, place - len(text) // 2), room - len(text))
        cells[place : place + len(text)] = text
    return "".join(cells)
