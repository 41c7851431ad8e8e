"""Bars and probabilities as text; numbers and their intervals are spelled by `statistics.words`."""

from __future__ import annotations

TOLD = 0.005
"""Least probability that two decimals show: less of it outside the labels is not told."""
_FULL, _EMPTY = "█", "░"


def bar(share: float, width: int) -> tuple[str, str]:
    """Return the full and the empty part of a bar.

    Args:
        share: 0 to 1; clipped.
        width: Cells in all.
    """
    full = round(min(1.0, max(0.0, share)) * width)
    return _FULL * full, _EMPTY * (width - full)


def probability(value: float) -> str:
    """Return ".93", "1.0" or "<.01"."""
    if value >= 0.995:
        return "1.0"
    return "<.01" if 0 < value < TOLD else f"{value:.2f}".removeprefix("0")
