"""The choice among labels by what a server gives: how likely each is, an answer held to them, or what it writes.

A label's probability is that of all its spellings (`texts_of`), as an engine of ours weighs them, as far as the server
tells: of each place it names the likeliest tokens only, and of what it did not write itself only the next token. What
it does not tell is left out, so that a label never has more than it holds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.child.labels import texts_of
from medic_console.engine.endpoint.asking import turns
from medic_console.engine.protocol.served import Served

TOP = 20
"""Tokens that are asked for at each place: the most that OpenAI's protocol knows."""
_UNLIKELY = -60.0
"""Log probability below which a token is as good as none: a server that has drawn already gives such to all others."""
_LEAST = 3
"""Tokens with a probability at a place, below which a server weighs nothing."""
_MARGIN, _MOST = 2, 8
"""Tokens of a choice: a mark before the label, and its end; most of them."""


def weighing(served: Served, prompt: Prompt) -> dict[str, Any]:
    """Return the body that asks how likely labels are."""
    return {
        "model": served.model,
        "messages": turns(prompt.messages),
        "max_tokens": choice_tokens(prompt.labels),
        "temperature": 0.0,
        "seed": prompt.seed,
        "logprobs": True,
        "top_logprobs": TOP,
    }


def choice_tokens(labels: Sequence[str]) -> int:
    """Return how many tokens a choice may take."""
    return min(_MOST, _MARGIN + max(map(len, labels)))


def held_to(form: str, labels: Sequence[str]) -> dict[str, Any]:
    """Return the fields that hold an answer to labels.

    Args:
        form: A name of `FORMS`.
    """
    if form == SCHEMA:
        schema = {"type": "string", "enum": list(labels)}
        return {"response_format": {"type": "json_schema", "json_schema": {"name": "label", "schema": schema}}}
    quoted = " | ".join('"' + label.replace("\\", "\\\\").replace('"', '\\"') + '"' for label in labels)
    return following(form, f"root ::= {quoted}")


def following(form: str, grammar: str) -> dict[str, Any]:
    """Return the fields that hold an answer to a grammar; none where the server has no such field."""
    if form in ("", SCHEMA):
        return {}
    return {form: {"grammar": grammar}} if form == "structured_outputs" else {form: grammar}


SCHEMA = "response_format"
FORMS = ("grammar", "structured_outputs", "guided_grammar", "ebnf", SCHEMA)
"""Fields that hold an answer: of llama.cpp's servers, of vLLM now and before, of SGLang, and of OpenAI."""


def places(answer: Any) -> list[dict[str, float]]:
    """Return of each place of an answer the probability of the likeliest tokens, by their text; empty without any.

    A token that a server names twice at a place, as several tokens may have one text, counts with each.
    """
    try:
        content = answer["choices"][0]["logprobs"]["content"]
        found = []
        for place in content:
            shares: dict[str, float] = {}
            for one in place["top_logprobs"]:
                text, log = str(one["token"]), float(one["logprob"])
                if log > _UNLIKELY and not math.isnan(log):
                    shares[text] = shares.get(text, 0.0) + math.exp(min(log, 0.0))
            found.append(shares)
        return found
    except (KeyError, IndexError, TypeError, ValueError):
        return []


def weighs(answer: Any) -> bool:
    """Tell whether a server told how likely several tokens are, and not what it drew alone."""
    found = places(answer)
    return bool(found) and len(found[0]) >= _LEAST and math.fsum(found[0].values()) <= 1.001


def written(answer: Any) -> list[str]:
    """Return the tokens that were written, as texts."""
    try:
        return [str(place["token"]) for place in answer["choices"][0]["logprobs"]["content"]]
    except (KeyError, IndexError, TypeError):
        return []


def label_shares(labels: Sequence[str], answer: Any) -> dict[str, float]:
    """Return the probability of each label, as far as an answer tells.

    The way that was written is followed while it may still become a label; at each place the tokens beside it are
    looked at too. What goes on from one label to another ("1" and "10") is taken from the first.
    """
    owners = _owners(labels)
    found = dict.fromkeys(labels, 0.0)
    begun, reached, passed = "", 1.0, ""
    for shares, token in zip(places(answer), written(answer), strict=False):
        for text, share in shares.items():
            owner = owners.get(begun + text, "") if text else ""
            if owner:
                found[owner] += reached * share
                if passed:
                    found[passed] -= reached * share
        begun, reached = begun + token, reached * shares.get(token, 0.0)
        passed = owners.get(begun, "") or passed
        if not any(text != begun and text.startswith(begun) for text in owners):
            break
    return {label: min(1.0, max(0.0, share)) for label, share in found.items()}


def _owners(labels: Sequence[str]) -> dict[str, str]:
    """Return whose each spelling is; one of several labels is the one's whose own text it is, or nobody's."""
    found: dict[str, str] = {}
    for label in labels:
        for text in texts_of(label):
            found[text] = "" if text in found else label
    return {**found, **{label: label for label in labels}}


def chosen(prompt: Prompt, answer: Any, output: Output) -> Output:
    """Return an answer with the labels weighed; its text is the likeliest label."""
    shares = label_shares(prompt.labels, answer)
    best = max(shares.values())
    text = next(label for label, share in shares.items() if share == best) if best > 0 else output.text.strip()
    outside = max(0.0, 1.0 - math.fsum(shares.values()))
    return replace(output, text=text, finish=FinishReason.STOP, probabilities=shares, outside=outside)


def read(prompt: Prompt, output: Output, form: str) -> Output:
    """Return an answer that was written as a choice: whole where it is a label and nothing else.

    Args:
        form: By which it was held to them; empty: it was not.
    """
    text = output.text.strip()
    if form == SCHEMA and len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    exact = {spelling.strip(): label for spelling, label in _owners(prompt.labels).items()}.get(text)
    return replace(output, text=exact, finish=FinishReason.STOP) if exact else replace(output, text=text)
