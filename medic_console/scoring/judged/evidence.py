"""Find the sentence of a text that a cross-examination question most likely speaks of.

A help for the eye, not a measurement: words are compared, nothing is understood.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

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

    Words that few sentences hold weigh more. The first of equal sentences is taken.
    """
    asked = _stems(question)
    spans = list(sentences(text))
    held = [_stems(text[start:end]) for start, end in spans]
    spread = Counter(stem for stems in held for stem in stems)
    weights = {stem: math.log(1 + len(spans) / (1 + spread[stem])) for stem in asked}
    whole = sum(weights.values())
    scores = [sum(weights[stem] for stem in stems & asked) for stems in held]
    scores = [
        score * (_QUESTION if text[start:end].rstrip().endswith("?") else 1.0)
        for score, (start, end) in zip(scores, spans, strict=True)
    ]
    if not scores or whole == 0:
        return None
    best = max(range(len(scores)), key=scores.__getitem__)
    return spans[best] if scores[best] / whole >= _MIN_SHARE else None


def _stems(text: str) -> set[str]:
    """Return the words that carry meaning, without common endings."""
    words = (word for word in _WORD.findall(text.lower()) if word not in _STOP)
    return {_stem(word) for word in words if len(word) > 1 or word.isdigit()}


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "es", "ed", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word
