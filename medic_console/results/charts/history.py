"""One model's main figures over its runs, from the oldest to the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from medic_console.core.records import MetricValue
from medic_console.results.charts.lines import LEAST, interval, ruler, span_of
from medic_console.results.comparison.pairs import load_scored
from medic_console.results.comparison.settings_drift import OneRun
from medic_console.results.comparison.tasks import value_of
from medic_console.results.measures import Measure, Measures
from medic_console.statistics import words

_SAID = 30


@dataclass(frozen=True, slots=True)
class Point:
    """A task's main metric in one run."""

    measure: Measure
    value: MetricValue


def history_of(reader: Measures, runs: Sequence[OneRun]) -> dict[str, tuple[Point, ...]]:
    """Return the figures of each task, in the order in which the newest runs have them, the oldest run first.

    Args:
        reader: Of the archive.
        runs: Of one model, newest first.
    """
    found: dict[str, list[Point]] = {}
    for run in runs:
        for measure in run.measures:
            side = load_scored(reader, {measure.candidate: measure})[measure.candidate]
            value = value_of(measure.task.primary_metric.id, list(side.items.values()), side)
            found.setdefault(measure.task.id, []).append(Point(measure, value))
    return {task: tuple(reversed(points)) for task, points in found.items()}


def history_lines(points: Sequence[Point], width: int) -> list[str]:
    """Return a task's figures, a line a run; what was measured otherwise than in the newest run says so.

    Args:
        points: Of one task, the oldest run first.
        width: Cells of a line.
    """
    newest = points[-1].measure
    spec = newest.task.primary_metric
    ends = [end for one in points for end in (one.value.value, one.value.low, one.value.high) if end is not None]
    span, label = span_of(ends), max(len(one.measure.run) for one in points)
    room = max(LEAST, width - label - _SAID - 4)
    lines = [f"{newest.task.title} · {words.aimed(spec.title, spec.better)}"]
    lines.append(f"{'':{label}}  {ruler(span, room)}".rstrip())
    for one in points:
        value, run = one.value, one.measure.run
        if value.value is None:
            lines.append(f"{run:<{label}}  {'–':<{room}}  {value.note}".rstrip())
            continue
        drawn = interval(value.value, value.low, value.high, span, room)
        lines.append(f"{run:<{label}}  {drawn}  {words.marked(value)} n {value.n:,}{_otherwise(one.measure, newest)}")
    return lines


def _otherwise(measure: Measure, newest: Measure) -> str:
    """Return why a figure cannot be held against the newest run's; empty when it can."""
    if measure.rule != newest.rule:
        return " · asked or scored otherwise"
    return " · other items" if measure.outline != newest.outline else ""
