"""One item of a stored run in texts with titles: each request, the text that the model got, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator

from medic_console.archive.views import Call, ItemTrace
from medic_console.engine.protocol.conditions import deciding, in_words, layers_in_words
from medic_console.results.rendered import rendered_prompt
from medic_console.results.request_words import is_served, lengths, thought
from medic_console.scoring.scorers.toolchain import shown

_LIMITS = ("context", "parallel", "cells", "batch", "threads", "kv_type", "thinking_budget")


def outcome_told(trace: ItemTrace) -> str:
    """Return how an item ended, in a word."""
    return str(trace.score.outcome) if trace.score else "waiting"


def verdict_lines(trace: ItemTrace) -> Iterator[str]:
    """Yield what came of an item, "name: value" each; texts are as they were stored."""
    score = trace.score
    if score is not None:
        told = {"verdict": score.verdict, "reason": str(score.reason or ""), "detail": score.detail}
        told["answer"] = score.answer
        yield from (f"{name}: {text}" for name, text in told.items() if text)
    if trace.gold not in ("", None):
        yield f"gold: {trace.gold}"
    yield f"scorer: {trace.scorer}"
    if score is not None:
        if score.traceback:
            yield f"traceback: {score.traceback}"
        yield from (f"value {name}: {round(value, 6)}" for name, value in score.values.items())
    if score is not None and (made := shown(trace.libraries)):
        yield f"libraries: {made}"


def parts(trace: ItemTrace) -> Iterator[tuple[str, str]]:
    """Yield every text of an item's requests with a title, in their order; texts are as they were stored."""
    for call in trace.calls:
        yield from ((f"{call.step}: {title}", text) for title, text in texts(call))


def texts(call: Call) -> Iterator[tuple[str, str]]:
    """Yield the texts of one request with a title, and under what limits it was answered."""
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
    yield ", ".join(lengths(call)) + thought(call)
    yield f"ended by {output.finish} after {output.seconds:.1f} s"
    if is_served(call):
        yield from in_words(deciding(granted))
        return
    limits = [f"{name.replace('_', ' ')} {granted[name]}" for name in _LIMITS if name in granted]
    limits += [f"{granted['workers']} engines"] if granted.get("workers", 1) > 1 else []
    limits += [layers_in_words(int(granted["gpu_layers"]))] if "gpu_layers" in granted else []
    yield ", ".join(limits)
    yield from in_words(deciding(granted))
    yield from map(str, granted.get("notes", ()))
    yield str(granted.get("build", ""))
