"""Score outputs and traces that were made elsewhere; no model is loaded."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from medic_console import paths
from medic_console.errors import ItemsError, UsageError
from medic_console.flows.base import score_output
from medic_console.headless.results import counts_json, interval, metrics_json, official_rows, rounded, shown
from medic_console.metrics import compute, compute_official, counts
from medic_console.prepare import known_tasks, task_named
from medic_console.records import CefTrace, FinishReason, Item, MetricValue, Outcome, Output, Reason, Score
from medic_console.scoring.judged.cef import Finding, findings, score_of, score_trace
from medic_console.scoring.judged.evidence import find_evidence
from medic_console.scoring.judged.traces import trace_from_json
from medic_console.scoring.registry import SCORERS
from medic_console.similarity import name_encoder, require_use, with_encoder
from medic_console.suite.items import LoadedTask, load_items
from medic_console.uncomputed import noted

CEF_METRICS = ("coverage", "conformity", "consistency", "conciseness", "overall")
Figures = tuple[Mapping[str, MetricValue], Mapping[str, MetricValue]]
"""Metrics by id, and those that count unreadable items as wrong."""


def score_outputs(
    task_id: str, items: Path | None, outputs: Path, data: Path | None, as_json: bool, encoder: Path | None = None
) -> int:
    """Score JSONL of {"id", "text"} against a task's items; return the exit code.

    Raises:
        UsageError: The task is unknown or judged, a file cannot be read, or an id fits no item.
    """
    task = task_named(task_id, known_tasks().tasks)
    if task.scorer not in SCORERS:
        raise UsageError(
            f"{task_id} is scored by a judge.",
            "Run it with a judge, or score finished traces: medic-console cef-score",
        )
    loaded = load_items(task, paths.cache_dir() / "databases", data, items)
    if encoder is not None:
        require_use((loaded,))
        loaded = with_encoder(loaded, name_encoder(encoder))
    texts = _read_outputs(outputs, {item.id for item in loaded.items})
    scores = [_score(loaded, item, texts.get(item.id)) for item in loaded.items]
    groups = [item.group for item in loaded.items]
    names = [metric.id for metric in task.metrics]
    metrics = noted(compute(names, scores, groups), loaded.resources)
    official = compute_official(names, scores, groups)
    ids = [item.id for item in loaded.items]
    head = {
        "task": task.id,
        "task_version": task.version,
        "items_origin": loaded.origin,
        "multiple_choice": "generated" if task.prompt.labels else "",
        "notes": list(loaded.notes),
    }
    return _report(head, ids, scores, (metrics, official), as_json)


def score_traces(path: Path, protocol: str, overall: str, as_json: bool) -> int:
    """Score JSONL of CEF traces under a protocol; return the exit code.

    Args:
        overall: `note` or `summary`: which overall score applies under `paper`.

    Raises:
        UsageError: The protocol is unknown, or the file does not hold traces.
    """
    traces = []
    for number, record in _records(path):
        try:
            traces.append(trace_from_json(record))
        except ItemsError as error:
            raise ItemsError(f"{path}, line {number}: {error.message}", error.hint) from error
    scores = [score_of(trace, protocol, overall) for trace in traces]
    metrics = compute(CEF_METRICS, scores)
    details = [_cef_details(trace, protocol, overall) for trace in traces]
    head = {"protocol": protocol, "overall": overall, "traces": len(traces)}
    return _report(head, [trace.id for trace in traces], scores, (metrics, {}), as_json, details)


def _cef_details(trace: CefTrace, protocol: str, overall: str) -> dict[str, Any]:
    """Return the scores in the protocol's own unit, the counts of findings, and each finding with its evidence."""
    scores = score_trace(trace, protocol, overall)
    names = ("omissions", "contradictions", "hallucinations", "contradicted_by_source")
    unread = ("source_unreadable", "generated_unreadable")
    return {
        "protocol_scores": {name: rounded(getattr(scores, name)) for name in CEF_METRICS},
        "findings": {name: getattr(scores, name) for name in (*names, *unread)},
        "traced": [_finding_json(trace, finding) for finding in findings(trace)],
    }


