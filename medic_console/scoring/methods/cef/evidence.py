"""Find the sentence of a text that a cross-examination question most likely speaks of.

A help for the eye, not a measurement: words are compared, nothing is understood.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?]+(?!\s|$)[^.!?\n]*)*[.!?]*")
_WORD = re.compile(r"[^\W_]+")
_STOP = frozenset(
    re.findall(
        r"\w+",
        """a an and any are as at be been by can did do does during each for from had has have he her him his if in
        into is it its me my no not of on or our patient reported reports s say says she should so than that the
        their them then there they this to under up was we were what when which who will with would you your""",
    )
)
_QUESTION = 0.7
"""Weight of a sentence that asks: it states nothing."""
_MIN_SHARE = 0.3
"""Least share of a question's weight that a sentence must hold."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each sentence or line that holds a word."""
    for match in _SENTENCE.finditer(text):
        start, end = match.span()
        if _WORD.search(text, start, end):
            lead = len(match.group()) - len(match.group().lstrip())
            yield start + lead, end


def find_evidence(question: str, text: str) -> tuple[int, int] | None:
    """Return start and end of the sentence that shares most with the question; None when none shares enough.

    Words that few sentences hold weigh more. The first of equal sentences is taken. The words of the last texts are
    kept, so that many questions about one text read it once.
    """
    asked = _stems(question)
    held, spread = _words_of(text)
    weights = {stem: math.log(1 + len(held) / (1 + spread[stem])) for stem in asked}
    whole = sum(weights.values())
    scores = [sum(weights[stem] for stem in stems & asked) * (_QUESTION if asks else 1.0) for _, _, stems, asks in held]
    if not scores or whole == 0:
        return None
    best = max(range(len(scores)), key=scores.__getitem__)
    return held[best][:2] if scores[best] / whole >= _MIN_SHARE else None


@lru_cache(maxsize=8)
def _words_of(text: str) -> tuple[tuple[tuple[int, int, frozenset[str], bool], ...], Counter[str]]:
    """Return start, end, words and whether it asks of each sentence, and in how many sentences each word stands."""
    held = tuple(
        (start, end, _stems(text[start:end]), text[start:end].rstrip().endswith("?")) for start, end in sentences(text)
    )
    return held, Counter(stem for _, _, stems, _ in held for stem in stems)


def _stems(text: str) -> frozenset[str]:
    """Return the words that carry meaning, without common endings."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _STOP)
    return frozenset(_stem(word) for word in words if len(word) > 1 or word.isdigit())


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
