"""One item of a stored run, whole: what each request was made of, the text that the model got, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from medic_console.archive.views import Call, ItemTrace
from medic_console.commands.figures import rounded
from medic_console.core.naming import full
from medic_console.core.visible import plain
from medic_console.results.rendered import rendered_prompt
from medic_console.results.trace_lines import outcome_told, parts, verdict_lines


def trace_json(trace: ItemTrace) -> dict[str, Any]:
    """Return an item's trace as JSON."""
    score = trace.score
    return {
        "item": trace.item,
        "model": trace.candidate.name,
        "model_file": Path(trace.candidate.file).name,
        "judge": trace.judge.name if trace.judge else "",
        "judge_file": Path(trace.judge.file).name if trace.judge else "",
        "outcome": outcome_told(trace),
        "reason": str(score.reason or "") if score else "",
        "verdict": score.verdict if score else "",
        "detail": score.detail if score else "",
        "answer": score.answer if score else "",
        "gold": trace.gold,
        "values": {name: rounded(value) for name, value in score.values.items()} if score else {},
        "traceback": score.traceback if score else "",
        "scorer": trace.scorer,
        "libraries": None if trace.libraries is None else dict(trace.libraries),
        "requests": [_call_json(call) for call in trace.calls],
    }


def print_trace(console: Console, trace: ItemTrace) -> None:
    """Print an item's trace, part by part under a title each."""
    judge = f", judge {full(trace.judge)}" if trace.judge else ""
    head = f"{trace.item} by {full(trace.candidate)}{judge}: {outcome_told(trace)}"
    _part(console, head, "\n".join(verdict_lines(trace)))
    for title, text in parts(trace):
        _part(console, title, text)


def _call_json(call: Call) -> dict[str, Any]:
    output, rendered = call.output, rendered_prompt(call)
    return {
        "step": call.step,
        "model": call.model,
        "prompt": dict(call.prompt),
        "rendered": {"digest": rendered.digest, "text": rendered.text, "note": rendered.note},
        "text": output.text,
        "thinking": output.thinking,
        "finish": str(output.finish),
        "prompt_tokens": output.prompt_tokens,
        "output_tokens": output.output_tokens,
        "thinking_tokens": output.thinking_tokens,
        "seconds": rounded(output.seconds),
        "probabilities": {label: rounded(share) for label, share in output.probabilities.items()},
        "granted": dict(call.granted),
    }


def _part(console: Console, title: str, text: str) -> None:
    console.print(plain(title), style="bold", markup=False, highlight=False)
    console.print(f"{plain(text)}\n", markup=False, highlight=False)
