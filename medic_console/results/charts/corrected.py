"""Figures as judged, above what a judge without errors would have found."""

from __future__ import annotations

from medic_console.archive.views import TaskView
from medic_console.core.metrics import metric_of
from medic_console.core.records import MetricValue
from medic_console.results.charts.lines import LEAST, interval, ruler, span_of
from medic_console.statistics import words

_SAID = 30
"""Cells of the figure behind its line."""


def corrected_lines(view: TaskView, width: int) -> list[str]:
    """Return both figures of each metric on a common scale; nothing where the judge's errors are not measured.

    Args:
        view: A judged task.
        width: Cells of a line.
    """
    pairs = [(name, view.metrics.get(name), found) for name, found in view.corrected.items()]
    shown: list[tuple[str, MetricValue]] = []
    for name, raw, found in pairs:
        title = metric_of(name).title
        shown += [(f"{title}, as judged", raw)] if raw is not None else []
        shown.append((f"{title if raw is None else ''}{', ' if raw is None else ''}corrected", found))
    known = [(title, one) for title, one in shown if one.value is not None]
    if not known:
        return []
    ends = [end for _, one in known for end in (one.value, one.low, one.high) if end is not None]
    span, label = span_of(ends), max(len(title) for title, _ in shown)
    room = max(LEAST, width - label - _SAID - 4)
    lines = ["As judged, and corrected for the judge's measured errors; 95 % intervals"]
    lines.append(f"{'':{label}}  {ruler(span, room)}".rstrip())
    for title, one in shown:
        if one.value is None:
            lines.append(f"{title:>{label}}  {'–':<{room}}  {one.note}".rstrip())
        else:
            drawn = interval(one.value, one.low, one.high, span, room)
            lines.append(f"{title:>{label}}  {drawn}  {words.marked(one)}")
    return lines
