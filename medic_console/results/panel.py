"""One item under several judges together: its line in a list, and its trace with each judge's beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from medic_console.archive.columns import Scored
from medic_console.archive.views import ItemRow, ItemTrace
from medic_console.results.tasks import PANEL, doubt
from medic_console.statistics.panel_scores import panel_score


def panel_rows(rows: Sequence[ItemRow], columns: Sequence[Mapping[str, Scored]]) -> list[ItemRow]:
    """Return the panel's items; one that not every judge has ended has no outcome yet.

    Args:
        rows: Of any judge, for the order.
        columns: Each judge's scores by item.
    """
    return [_row(row, [column.get(row.item) for column in columns]) for row in rows]


def panel_trace(traces: Sequence[ItemTrace]) -> ItemTrace:
    """Return an item's trace under the panel: its score, the candidate's calls, and each judge's trace.

    Args:
        traces: One a judge, of the same item and candidate; at least one.
    """
    scores = [trace.score for trace in traces if trace.score is not None]
    first = traces[0]
    return replace(
        first,
        judge=None,
        score=panel_score(scores) if len(scores) == len(traces) else None,
        calls=tuple(call for call in first.calls if call.of_candidate),
        provisional=doubt([trace.provisional for trace in traces]),
        kin="; ".join(trace.kin for trace in traces if trace.kin),
        by_judge=tuple(traces),
    )


def _row(row: ItemRow, found: Sequence[Scored | None]) -> ItemRow:
    scores = [one.score for one in found if one is not None]
    if len(scores) < len(found):
        return replace(row, judge=PANEL, outcome="", reason="", verdict="", answer="", values={}, truncated=False)
    score = panel_score(scores)
    return replace(
        row,
        judge=PANEL,
        outcome=str(score.outcome),
        reason=str(score.reason or ""),
        verdict=score.verdict,
        answer=score.answer,
        values=score.values,
        truncated=score.truncated,
    )
