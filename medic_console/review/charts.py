"""Pictures of what a queue's decisions say, in characters: the same lines on the command line and in the console."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from medic_console.review.cards import SETTLED
from medic_console.review.report import Block, Report
from medic_console.statistics import words
from medic_console.statistics.bounds import percent_up
from medic_console.statistics.calibration import Bin

_BAR, _SHADES, _LEVELS = "█", " ░▒▓█", "▁▂▃▄▅▆▇█"
_LABEL = 10
_COLUMNS, _ROWS = 24, 8
"""Cells of the reliability diagram; a cell has 2 by 4 dots."""
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bits of a cell by row and column (Unicode, Braille patterns)."""


def pictures(found: Report, width: int) -> Iterator[str]:
    """Yield heat map, reliability diagram, curve of the bound and pace of a report, each under its title.

    Args:
        found: What the decisions say.
        width: Cells of a line.
    """
    for lines in (heat(found), *map(list, _diagrams(found)), curve(found, min(width, 100)), fatigue(found.blocks)):
        if lines:
            yield ""
            yield from lines


def heat(found: Report) -> list[str]:
    """Return the judge's answers against the right ones by kind: counts, the darker the more of their line."""
    if not found.confusion:
        return []
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for (kind, said, answer), number in found.confusion.items():
        rows.setdefault((kind, said), {})[answer] = number
    names = {row: f"{row[0]}, judge {row[1]}" for row in rows}
    label, cells = max(map(len, names.values())), [max(7, len(name)) for name in SETTLED]
    head = "  ".join(f"{name:>{cell}}" for name, cell in zip(SETTLED, cells, strict=True))
    lines = ["The judge's answer against the right one, by kind:", f"{'':<{label}}  {head}"]
    for row, numbers in sorted(rows.items()):
        total = sum(numbers.values())
        fields = []
        for name, cell in zip(SETTLED, cells, strict=True):
            share = numbers.get(name, 0) / total
            shade = _SHADES[min(len(_SHADES) - 1, int(share * len(_SHADES)) or (1 if share else 0))]
            fields.append(f"{shade * 2} {numbers.get(name, 0):>{cell - 3},}")
        lines.append(f"{names[row]:<{label}}  {'  '.join(fields)}".rstrip())
    return lines


def curve(found: Report, width: int) -> list[str]:
    """Return what the sample excludes now, and what it would after more cards without a further error.

    Args:
        found: What the decisions say.
        width: Cells of a line.
    """
    if not found.claims:
        return []
    texts = [f"{percent_up(one.bound)} %" for one in found.claims]
    room = max(4, width - max(map(len, texts)) - _LABEL - 2)
    lines = [f"At 95 %, fewer findings than this are wrong, with {found.unconfirmed:,} found wrong:"]
    for one, text in zip(found.claims, texts, strict=True):
        label = f"{one.n:,} {'now' if one.n == found.findings else 'read'}"
        lines.append(f"{label:<{_LABEL}} {_BAR * max(1, round(room * one.bound))} {text}")
    return lines


def fatigue(blocks: Sequence[Block]) -> list[str]:
    """Return seconds a card and agreement with the judge of each reader over the cards, from the first to the last."""
    lines = []
    for name, own in groupby(blocks, key=lambda block: block.reviewer):
        read = list(own)
        if len(read) < 2:
            continue
        most = max(block.seconds for block in read) or 1.0
        pace = "".join(_level(block.seconds / most) for block in read)
        alike = "".join(_level(block.agreement) for block in read)
        first, last = read[0], read[-1]
        seconds = f"{words.number(first.seconds)} to {words.number(last.seconds)} s a card"
        agreed = f"{words.number(100 * first.agreement, 0)} to {words.number(100 * last.agreement, 0)} % as the judge"
        lines.append(f"{name}: {pace} {seconds} · {alike} {agreed}")
    return ["From the first cards to the last:", *lines] if lines else []


def diagram(bins: Sequence[Bin], title: str) -> list[str]:
    """Return a reliability diagram and its figures.

    Points on the dotted line are right as often as their probability says; the strokes are 95 % intervals.
    """
    canvas = _Canvas()
    for step in range(0, _COLUMNS * 2, 2):
        canvas.dot(step / (_COLUMNS * 2 - 1), step / (_COLUMNS * 2 - 1))
    for one in bins:
        canvas.stroke(one.mean, one.right.low or 0.0, one.right.high or 0.0)
        canvas.point(one.mean, one.right.value or 0.0)
    ticks = {0: "100 %", _ROWS // 2: " 50 %", _ROWS - 1: "  0 %"}
    lines = [title]
    lines += [f"{ticks.get(number, ''):>5} │{row}" for number, row in enumerate(canvas.rows())]
    lines += [f"      └{'─' * _COLUMNS}", f"       0 %{'probability':^{_COLUMNS - 8}}100 %"]
    for one in bins:
        ends = words.ends(100 * (one.right.low or 0.0), 100 * (one.right.high or 0.0), 0)
        apart = "; not what it says" if one.apart else ""
        lines.append(
            f"  p {one.low:.1f} to {one.high:.1f}: says {100 * one.mean:.0f} %, right {one.right.hits:,} of "
            f"{one.right.n:,} ({words.number(100 * (one.right.value or 0.0), 0)} % {ends}){apart}"
        )
    return lines


def _diagrams(found: Report) -> Iterator[list[str]]:
    for what, bins in (("findings", found.findings_weighed), ("controls", found.controls_weighed)):
        if bins:
            yield diagram(bins, f"How often the judge was right, by its probability, {what}:")


def _level(share: float) -> str:
    return _LEVELS[min(len(_LEVELS) - 1, int(share * len(_LEVELS)))]


class _Canvas:
    """Dots of braille patterns; both coordinates go from 0 to 1, the second upwards."""

    def __init__(self) -> None:
        self._cells = [[0] * _COLUMNS for _ in range(_ROWS)]

    def dot(self, x: float, y: float) -> None:
        self._set(round(x * (_COLUMNS * 2 - 1)), round((1 - y) * (_ROWS * 4 - 1)))

    def point(self, x: float, y: float) -> None:
        column, row = round(x * (_COLUMNS * 2 - 1)), round((1 - y) * (_ROWS * 4 - 1))
        for right, down in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            self._set(column + right, row + down)

    def stroke(self, x: float, low: float, high: float) -> None:
        column = round(x * (_COLUMNS * 2 - 1))
        for row in range(round((1 - high) * (_ROWS * 4 - 1)), round((1 - low) * (_ROWS * 4 - 1)) + 1):
            self._set(column, row)

    def rows(self) -> list[str]:
        return ["".join(chr(_BRAILLE + bits) for bits in row) for row in self._cells]

    def _set(self, column: int, row: int) -> None:
        if 0 <= column < _COLUMNS * 2 and 0 <= row < _ROWS * 4:
            self._cells[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
