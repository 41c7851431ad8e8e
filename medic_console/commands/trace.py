"""One item of a stored run, whole: what each request was made of, the text that the model got, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console

from medic_console.archive.views import Call, ItemTrace
from medic_console.commands.figures import rounded
from medic_console.core.visible import plain
from medic_console.engine.protocol.conditions import deciding, in_words, layers_in_words
from medic_console.results.rendered import rendered_prompt
from medic_console.scoring.scorers.toolchain import shown


def trace_json(trace: ItemTrace) -> dict[str, Any]:
    """Return an item's trace as JSON."""
    score = trace.score
    return {
        "item": trace.item,
        "model": trace.candidate.name,
        "judge": trace.judge.name if trace.judge else "",
        "outcome": str(score.outcome) if score else "waiting",
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
    record = trace_json(trace)
    judge = f", judge {record['judge']}" if record["judge"] else ""
    _part(console, f"{trace.item} by {record['model']}{judge}: {record['outcome']}", _verdict(record))
    for call in trace.calls:
        for title, text in _parts(call):
            _part(console, f"{call.step}: {title}", text)


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


def _verdict(record: Mapping[str, Any]) -> str:
    names = ("verdict", "reason", "detail", "answer", "gold", "scorer", "traceback")
    lines = [f"{name}: {record[name]}" for name in names if record[name] not in ("", None)]
    lines += [f"value {name}: {value}" for name, value in record["values"].items()]
    made = shown(record["libraries"]) if record["outcome"] != "waiting" else ""
    return "\n".join([*lines, *([f"libraries: {made}"] if made else [])])


def _parts(call: Call) -> Iterator[tuple[str, str]]:
    output, rendered = call.output, rendered_prompt(call)
    for message in call.prompt["messages"]:
        yield str(message["role"]), str(message["content"])
    yield "rendered prompt", "\n".join(part for part in (rendered.text, rendered.digest, rendered.note) if part)
    if output.thinking:
        yield "thinking", output.thinking
    yield "output", output.text or "empty"
    if output.probabilities:
        yield "probabilities", "\n".join(f"{label} {share:.4f}" for label, share in output.probabilities.items())
    yield "limits and engine", "\n".join(_engine(call))


def _engine(call: Call) -> Iterator[str]:
    output, granted = call.output, call.granted
    thought = f", {output.thinking_tokens:,} of them for thinking" if output.thinking_tokens else ""
    yield f"prompt {output.prompt_tokens:,} tokens, output {output.output_tokens:,} tokens{thought}"
    yield f"ended by {output.finish} after {output.seconds:.1f} s"
    limits = [f"{name.replace('_', ' ')} {granted[name]}" for name in _LIMITS if name in granted]
    limits += [layers_in_words(int(granted["gpu_layers"]))] if "gpu_layers" in granted else []
    yield ", ".join(limits)
    yield from in_words(deciding(granted))
    yield from map(str, granted.get("notes", ()))
    yield str(granted.get("build", ""))


_LIMITS = ("context", "parallel", "cells", "batch", "threads", "kv_type", "thinking_budget")


def _part(console: Console, title: str, text: str) -> None:
    console.print(plain(title), style="bold", markup=False, highlight=False)
    console.print(f"{plain(text)}\n", markup=False, highlight=False)
