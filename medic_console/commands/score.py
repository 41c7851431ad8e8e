"""Score outputs and traces that were made elsewhere; no model is loaded."""

from __future__ import annotations

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from medic_console.audit.plan import scorer_label
from medic_console.audit.prepare import known_tasks, task_named
from medic_console.commands import consoles
from medic_console.commands.figures import beside_cell, ends_cell, number_cell, rounded
from medic_console.commands.figures_json import counts_json, metrics_json
from medic_console.commands.output import write_json
from medic_console.commands.outputs import Outputs, of_run, read_outputs, records, write_submission
from medic_console.core import paths
from medic_console.core.errors import ItemsError, UsageError
from medic_console.core.records import OWN_DOING, CefTrace, Item, MetricValue, NoAnswer, Outcome, Output, Reason, Score
from medic_console.core.run_settings import Asking
from medic_console.scoring.bertscore import name_encoder, require_use, with_encoder
from medic_console.scoring.flow import score_output, without_answer
from medic_console.scoring.methods.cef.evidence import find_evidence
from medic_console.scoring.methods.cef.published import trace_from_json
from medic_console.scoring.methods.cef.score import Finding, findings, score_of, score_trace
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.scorers.toolchain import shown, versions_of
from medic_console.statistics.metrics import compute, counts, noted
from medic_console.suite.asking import as_asked
from medic_console.suite.items import LoadedTask, load_items

CEF_METRICS = ("coverage", "conformity", "consistency", "conciseness", "overall")


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a person asked to be scored.

    Attributes:
        outputs: File of outputs; None for those of a run.
        run: Id of a stored run; empty for outputs of a file.
        model: Candidate of the run; empty when there is one only.
        items: Items file or folder.
        data: Folder of official files; None takes the bundled samples.
        encoder: GGUF encoder for BERTScore.
        submission: Where the answers are written as an official submission.
    """

    task: str
    archive: Path
    outputs: Path | None = None
    run: str = ""
    model: str = ""
    items: Path | None = None
    data: Path | None = None
    encoder: Path | None = None
    submission: Path | None = None


def score_outputs(asked: Scoring, as_json: bool) -> int:
    """Score outputs against a task's items; return the exit code.

    Raises:
        UsageError: The task is unknown or judged, a file cannot be read, or an id fits no item.
    """
    loaded, outputs = _loaded(asked)
    task = loaded.task
    sha256 = ""
    if asked.encoder is not None:
        require_use((loaded,))
        named = name_encoder(asked.encoder)
        loaded, sha256 = with_encoder(loaded, named), named.sha256
    notes = [*loaded.notes, *outputs.notes]
    if asked.submission is not None:
        written = write_submission(asked.submission, loaded, outputs.by_item)
        notes.append(f"{written} of {len(loaded.items)} answers were written to {asked.submission}.")
    scores = [_score(loaded, item, outputs.by_item.get(item.id)) for item in loaded.items]
    groups = [item.group for item in loaded.items]
    names = [metric.id for metric in task.metrics]
    metrics = noted(compute(names, scores, groups), loaded.resources)
    head = {
        "task": task.id,
        "task_version": task.version,
        "items_origin": loaded.origin,
        "scorer": scorer_label(loaded, {"encoder": sha256}),
        "libraries": versions_of(task.scorer, bool(sha256)),
        "multiple_choice": task.multiple_choice,
        "notes": notes,
    }
    return _report(head, [item.id for item in loaded.items], scores, metrics, as_json)


def _loaded(asked: Scoring) -> tuple[LoadedTask, Outputs]:
    task = as_asked(task_named(asked.task, known_tasks().tasks), Asking("generated"))
    if task.scorer not in SCORERS:
        raise UsageError(
            f"{asked.task} is scored by a judge.",
            "Run it with a judge, or score finished traces: medic-console cef-score",
        )
    if asked.outputs is None:
        return of_run(asked.archive, asked.run, asked.task, asked.model)
    loaded = load_items(task, paths.cache_dir() / "databases", asked.data, asked.items)
    return loaded, read_outputs(asked.outputs, loaded)


def score_traces(path: Path, protocol: str, overall: str, as_json: bool) -> int:
    """Score JSONL of CEF traces under a protocol; return the exit code.

    Args:
        overall: `note` or `summary`: which overall score applies under `paper`.

    Raises:
        UsageError: The protocol is unknown, or the file does not hold traces.
    """
    traces = []
    for number, record in records(path):
        try:
            traces.append(trace_from_json(record))
        except ItemsError as error:
            raise ItemsError(f"{path}, line {number}: {error.message}", error.hint) from error
    scores = [score_of(trace, protocol, overall) for trace in traces]
    metrics = compute(CEF_METRICS, scores)
    details = [_cef_details(trace, protocol, overall) for trace in traces]
    head = {"protocol": protocol, "overall": overall, "traces": len(traces)}
    return _report(head, [trace.id for trace in traces], scores, metrics, as_json, details)


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


def _score(loaded: LoadedTask, item: Item, output: Output | None) -> Score:
    try:
        if output is None:
            return without_answer(loaded, item, NoAnswer(Reason.NO_OUTPUT, "there is no output for this item"))
        score = score_output(loaded, item, output)
    except Exception as error:  # noqa: BLE001 - an item's fault is a row with its traceback
        return Score.failed(f"{type(error).__name__}: {error}", traceback.format_exc())
    assert score is not None
    return score


def _report(
    head: dict[str, Any],
    ids: Sequence[str],
    scores: Sequence[Score],
    metrics: Mapping[str, MetricValue],
    as_json: bool,
    details: Sequence[dict[str, Any]] | None = None,
) -> int:
    total = counts(scores)
    if as_json:
        extra = details or [{}] * len(scores)
        document = {
            **head,
            "counts": counts_json(total),
            "metrics": metrics_json(metrics),
            "items": [_item_json(i, score, more) for i, score, more in zip(ids, scores, extra, strict=True)],
        }
        write_json(document)
    else:
        _print(
            consoles.output(),
            head,
            metrics,
            f"{total.scored} scored  {total.unscored} unscored  {total.failed} failed",
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


def _print(console: Console, head: dict[str, Any], metrics: Mapping[str, MetricValue], counted: str) -> None:
    for note in head.get("notes", []):
        console.print(f"! {note}", style="yellow", markup=False, highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("metric", "value", "unit", "95 % interval", "n", "answered"):
        table.add_column(name, justify="right" if name == "n" else "left")
    for name, metric in metrics.items():
        cells = (number_cell(metric), metric.unit, ends_cell(metric), f"{metric.n:,}")
        table.add_row(name, *cells, metric.note or beside_cell(metric))
    console.print(f"{head.get('task', head.get('protocol'))}: {counted}", style="bold", highlight=False)
    console.print(table)
    if "scorer" in head:
        made = ", ".join(part for part in (head["scorer"], shown(head["libraries"])) if part)
        console.print(f"scored by {made}", markup=False, highlight=False)
