"""One item of a stored run as a JSON document: its source, what was asked and answered, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medic_console.archive.views import Call, ItemTrace
from medic_console.core.records import CefTrace, CrossAnswer, SqlResult
from medic_console.results.rendered import rendered_prompt
from medic_console.results.request_words import prompt_tokens
from medic_console.results.trace_lines import outcome_told


def trace_record(trace: ItemTrace, rendered: bool = True) -> dict[str, Any]:
    """Return all that is stored of an item under a candidate and a judge.

    Args:
        rendered: Render each prompt again and hold it against its digest; else the digest alone stands there.
    """
    score, judge = trace.score, trace.judge
    return {
        "item": trace.item,
        "run": trace.run,
        "task": trace.task.id,
        "task_version": trace.task.version,
        "model": trace.candidate.name,
        "model_file": Path(trace.candidate.file).name,
        "model_sha256": trace.candidate.sha256,
        "judge": judge.name if judge else "",
        "judge_file": Path(judge.file).name if judge else "",
        "judge_sha256": judge.sha256 if judge else "",
        "provisional": trace.provisional,
        "kinship": trace.kin,
        "group": trace.group,
        "fields": dict(trace.fields),
        "outcome": outcome_told(trace),
        "reason": str(score.reason or "") if score else "",
        "verdict": score.verdict if score else "",
        "detail": score.detail if score else "",
        "answer": score.answer if score else "",
        "truncated": score.truncated if score else False,
        "gold": trace.gold,
        "values": {name: _rounded(value) for name, value in score.values.items()} if score else {},
        "traceback": score.traceback if score else "",
        "scorer": trace.scorer,
        "libraries": None if trace.libraries is None else dict(trace.libraries),
        "cross_examination": _cef(trace.cef),
        "sql": [_sql(one) for one in score.sql] if score else [],
        "matches": [{**asdict(one), "result": str(one.result)} for one in score.matches] if score else [],
        "criteria": [asdict(one) for one in score.criteria] if score else [],
        "requests": [_call(call, rendered) for call in trace.calls],
        "by_judge": [trace_record(one, rendered) for one in trace.by_judge],
    }


def _cef(trace: CefTrace | None) -> dict[str, Any] | None:
    if trace is None:
        return None
    return {
        "source_questions": [_asked(one) for one in trace.source_questions],
        "generated_questions": [_asked(one) for one in trace.generated_questions],
        "lists": [asdict(one) for one in trace.lists],
    }


def _asked(one: CrossAnswer) -> dict[str, Any]:
    return {
        "question": one.question,
        "gold": str(one.gold) if one.gold else None,
        "predicted": str(one.predicted) if one.predicted else None,
        "probabilities": _shares(one.probabilities),
        "raw": one.raw,
    }


def _sql(one: SqlResult) -> dict[str, Any]:
    rows = [[f"{len(cell)} bytes" if isinstance(cell, bytes) else cell for cell in row] for row in one.rows]
    return {**asdict(one), "columns": list(one.columns), "rows": rows}


def _call(call: Call, rendered: bool) -> dict[str, Any]:
    output = call.output
    made = rendered_prompt(call) if rendered else None
    return {
        "step": call.step,
        "model": call.model,
        "prompt": dict(call.prompt),
        "rendered": {
            "digest": output.rendered,
            "text": made.text if made else "",
            "note": made.note if made else "not rendered again",
        },
        "text": output.text,
        "thinking": output.thinking,
        "finish": str(output.finish),
        "prompt_tokens": prompt_tokens(call),
        "output_tokens": output.output_tokens,
        "thinking_tokens": output.thinking_tokens,
        "seconds": _rounded(output.seconds),
        "probabilities": _shares(output.probabilities),
        "outside": _rounded(output.outside),
        "granted": dict(call.granted),
    }


def _shares(found: Mapping[str, float]) -> dict[str, float]:
    return {str(label): _rounded(share) for label, share in found.items()}


def _rounded(value: float) -> float:
    return round(value, 6)
