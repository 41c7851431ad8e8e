"""One prompt's answer from a server, as an output of ours: limits, thoughts, choices, and what does not fit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from medic_console.core.errors import EngineChanged
from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.child.thinking import split_thinking
from medic_console.engine.endpoint.asking import CHAT, Heard, request, whole
from medic_console.engine.endpoint.choosing import choice_tokens, chosen, following, held_to, read, weighing
from medic_console.engine.endpoint.client import Line
from medic_console.engine.endpoint.faults import Cut, Unfit
from medic_console.engine.protocol.port import MIN_ROOM
from medic_console.engine.protocol.served import CONSTRAINED, LOGPROBS, Served

_ENDS = frozenset({"stop", "length", "eos", "eos_token", "tool_calls", "function_call"})
"""Ends that leave an answer as the model meant it, or as its limit left it; of any other one nothing is taken."""


@dataclass(frozen=True, slots=True)
class Answering:
    """How a served model is asked.

    Attributes:
        thinking_budget: Tokens that it may take beside its answer.
        seconds: Longest answer.
    """

    served: Served
    thinking_budget: int
    seconds: float


def answered(line: Line, asking: Answering, prompt: Prompt, heard: Callable[[str], None], at_once: bool) -> Output:
    """Return a server's answer to a prompt.

    Args:
        heard: Called with each piece of text; may raise to stop.
        at_once: Ask for all of it in one piece.

    Raises:
        Unanswered: Nothing was begun.
        Cut: It broke off.
        Rejected: The server does not take this prompt.
        EngineError: What answers is no such server, or another model.
    """
    want = wanted_tokens(asking, prompt)
    try:
        return _fitting(asking, prompt, want, _asked(line, asking, prompt, want, heard, at_once))
    except Unfit as error:
        context = error.context or asking.served.context
        room = context - error.prompt
        if error.prompt and min(want, MIN_ROOM) <= room < want:
            return _fitting(asking, prompt, room, _asked(line, asking, prompt, room, heard, at_once))
        return Output("", FinishReason.OVERFLOW, error.prompt, max_tokens=want, context=context)


def wanted_tokens(asking: Answering, prompt: Prompt) -> int:
    """Return how many tokens an answer may take."""
    if prompt.labels:
        return choice_tokens(prompt.labels)
    return prompt.max_tokens + asking.thinking_budget


def _fitting(asking: Answering, prompt: Prompt, granted: int, output: Output) -> Output:
    """Return an output with its limits; one that had less room than an engine of ours asks for does not fit."""
    context = asking.served.context
    least = 1 if prompt.labels else min(granted, MIN_ROOM)
    if context and output.prompt_tokens > context - least:
        return Output("", FinishReason.OVERFLOW, output.prompt_tokens, max_tokens=granted, context=context)
    return replace(output, max_tokens=granted, context=context)


def _asked(
    line: Line, asking: Answering, prompt: Prompt, tokens: int, heard: Callable[[str], None], at_once: bool
) -> Output:
    served = asking.served
    if prompt.labels and served.choosing == LOGPROBS:
        answer = line.ask(CHAT, weighing(served, prompt))
        return chosen(prompt, answer, _output(served, _taken([answer], served, heard, asking.seconds)))
    body = request(served, prompt, tokens)
    form = served.constraint if served.choosing == CONSTRAINED else ""
    if prompt.labels:
        body |= held_to(form, prompt.labels) if form else {}
    elif prompt.grammar:
        body |= following(served.constraint, prompt.grammar)
    if at_once:
        found = _taken([line.ask(CHAT, whole(body))], served, heard, asking.seconds)
    else:
        with line.stream(CHAT, body) as pieces:
            found = _taken(pieces, served, heard, asking.seconds)
    output = _output(served, found)
    return read(prompt, output, form) if prompt.labels else output


def _taken(pieces: Any, served: Served, heard: Callable[[str], None], seconds: float) -> Heard:
    """Return an answer when all of it has come.

    Raises:
        Cut: It did not come to an end, or not in time.
        EngineChanged: Another model answers.
    """
    found, until = Heard(), time.monotonic() + seconds
    for piece in pieces:
        heard(found.take(piece))
        if found.model and served.answers_as and found.model != served.answers_as:
            raise EngineChanged(
                f"{served.address}: an answer came from {found.model}, not from {served.answers_as}.",
                "Serve the first one again and resume, or start a new run.",
            )
        if time.monotonic() > until:
            raise Cut(f"an answer was not at its end after {seconds:g} seconds")
    if found.finish not in _ENDS:
        raise Cut(f"an answer ended {f'for {found.finish}' if found.finish else 'without saying why'}")
    return found


def _output(served: Served, found: Heard) -> Output:
    """Return an answer with its thoughts set apart, by the server or by their marks."""
    finish = FinishReason.LENGTH if found.is_cut_off else FinishReason.STOP
    if found.thinking:
        thinking, text, closed = found.thinking.strip(), found.text.lstrip(), bool(found.text) or not found.is_cut_off
    else:
        split = split_thinking(found.text)
        thinking, text, closed = split.thinking, split.answer, split.closed
    return Output(
        text,
        finish,
        found.prompt_tokens,
        found.output_tokens,
        thinking=thinking,
        thinking_closed=closed,
    )
