"""The five dimensions of a model as bars with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content

from medic_console.console.bars import bar
from medic_console.console.text import count
from medic_console.console.widgets.scroll_pane import ScrollPane
from medic_console.console.widgets.steady import Steady
from medic_console.core.records import Dimension
from medic_console.statistics import words

if TYPE_CHECKING:
    from medic_console.statistics.aggregates import Aggregate

_NAME = 20
_BAR, _LONG_BAR, _SHORT_BAR, _INDENT = 10, 50, 6, 2
_FIGURES = 24
"""Cells of a headline with its interval and mark."""
_WIDE = 66
_NOT_YET, _NEVER = "–  not yet", "–  no task of this run"
_HOW = (
    "Mean of the tasks' main metrics, 0-100; secondary tasks count half. Our rule, not the paper's. ans.: items with a "
    "whole answer, and the figure of those alone; the others take the worst value."
)


class DimensionBars(ScrollPane):
    """Two lines a dimension: the headline, and what it is among answered items."""

    def __init__(self, id: str = "dimensions", classes: str = "pane") -> None:
        super().__init__(id=id, classes=classes)
        self.border_title = "Dimensions"
        self._lines = Steady(classes="lines")
        self._note = Steady(classes="note")
        self._more = Steady(classes="more")
        self._scores: Mapping[Dimension, Aggregate] = {}
        self._samples = False
        self._further = Content()
        self._doubt = ""
        self._never: frozenset[Dimension] = frozenset()

    def compose(self) -> ComposeResult:
        """Bars, what else is known, and the note that says how bars are made."""
        yield self._lines
        yield self._more
        yield self._note

    def on_resize(self) -> None:
        """Choose between names and letters."""
        self._draw()

    def show(
        self,
        scores: Mapping[Dimension, Aggregate],
        samples: bool,
        further: Content | None = None,
        doubt: str = "",
        never: frozenset[Dimension] = frozenset(),
    ) -> None:
        """Draw bars.

        Args:
            scores: By dimension; one that is not there is shown as not yet.
            samples: The items are bundled samples.
            further: Shown between the bars and the note; its untrusted parts went through `plain`.
            doubt: What the mark of provisional figures means here; went through `one_line`.
            never: Dimensions on which no task of the run bears.
        """
        fresh = (scores, samples, further or Content(), doubt, never)
        if fresh != (self._scores, self._samples, self._further, self._doubt, self._never):
            self._scores, self._samples, self._further, self._doubt, self._never = fresh
            self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        wide = width >= _WIDE
        long = min(_LONG_BAR, max(_BAR, width - _NAME - _FIGURES)) if wide else 0
        lines = [
            _line(one, self._scores.get(one), long, _NEVER if one in self._never else _NOT_YET) for one in Dimension
        ]
        self._lines.show_text(Content("\n").join(lines))
        self._lines.display = self._note.display = bool(self._scores) or not self._further
        self._more.show_text(self._further)
        self._more.display = bool(self._further)
        warning = Content.styled("Sample items: not comparable with published figures. ", "$score-unscored")
        letters = "" if wide else ", ".join(f"{one} {one.label.lower()}" for one in Dimension) + ". "
        doubt = Content.styled(f"{self._doubt}\n" if self._doubt else "", "$score-unscored")
        self._note.show_text(Content.assemble(doubt, warning if self._samples else "", (letters + _HOW, "$muted")))


def _line(which: Dimension, score: Aggregate | None, long: int, without: str) -> Content:
    """Return a dimension's lines: with its name and a bar of so many cells, or with its letter and a short one."""
    name = f"{which.label:<{_NAME}}" if long else ""
    head = Content.assemble((f"{which} ", "bold"), name)
    if score is None or score.value is None:
        return Content.assemble(head, (without, "$muted"))
    full, empty = bar(score.value / 100, long or _SHORT_BAR)
    below = f"\n{'':<{head.cell_length + _BAR + 1 if long else _INDENT}}{count(score.tasks, 'task')}"
    said = " · ".join(part for part in (below, words.answered_short(score)) if part)
    return Content.assemble(
        head, (full, "$bar-filled"), (empty, "$bar-empty"), f" {words.marked(score, 0)}", (said, "$muted")
    )
