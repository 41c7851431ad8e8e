"""Which words of two texts differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

Span = tuple[int, int]
"""Start and end in a text."""

_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_PAIRS = 4_000_000
"""Of words that are compared with one another; longer texts differ as a whole."""


def changed(before: str, after: str) -> tuple[list[Span], list[Span]]:
    """Return the parts of each text that have no counterpart in the other: words, with the blanks between them.

    Punctuation marks count as words; blanks do not count.
    """
    if before == after:
        return [], []
    words, others = list(_WORD.finditer(before)), list(_WORD.finditer(after))
    if len(words) * len(others) > _MOST_PAIRS:
        return _whole(words), _whole(others)
    matcher = SequenceMatcher(None, [word[0] for word in words], [word[0] for word in others], autojunk=False)
    left: list[Span] = []
    right: list[Span] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            left += _whole(words[start:end])
            right += _whole(others[other_start:other_end])
    return left, right


def _whole(words: Sequence[re.Match[str]]) -> list[Span]:
    return [(words[0].start(), words[-1].end())] if words else []