def _finding_json(trace: CefTrace, finding: Finding) -> dict[str, Any]:
    """Return a finding with the sentence of the other text that most likely speaks of it, if one does."""
    other = trace.generated if finding.side == "source" else trace.source
    span = find_evidence(finding.question, other)
    evidence = {"start": span[0], "end": span[1], "text": other[slice(*span)]} if span else None
    return {"kind": str(finding.kind), "from": finding.side, "question": finding.question, "evidence": evidence}


def _score(loaded: LoadedTask, item: Item, text: str | None) -> Score:
    if text is None:
        return Score.unscored(Reason.NO_OUTPUT, "the outputs file has no line for this item")
    try:
        score = score_output(loaded, item, Output(text, FinishReason.STOP))
    except Exception as error:  # noqa: BLE001 - an item's fault is a row with its traceback
        return Score.failed(f"{type(error).__name__}: {error}", traceback.format_exc())
    assert score is not None
    return score


def _read_outputs(path: Path, known: set[str]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for number, record in _records(path):
        key, text = record.get("id"), record.get("text")
        if not isinstance(text, str) or not isinstance(key, str | int):
            raise ItemsError(f'{path}, line {number}: expected {{"id": ..., "text": "..."}}.', "Correct that line.")
        if str(key) in texts:
            raise ItemsError(f"{path}, line {number}: id {key} was given before.", "Give each id once.")
        if str(key) not in known:
            raise ItemsError(
                f"{path}, line {number}: no item has the id {key}.",
                "Use the ids of the same items file (--items or --data); they are printed by score --json.",
            )
        texts[str(key)] = text
    return texts


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ItemsError(f"{path}: cannot be read ({error}).", "Name a JSONL file in UTF-8.") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ItemsError(f"{path}, line {number}: not JSON ({error}).", "One JSON object a line.") from error
        if not isinstance(record, dict):
            raise ItemsError(f"{path}, line {number}: not a JSON object.", "One JSON object a line.")
        yield number, record


def _report(
    head: dict[str, Any],
    ids: Sequence[str],
    scores: Sequence[Score],
    figures: Figures,
    as_json: bool,
    details: Sequence[dict[str, Any]] | None = None,
) -> int:
    total = counts(scores)
    metrics, official = figures
    if as_json:
        extra = details or [{}] * len(scores)
        document = {
            **head,
            "counts": counts_json(total),
            "metrics": metrics_json(metrics),
            "official_metrics": metrics_json(official),
            "items": [_item_json(i, score, more) for i, score, more in zip(ids, scores, extra, strict=True)],
        }
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(
            Console(),
            head,
            figures,
            f"{total.scored} scored  {total.unscored} unscored  {total.failed} failed",
        )
    return 1 if total.failed else 0


def _item_json(item: str, score: Score, more: dict[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": item,
        "outcome": str(score.outcome),
        "scores": {name: rounded(value) for name, value in score.values.items()},
        "answer": score.answer,
        "verdict": score.verdict,
        **more,
    }
    if score.outcome is not Outcome.SCORED:
        record |= {"reason": str(score.reason or ""), "detail": score.detail}
    if score.traceback:
        record["traceback"] = score.traceback
    return record


def _print(console: Console, head: dict[str, Any], figures: Figures, counted: str) -> None:
    metrics, official = figures
    for note in head.get("notes", []):
        console.print(f"! {note}", style="yellow", markup=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("metric", "value", "95 % interval", "n", "unit"):
        table.add_column(name, justify="right" if name == "n" else "left")
    for name, metric in metrics.items():
        ends = metric.note or interval(metric.low, metric.high)
        table.add_row(name, shown(metric.value), ends, str(metric.n), metric.unit)
    for row in official_rows(official):
        table.add_row(*row)
    console.print(f"{head.get('task', head.get('protocol'))}: {counted}", style="bold", highlight=False)
    console.print(table)
