"""Scores that were made anew: as a table, or as one JSON document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from medic_console.commands import consoles
from medic_console.commands.figures import rounded
from medic_console.commands.figures_json import counts_json, metrics_json
from medic_console.commands.output import write_json
from medic_console.core.records import OWN_DOING, MetricValue, Outcome, Score
from medic_console.core.units import count
from medic_console.results.figure_cells import beside_cell, ends_cell, number_cell
from medic_console.results.task_lines import counted
from medic_console.scoring.scorers.toolchain import shown
from medic_console.statistics.metrics import counts


def report(
    head: dict[str, Any],
    ids: Sequence[str],
    scores: Sequence[Score],
    metrics: Mapping[str, MetricValue],
    as_json: bool,
    details: Sequence[dict[str, Any]] | None = None,
) -> int:
    """Print scores with their figures; return the exit code: 1 when an item failed.

    Args:
        head: What was scored and by what; stands first in the document.
        ids: Of the items.
        details: More of each item, for the document.
    """
    total = counts(scores)
    if as_json:
        extra = details or [{}] * len(scores)
        document = {
            **head,
            "counts": counts_json(total),
            "metrics": metrics_json(metrics),
            "items": [_item_json(i, score, more) for i, score, more in zip(ids, scores, extra, strict=True)],
        }
        write_json("scores", document)
    else:
        _print(
            consoles.output(),
            head,
            metrics,
            f"{count(total.total, 'item')}: {counted(total)}",
        )
    return 1 if total.failed else 0


def _item_json(item: str, score: Score, more: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": item,
        "outcome": str(score.outcome),
        "scores": {},
        "answer": score.answer,
        "verdict": score.verdict,
        **more,
    }
    values = {name: rounded(value) for name, value in score.values.items()}
    if score.outcome is Outcome.SCORED:
        record["scores"] = values
    else:
        record |= {"reason": str(score.reason or ""), "detail": score.detail}
    if score.reason in OWN_DOING:
        record["worst_values"] = values
    if score.truncated:
        record["truncated"] = True
    if score.traceback:
        record["traceback"] = score.traceback
    return record


def _print(console: Console, head: dict[str, Any], metrics: Mapping[str, MetricValue], told: str) -> None:
    for note in head.get("notes", []):
        console.print(f"! {note}", style="yellow", markup=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("metric", "value", "unit", "95 % interval", "n", "answered"):
        table.add_column(name, justify="right" if name == "n" else "left")
    for name, metric in metrics.items():
        cells = (number_cell(metric), metric.unit, ends_cell(metric), f"{metric.n:,}")
        table.add_row(name, *cells, metric.note or beside_cell(metric))
    console.print(f"{head.get('task', head.get('protocol'))}: {told}", style="bold", highlight=False)
    console.print(table)
    if "scorer" in head:
        made = ", ".join(part for part in (head["scorer"], shown(head["libraries"])) if part)
        console.print(f"scored by {made}", markup=False, highlight=False)
