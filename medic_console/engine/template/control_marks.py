"""Texts of control tokens within messages, found among thousands without a pattern of thousands of branches.

gemma 3 has 6,250 control tokens; compiling an alternation of them took most of a second in every process.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


class ControlMarks:
    """Finds marks in a text: the leftmost, and of those that begin at one place the longest.

    Args:
        texts: Of the marks; none is empty.
        other: What counts as a mark too where none of the texts stands.
        begins: First character of what `other` finds.
    """

    def __init__(self, texts: Iterable[str], other: re.Pattern[str], begins: str) -> None:
        self._texts = frozenset(texts)
        self._other = other
        self._lengths = sorted({len(text) for text in self._texts}, reverse=True)
        firsts = sorted({text[0] for text in self._texts} | {begins})
        self._first = re.compile("|".join(map(re.escape, firsts)))

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._texts)

    def replaced(self, text: str, by: Callable[[str], str]) -> str:
        """Return a text with each mark replaced by what `by` makes of it."""
        parts: list[str] = []
        end = 0
        begin = self._first.search(text)
        while begin is not None:
            found = self._at(text, begin.start())
            if found:
                parts += text[end : begin.start()], by(found)
                end = begin.start() + len(found)
            begin = self._first.search(text, max(end, begin.end()))
        return "".join([*parts, text[end:]])

    def _at(self, text: str, place: int) -> str:
        for length in self._lengths:
            if text[place : place + length] in self._texts:
                return text[place : place + length]
        other = self._other.match(text, place)
        return other[0] if other else ""
