"""`cef-score`: score finished cross-examination traces; no model is loaded."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from medic_console.commands.figures import rounded
from medic_console.commands.options import add_common
from medic_console.commands.scored import report
from medic_console.core.errors import ItemsError
from medic_console.core.records import CefTrace
from medic_console.scoring.methods.cef.evidence import find_evidence
from medic_console.scoring.methods.cef.external_traces import trace_from_json
from medic_console.scoring.methods.cef.score import Finding, findings, score_of, score_trace
from medic_console.scoring.methods.cef.spec import NOTE, OVERALLS, PAPER, PROTOCOLS
from medic_console.session.outputs import records
from medic_console.statistics.metrics import compute

CEF_METRICS = ("coverage", "conformity", "consistency", "conciseness", "overall")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("traces", type=Path, metavar="TRACES", help="JSONL of traces")
    parser.add_argument("--protocol", choices=PROTOCOLS, default=PAPER)
    parser.add_argument("--overall", choices=OVERALLS, default=NOTE, help="with conciseness for summaries (note)")
    parser.set_defaults(handler=_score_traces)


def _score_traces(arguments: argparse.Namespace) -> int:
    return score_traces(arguments.traces, arguments.protocol, arguments.overall, arguments.json)


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
    return report(head, [trace.id for trace in traces], scores, metrics, as_json, details)


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
