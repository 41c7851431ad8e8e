"""Items of a run that are finished: the last of them, and those that failed or have no score."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from textual.content import Content

from medic_console.audit.events import ItemRef, ItemScored
from medic_console.audit.outline import Outline
from medic_console.console.glyphs import OUTCOMES
from medic_console.console.marks import TRUNCATED
from medic_console.console.text import one_line
from medic_console.console.widgets.table import Cell, Column, Row, state_cell
from medic_console.core.records import Counts, Outcome

_OUTCOME, _VERDICT = Column("Outcome", 10), Column("Verdict, reason", weight=4)
_LAST, _FAILING = 50, 500
"""Most items that are kept of each kind."""


class FinishedItems:
    """What was finished, the newest first."""

    def __init__(self, items: Iterable[ItemScored] = ()) -> None:
        self._last: deque[ItemScored] = deque(maxlen=_LAST)
        self._failing: deque[ItemScored] = deque(maxlen=_FAILING)
        for item in items:
            self.add(item)

    def add(self, item: ItemScored) -> None:
        """Take one that is finished now."""
        self._last.appendleft(item)
        if item.score.outcome is not Outcome.SCORED:
            self._failing.appendleft(item)

    def shown(self, failing: bool) -> Sequence[ItemScored]:
        """Return the last ones, or those that failed or have no score."""
        return self._failing if failing else self._last


def key_of(ref: ItemRef) -> str:
    """Return what names an item's row."""
    return "\n".join((ref.candidate, ref.task, ref.item, ref.judge))


def columns_of(several: bool, narrow: bool) -> tuple[Column, ...]:
    """Return the columns; the model has one where there are several and the width allows it."""
    if narrow:
        return (_OUTCOME, Column("Item", weight=2), _VERDICT)
    model = (Column("Model", weight=2),) if several else ()
    return (_OUTCOME, *model, Column("Task", least=9), Column("Item", weight=2), _VERDICT)


def finished_rows(items: Sequence[ItemScored], outline: Outline, narrow: bool) -> list[Row]:
    """Return one row an item: its outcome, its verdict or why there is none, and whose verdict where several judge."""
    rows: list[Row] = []
    for one in items:
        model = [outline.candidates.get(one.ref.candidate, "")] if len(outline.candidates) > 1 else []
        judge = outline.judges.get(one.ref.judge, "") if len(outline.judges) > 1 else ""
        place = [] if narrow else [*map(one_line, model), one.ref.task]
        cells: list[str | Cell] = [state_cell(OUTCOMES[str(one.score.outcome)]), *place, one_line(one.ref.item)]
        rows.append((key_of(one.ref), [*cells, f"{one_line(judge)}: {_said(one)}" if judge else _said(one)]))
    return rows


def _said(one: ItemScored) -> str:
    score = one.score
    said = one_line(score.verdict or str(score.reason or "")) + (f" ({one_line(score.detail)})" if score.detail else "")
    return f"{said}  {TRUNCATED}" if score.truncated else said


def failing_told(counts: Counts, failing: bool) -> str:
    """Return what `f` shows, with the numbers of the whole run."""
    if failing:
        return "f shows the last items again"
    told = [
        f"{number:,} {word}" for number, word in ((counts.failed, "failed"), (counts.unscored, "unscored")) if number
    ]
    return f"f: {', '.join(told)}" if told else "none failed, none unscored"


def last_line(last: ItemScored | None) -> Content:
    """Return what is said of the item that was finished last."""
    if last is None:
        return Content.styled("no item is finished yet", "$muted")
    ref, score = last.ref, last.score
    outcome = OUTCOMES[str(score.outcome)]
    detail = f" ({one_line(score.detail)})" if score.detail else ""
    return Content.assemble(
        ("last, i inspects it: ", "$muted"),
        f"{ref.task} {one_line(ref.item)}  ",
        (outcome.text, f"${outcome.variable}"),
        f"  {one_line(score.verdict)}{detail}",
        (f"  {TRUNCATED}" if score.truncated else "", "$score-unscored"),
    )
