"""A report as one JSON document: what its pages say, as numbers and names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medic_console.core.documents import head_of
from medic_console.reports.evidence import Evidence, RunEvidence
from medic_console.reports.pages.provenance import command
from medic_console.results.comparison.portfolio import Candidacy
from medic_console.results.flat import rows, view_records
from medic_console.results.slices import slice_record


def report_record(evidence: Evidence) -> dict[str, Any]:
    """Return the document; what has no place in a scope is not in it."""
    asked, found = evidence.asked, evidence.verified
    return {
        **head_of("report"),
        "version": evidence.version,
        "created": asked.created.isoformat(timespec="seconds"),
        "scope": str(asked.scope),
        "sample_items": evidence.sampled,
        "unfinished": [view.id for view in evidence.unfinished],
        "task_versions_differ": list(evidence.versions_differ),
        "archive": found
        and {"holds": found.holds, "broken": list(found.broken), "entries": found.entries, "head": found.head},
        "signatory": asked.signatory and asdict(asked.signatory),
        "use_case": _case(evidence),
        "models": [
            {"name": one.name, "title": evidence.names[one.sha256], "file": Path(one.file).name, "sha256": one.sha256}
            | {"bytes": one.size, "quantisation": one.quantisation, "architecture": one.architecture}
            for one in evidence.models.values()
        ],
        "runs": [_run(run) for run in evidence.runs],
        "tasks": [row for run in evidence.runs for row in _tasks(run)],
        "figures": [
            row
            for run in evidence.runs
            for result in run.results
            for view in result.tasks
            for row in rows(view_records(run.view, view))
        ],
        "judges": [
            {"sha256": card.conditions.judge, "method": card.method, "verdict": card.verdict, "run": card.run}
            | {"created": card.created, "objections": list(card.objections), "wording": card.conditions.wording}
            for card in evidence.judges
        ],
        "reviews": [_queue(evidence, number) for number in range(len(evidence.queues))],
        "hazards": [row for run in evidence.runs for row in _hazards(run)],
    }


def _case(evidence: Evidence) -> dict[str, Any] | None:
    found = evidence.case
    if found is None:
        return None
    case = found.case
    return {
        "id": case.id,
        "title": case.title,
        "set_by": case.set_by,
        "set_on": case.set_on,
        "file": evidence.portfolio.path.name,
        "file_sha256": evidence.file_digest,
        "examples": evidence.portfolio.bundled,
        "best": found.best,
        "models": [_candidacy(one) for one in found.candidacies],
    }


def _candidacy(one: Candidacy) -> dict[str, Any]:
    return {
        "sha256": one.model,
        "standing": str(one.standing),
        "thresholds": [
            {
                **asdict(found.requirement),
                "standing": str(found.standing),
                "doubts": list(found.doubts),
                "value": found.value and found.value.value,
                "low": found.value and found.value.low,
                "high": found.value and found.value.high,
                "n": found.value.n if found.value else 0,
                "run": found.run,
            }
            for found in one.findings
        ],
    }


def _run(run: RunEvidence) -> dict[str, Any]:
    view = run.view
    return {
        "id": view.id,
        "created": view.created,
        "status": view.status,
        "key": run.key,
        "command": command(run),
        "settings": dict(run.settings),
        "sittings": [dict(one) for one in run.sittings],
        "engines": [{"model": model, "granted": dict(granted)} for model, granted in run.engines],
        "libraries": [dict(one) for one in run.libraries],
        "candidates": [one.sha256 for one in view.candidates],
        "judges": [one.sha256 for one in view.judges],
        "rows": asdict(run.rows),
        "summary": list(run.summary),
        "parts": [slice_record(one) for one in run.slices],
        "forgotten": run.forgotten,
    }


def _tasks(run: RunEvidence) -> Iterator[Mapping[str, Any]]:
    versions = {view.task.id: view.task.version for result in run.results for view in result.tasks}
    for row in run.tasks:
        yield {
            "run": run.view.id,
            "task": row["task"],
            "version": versions.get(row["task"], ""),
            "digest": row["digest"],
            "origin": row["origin"],
            "source": Path(row["source"]).name,
            "items": row["items"],
            "items_digest": row["items_digest"],
            "notes": json.loads(row["notes"]),
        }


def _queue(evidence: Evidence, number: int) -> dict[str, Any]:
    queue = evidence.queues[number]
    made = queue.report
    return {
        "queue": queue.name,
        "created": queue.created,
        "readers": list(queue.readers),
        "cards": made.cards,
        "decided": made.decided,
        "settled": made.settled,
        "judge_kappa": made.judge.kappa,
        "bound": made.bound,
        "bound_note": made.bound_note,
        "severities": dict(made.severities),
    }


def _hazards(run: RunEvidence) -> Iterator[dict[str, Any]]:
    for one in run.hazards:
        counted = {"findings": one.findings, "reviewed": one.reviewed, "confirmed": one.confirmed}
        counted["another_kind"] = one.another
        worst = one.worst.question
        yield {
            **{name: getattr(one, name) for name in ("run", "task", "candidate", "judge", "kind")},
            **counted,
            "severity": one.severity,
            "worst": {"item": worst.item, "part": worst.part, "review": one.worst.state},
        }
