"""Charts as inline SVG: points with their intervals on one scale, the same in print and without colours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from medic_console.reports.document import Bar, Chart
from medic_console.statistics import words

_LABEL, _PLOT, _NUMBER, _ROW, _HEAD = 240, 360, 150, 22, 24
"""Widths of the three columns, heights of a line and of the scale, in units of the picture."""
_LONGEST, _END = 32, 14
"""Characters of a label, and how many of them are its end: names of two models may differ there alone."""
Escape = Callable[[str], str]


def svg(chart: Chart, escape: Escape) -> str:
    """Return a chart as an SVG element with a title and, for those who cannot see it, its values in words."""
    height = _HEAD + _ROW * len(chart.bars)
    width = _LABEL + _PLOT + _NUMBER
    spoken = "; ".join(f"{bar.label}: {_figure(bar)}" for bar in chart.bars)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(chart.title)}"><title>{escape(chart.title)}</title><desc>{escape(spoken)}</desc>'
    )
    lines = (line for row, bar in enumerate(chart.bars) for line in _line(chart, bar, _HEAD + _ROW * row, escape))
    return "".join((head, *_scale(chart, height), *lines, "</svg>"))


def _scale(chart: Chart, height: int) -> Iterator[str]:
    for step in range(5):
        value = chart.least + (chart.most - chart.least) * step / 4
        x = _x(chart, value)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_HEAD - 6}" y2="{height}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="12" text-anchor="middle">{words.number(value, 0)}</text>'


def _line(chart: Chart, bar: Bar, top: int, escape: Escape) -> Iterator[str]:
    middle = top + _ROW / 2
    label = bar.label if len(bar.label) <= _LONGEST else f"{bar.label[: _LONGEST - _END - 1]}…{bar.label[-_END:]}"
    yield f'<text x="0" y="{middle + 4:.1f}">{escape(label)}</text>'
    yield f'<text class="number" x="{_LABEL + _PLOT + 12}" y="{middle + 4:.1f}">{escape(_figure(bar))}</text>'
    if bar.chance is not None:
        x = _x(chart, bar.chance)
        yield f'<line class="chance" x1="{x:.1f}" x2="{x:.1f}" y1="{top + 3}" y2="{top + _ROW - 3}"/>'
    if bar.low is not None and bar.high is not None:
        ends = f'x1="{_x(chart, bar.low):.1f}" x2="{_x(chart, bar.high):.1f}"'
        yield f'<line class="interval" {ends} y1="{middle}" y2="{middle}"/>'
    if bar.value is not None:
        yield f'<circle class="point" cx="{_x(chart, bar.value):.1f}" cy="{middle}" r="4"/>'


def _figure(bar: Bar) -> str:
    return f"{words.number(bar.value)} {words.ends(bar.low, bar.high)}".rstrip()


def _x(chart: Chart, value: float) -> float:
    """Return the place of a value; what lies beyond the scale is drawn at its end."""
    share = (value - chart.least) / (chart.most - chart.least or 1.0)
    return _LABEL + _PLOT * min(1.0, max(0.0, share))
