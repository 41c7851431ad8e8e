"""The exact text of a prompt, its digest, and what decides it: for the child that asks and the trace that shows it."""

from __future__ import annotations

import hashlib
import importlib.metadata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

import jinja2

from medic_console.digest import digest
from medic_console.engine.port import Rendering
from medic_console.engine.template import ChatTemplate, Segment
from medic_console.engine.thinking import think_tags
from medic_console.errors import ModelFileError
from medic_console.records import Message

_SYSTEM, _FIRST, _REPLY, _SECOND = "system probe", "first probe", "reply probe", "second probe"
_ASKED = (Message("user", _FIRST),)
_WITH_SYSTEM = (Message("system", _SYSTEM), *_ASKED)
_GONE_ON = (*_ASKED, Message("assistant", _REPLY), Message("user", _SECOND))
FAULTS = (jinja2.TemplateError, ModelFileError, KeyError, TypeError, ValueError)
"""What rendering may end with."""


def text_digest(text: str) -> str:
    """Return `sha256:` and the digest of a text; half a surrogate pair counts as it is."""
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def prompt_segments(
    template: ChatTemplate, messages: Sequence[Message], tags: Sequence[str], budget: int
) -> tuple[list[Segment], bool]:
    """Return a prompt as it is tokenised, and whether it ends inside a think block.

    Args:
        tags: Opening and closing tag of a think block; empty when the model has none.
        budget: Most tokens of a think block; at 0 one that the template opens is closed at once.
    """
    segments = template.segments(messages)
    opened = bool(tags) and segments[-1].text.rstrip().endswith(tags[0])
    if opened and budget <= 0:
        return [*segments, Segment(f"{tags[1]}\n\n", special=True)], False
    return segments, opened


def rendering_of(template: ChatTemplate) -> Rendering:
    """Return what decides the text of a model's prompts, and what its template makes of a fixed conversation."""
    return Rendering(
        template=text_digest(template.source),
        variables=template.variables,
        renderer=_renderer(),
        probe=digest([_tried(template, messages) for messages in (_WITH_SYSTEM, _ASKED, _GONE_ON)]),
        own=own_words(template),
    )


def own_words(template: ChatTemplate) -> str:
    """Return what a template writes before the first turn when it is given no system turn; empty when nothing.

    What stands before a later user turn is how a turn begins; whatever else stands before the first is its own.
    """
    alone, gone_on = _tried(template, _ASKED), _tried(template, _GONE_ON)
    if alone is None or gone_on is None:
        return ""
    first = alone.partition(_FIRST)[0].removeprefix(str(template.variables["bos_token"]))
    later = gone_on.rpartition(_SECOND)[0].rpartition(_REPLY)[2]
    same = 0
    while same < min(len(first), len(later)) and first[-1 - same] == later[-1 - same]:
        same += 1
    return first[: len(first) - same].strip()


def rendered_again(
    source: str, variables: Mapping[str, str | bool], messages: Sequence[Mapping[str, str]], budget: int
) -> str:
    """Return the text of a prompt from what is stored of it.

    Args:
        source: Jinja text of the chat template.
        variables: `Rendering.variables`.
        messages: Role and content of each turn.
        budget: `Granted.thinking_budget`.

    Raises:
        ModelFileError: The template cannot be used.
        jinja2.TemplateError: It cannot be used on these messages.
    """
    template = _compiled(source, tuple(sorted(variables.items())))
    turns = [Message(turn["role"], turn["content"]) for turn in messages]
    segments, _ = prompt_segments(template, turns, think_tags(source) or (), budget)
    return "".join(segment.text for segment in segments)


def _tried(template: ChatTemplate, messages: Sequence[Message]) -> str | None:
    try:
        return template.render(messages)
    except FAULTS:
        return None


@lru_cache(maxsize=16)
def _compiled(source: str, variables: tuple[tuple[str, str | bool], ...]) -> ChatTemplate:
    given = dict(variables)
    return ChatTemplate(
        source,
        bos=str(given["bos_token"]),
        eos=str(given["eos_token"]),
        thinks=bool(given["enable_thinking"]),
        date=str(given["date"]),
    )


@cache
def _renderer() -> str:
    return f"jinja2 {importlib.metadata.version('jinja2')}"
