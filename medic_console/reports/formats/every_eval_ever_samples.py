"""Samples in the form of Every Eval Ever: a line an item and metric, with its prompt, its output and its score."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.views import Call, ItemTrace
from medic_console.core.metrics import metric_of
from medic_console.core.records import Outcome
from medic_console.reports.formats.words import safe_values
from medic_console.reports.reader import EvidenceReader
from medic_console.statistics.metrics import counts_in, penalised

_line = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), allow_nan=False).encode


@dataclass(frozen=True, slots=True)
class Link:
    """What ties a line to its file of results.

    Attributes:
        results: Ids of the results by judge and metric.
    """

    version: str
    evaluation: str
    model: str
    results: Mapping[str, Mapping[str, str]]


def write_samples(reader: EvidenceReader, run: str, task: str, model: str, link: Link, path: Path) -> int:
    """Write the samples of a task of a run under a candidate, and return how many lines that are.

    An item that has no value of a metric has no line under it; how many those are stands with the results.
    """
    items = [row["id"] for row in reader.run_items(run, task)]
    written = 0
    with path.open("w", encoding="ascii", newline="\n") as file:
        for judge, results in link.results.items():
            traces = (reader.trace(run, task, item, model, judge) for item in items)
            for record in _records(traces, link, results, len(items)):
                file.write(_line(safe_values(record)) + "\n")
                written += 1
    if not written:
        path.unlink()
    return written


def _records(
    traces: Iterator[ItemTrace], link: Link, results: Mapping[str, str], total: int
) -> Iterator[dict[str, Any]]:
    for trace in traces:
        score = trace.score
        if score is None or not counts_in(score):
            continue
        for metric, result in results.items():
            found = metric_of(metric)
            if found.key or found.over or found.source not in score.values:
                continue
            count = total if found.by_count else 1
            value = penalised([score.values[found.source]] * count, found)[0]
            lower = next((one.better == "lower" for one in trace.task.metrics if one.id == metric), False)
            best = found.least if lower else found.most
            yield _record(trace, link, result, found.scale * value, value == best)


def sample_hash(raw: str, reference: Sequence[str]) -> str:
    """Return the digest by which the same sample is found in anybody's files (the format's own recipe)."""
    text = json.dumps({"raw": raw, "reference": list(reference)}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def reference_of(gold: Any) -> list[str]:
    """Return an item's reference as the format's list of texts."""
    if gold is None:
        return []
    return [gold if isinstance(gold, str) else json.dumps(gold, ensure_ascii=False, sort_keys=True)]


def _record(trace: ItemTrace, link: Link, result: str, value: float, best: bool) -> dict[str, Any]:
    score, calls = trace.score, [call for call in trace.calls if call.of_candidate]
    assert score is not None
    raw, reference = _asked(calls), safe_values(reference_of(trace.gold))
    several = len(calls) > 1
    found: dict[str, Any] = {
        "schema_version": link.version,
        "evaluation_id": link.evaluation,
        "model_id": link.model,
        "evaluation_name": f"medic.{trace.task.id}",
        "evaluation_result_id": result,
        "sample_id": trace.item,
        "sample_hash": sample_hash(safe_values(raw), reference),
        "interaction_type": "multi_turn" if several else "single_turn",
        "input": {"raw": raw, "reference": reference},
        "output": None if several else {"raw": [call.output.text for call in calls]},
        "answer_attribution": [_attribution(trace, several, len(calls))],
        "evaluation": {"score": value, "is_correct": best},
        "token_usage": _tokens(calls),
        "metadata": {"outcome": str(score.outcome), "verdict": score.verdict, "scorer": trace.scorer},
    }
    options = trace.fields.get("options")
    if isinstance(options, Mapping):
        found["input"]["choices"] = [f"{label}: {text}" for label, text in options.items()]
    if several:
        found["messages"] = list(_turns(calls))
        found["evaluation"]["num_turns"] = len(found["messages"])
    elif thoughts := [call.output.thinking for call in calls if call.output.thinking]:
        found["output"]["reasoning_trace"] = thoughts
    if calls:
        found["metadata"]["finish_reason"] = str(calls[-1].output.finish)
    if score.outcome is not Outcome.SCORED:
        found["error"] = ": ".join(filter(None, (str(score.reason or ""), score.detail)))
    return found


def _asked(calls: Sequence[Call]) -> str:
    """Return what the item asked: the last turn of a person before the first answer."""
    turns = [one["content"] for call in calls[:1] for one in call.prompt["messages"] if one["role"] == "user"]
    return turns[-1] if turns else ""


def _turns(calls: Sequence[Call]) -> Iterator[dict[str, Any]]:
    number = 0
    for call in calls:
        asked = [one for one in call.prompt["messages"] if one["role"] == "user"][-1:]
        for role, text in (*((one["role"], one["content"]) for one in asked), ("assistant", call.output.text)):
            yield {"turn_idx": number, "role": role, "content": text}
            number += 1


def _attribution(trace: ItemTrace, several: bool, calls: int) -> dict[str, Any]:
    assert trace.score is not None
    method = f"llm_judge: {trace.task.judge.method}" if trace.judge and trace.task.judge else trace.task.answer_reader
    turn = 2 * calls - 1 if several else 0
    return {
        "turn_idx": turn,
        "source": f"messages[{turn}].content" if several else "output.raw",
        "extracted_value": trace.score.answer,
        "extraction_method": method,
        "is_terminal": True,
    }


def _tokens(calls: Sequence[Call]) -> dict[str, int]:
    read = sum(call.output.prompt_tokens for call in calls)
    wrote = sum(call.output.output_tokens for call in calls)
    thought = sum(call.output.thinking_tokens for call in calls)
    return {"input_tokens": read, "output_tokens": wrote, "total_tokens": read + wrote, "reasoning_tokens": thought}
