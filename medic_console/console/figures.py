"""Numbers as text: metrics with their intervals, bars, probabilities."""

from __future__ import annotations

from medic_console.metrics import DimensionScore
from medic_console.records import MetricValue

NOT_YET = "–  not yet"
TOLD = 0.005
"""Least probability that two decimals show: less of it outside the labels is not told."""
_FULL, _EMPTY = "█", "░"


def metric(value: MetricValue) -> str:
    """Return "62.5 [53.1, 70.2]", "62.5" without an interval, "–" without a value."""
    return interval(value.value, value.low, value.high, 1)


def interval(value: float | None, low: float | None, high: float | None, places: int = 0) -> str:
    """Return a value with its interval, rounded."""
    if value is None:
        return "–"
    head = _number(value, places)
    return head if low is None or high is None else f"{head} [{_number(low, places)}, {_number(high, places)}]"


def dimension(score: DimensionScore) -> str:
    """Return a dimension's value with interval and the number of tasks it rests on."""
    if score.value is None:
        return NOT_YET
    tasks = "1 task" if score.tasks == 1 else f"{score.tasks} tasks"
    return f"{interval(score.value, score.low, score.high)} · {tasks}"


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


def _number(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace("-", "−")
