"""How a task's items are spread over the scores that they got."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import fmean, quantiles

from medic_console.archive.views import ItemRow
from medic_console.core.metrics import Metric, metric_of
from medic_console.core.records import Outcome
from medic_console.results.charts.lines import bar
from medic_console.statistics import words
from medic_console.suite.task import Task

FEW = 6
"""Different scores up to which each has a bar of its own; more are put into tenths of the scale."""
_TENTHS = 10
_LEAST = 8
_PLACES = 6
"""Of scores that are one and the same."""


def scores_of(task: Task, items: Sequence[ItemRow]) -> list[float]:
    """Return the score that each scored item has in the task's main metric, in the metric's unit."""
    metric = metric_of(task.primary_metric.id)
    found = (_score(row, metric) for row in items if row.outcome == Outcome.SCORED)
    return [score for score in found if score is not None]


def spread_lines(task: Task, items: Sequence[ItemRow], width: int) -> list[str]:
    """Return a bar for each score or tenth of the scale with the number of its items, and what lies in the middle.

    Args:
        task: Says which metric is the main one.
        items: All of the task under one candidate.
        width: Cells of a line.
    """
    scores, title = scores_of(task, items), task.primary_metric.title
    left = len(items) - len(scores)
    lines = [
        f"How {len(scores):,} item{' is' if len(scores) == 1 else 's are'} spread over {title}"
        if scores
        else f"No item has a score in {title}"
    ]
    if scores:
        bins = _bins(scores, metric_of(task.primary_metric.id))
        most, label = max(number for _, number in bins), max(len(name) for name, _ in bins)
        room = max(_LEAST, width - label - 20)
        for name, number in bins:
            share = words.number(100 * number / len(scores))
            lines.append(f"{name:>{label}}  {bar(number / most, room):<{room}}  {number:>6,}  {share:>5} %")
        lines.append(_middle(scores))
    if left:
        lines.append(f"{left:,} without a score {'is' if left == 1 else 'are'} in no bar.")
    return lines


def _score(row: ItemRow, metric: Metric) -> float | None:
    value = row.values.get(metric.source)
    if value is None:
        return None
    if metric.key:
        return metric.scale * float(value == row.values.get(metric.key))
    if metric.over:
        whole = row.values.get(metric.over)
        return metric.scale * value / whole if whole else None
    return metric.scale * value


def _bins(scores: Sequence[float], metric: Metric) -> list[tuple[str, int]]:
    """Return name and number of items of each bar, from the lowest; a tenth holds its lower end, the last both."""
    counted = Counter(round(score, _PLACES) for score in scores)
    if len(counted) <= FEW:
        ends = (metric.least * metric.scale, metric.most * metric.scale)
        shown = sorted({*counted, *(ends if metric.proportion else ())})
        return [(name, counted[score]) for name, score in zip(_names(shown), shown, strict=True)]
    low = min(metric.least * metric.scale, min(scores))
    high = max(metric.most * metric.scale, max(scores))
    step, numbers = (high - low) / _TENTHS, [0] * _TENTHS
    for score in scores:
        numbers[min(_TENTHS - 1, int((score - low) / step))] += 1
    edges = [words.exact(round(low + step * number, 1)) for number in range(_TENTHS + 1)]
    return [(f"{first} to {last}", number) for first, last, number in zip(edges, edges[1:], numbers, strict=False)]


def _names(scores: Sequence[float]) -> list[str]:
    """Return scores with one place, or as many more as tell them apart."""
    named = ([words.exact(round(score, places)) for score in scores] for places in range(1, _PLACES + 1))
    return next((names for names in named if len(set(names)) == len(scores)), [words.exact(score) for score in scores])


def _middle(scores: Sequence[float]) -> str:
    said = f"mean {words.number(fmean(scores))}"
    if len(set(scores)) > 2:
        low, median, high = quantiles(scores, n=4, method="inclusive")
        said += f" · median {words.number(median)}"
        said += f" · middle half {words.number(low)} to {words.number(high)}"
        said += f" · lowest {words.number(min(scores))} · highest {words.number(max(scores))}"
    return said
