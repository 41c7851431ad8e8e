"""Break a text into rows of cells, and know for each row which characters it shows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes

_TOKEN = re.compile(r"\S+[^\S\n]*|[^\S\n]+")
_NARROW = re.compile(
    "[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u2052\u2190-\u22ff\u2500-\u25fc\u2713-\u2718]*"
)
"""Signs of one cell each, which stand alone: letters, punctuation, signs of measure, our marks, arrows, boxes."""


class TextRow(NamedTuple):
    """One row of a wrapped text.

    Attributes:
        start: Offset of its first character in the text.
        end: Offset after its last one; blanks at the end may stand beyond the width.
        line: Number of the text's own line that it is part of, from 0.
        column: Offset of its first character in that line.
    """

    start: int
    end: int
    line: int
    column: int


@lru_cache(maxsize=8)
def wrap(text: str, width: int) -> tuple[TextRow, ...]:
    """Return the rows of a text: broken at blanks, or inside a word that is wider than a row.

    Every character but the line feeds stands in exactly one row. A row is wider than `width` only by blanks at its
    end, or when a single character is. The last texts are kept: what is read ahead is broken ahead.

    Args:
        text: Without tabs and control characters other than line feeds.
        width: Cells of a row, at least 1.
    """
    rows: list[TextRow] = []
    begin = 0
    for number, line in enumerate(text.split("\n")):
        if _NARROW.fullmatch(line):
            found = _rows_of(width).finditer(line) if len(line) > width else ()
            rows += [TextRow(begin + row.start(), begin + row.end(), number, row.start()) for row in found]
            if len(line) <= width:
                rows.append(TextRow(begin, begin + len(line), number, 0))
        else:
            breaks = [0, *_breaks(line, width), len(line)]
            rows += [TextRow(begin + start, begin + end, number, start) for start, end in itertools.pairwise(breaks)]
        begin += len(line) + 1
    return tuple(rows)


@lru_cache(maxsize=64)
def _rows_of(width: int) -> re.Pattern[str]:
    """Return what matches a row of narrow signs: whole words with the blanks behind, blanks alone, part of a word."""
    return re.compile(rf".{{1,{width}}}(?=\s|$)\s*|\s+|\S{{1,{width}}}")


def _breaks(line: str, width: int) -> Iterator[int]:
    """Yield the offsets at which a row of the line ends and the next begins."""
    used = 0
    for token in _TOKEN.finditer(line):
        word = token.group().rstrip()
        if used and used + _cells(word) > width:
            yield token.start()
            used = 0
        if _cells(word) > width:
            used = 0
            for offset, cells in _pieces(word, width):
                if offset:
                    yield token.start() + offset
                used = cells
            used += token.end() - token.start() - len(word)
        else:
            used += _cells(token.group())


def _pieces(word: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield offset and cells of each part of a word that is wider than a row; no cluster of marks is divided."""
    if word.isascii():
        yield from ((offset, min(width, len(word) - offset)) for offset in range(0, len(word), width))
        return
    begin = used = 0
    for start, _, cells in split_graphemes(word)[0]:
        if used and used + cells > width:
            yield begin, used
            begin, used = start, 0
        used += cells
    yield begin, used


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)
