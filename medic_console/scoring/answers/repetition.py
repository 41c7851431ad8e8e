"""Does a text end by saying the same again and again? A model that does so writes on until its limit ends it."""

from __future__ import annotations

_TIMES = 4
"""The piece stands at least so often in a row."""
_SHARE = 0.5
"""The row is at least so much of the text."""


def repeats(text: str) -> bool:
    """Tell whether the end of a text, half of it or more, is one piece four times in a row or more often.

    Runs of white space are taken as one space; the last piece may be cut off. Numbered lines whose numbers go on are
    not the same.
    """
    reverse = " ".join(text.split())[::-1]
    alike = _alike(reverse)
    return any(
        run >= (_TIMES - 1) * piece and run + piece >= _SHARE * len(reverse) for piece, run in enumerate(alike) if piece
    )


def _alike(text: str) -> list[int]:
    """Return how many characters from each place are those of the beginning (Gusfield's Z values, linear time)."""
    found, left, right = [len(text)] + [0] * max(0, len(text) - 1), 0, 0
    for place in range(1, len(text)):
        run = min(found[place - left], right - place) if place < right else 0
        while place + run < len(text) and text[run] == text[place + run]:
            run += 1
        found[place] = run
        if place + run > right:
            left, right = place, place + run
    return found
