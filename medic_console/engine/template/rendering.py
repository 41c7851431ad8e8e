"""The exact text of a prompt, its digest, and what decides it: for the child that asks and the trace that shows it."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from medic_console.core.digest import digest, text_digest
from medic_console.core.errors import ModelFileError
from medic_console.core.records import Message
from medic_console.engine.protocol.port import Rendering
from medic_console.engine.template.chat_template import ChatTemplate, Segment
from medic_console.engine.template.probing import Form
from medic_console.engine.template.think_forms import ThinkForm, form_named, form_of_template
from medic_console.engine.template.variables import Variables

_SYSTEM, _FIRST, _REPLY, _SECOND = "system probe", "first probe", "reply probe", "second probe"
_ASKED = (Message("user", _FIRST),)
_WITH_SYSTEM = (Message("system", _SYSTEM), *_ASKED)
_GONE_ON = (*_ASKED, Message("assistant", _REPLY), Message("user", _SECOND))


def prompt_segments(
    template: ChatTemplate, messages: Sequence[Message], form: ThinkForm | None, budget: int
) -> tuple[list[Segment], bool]:
    """Return a prompt as it is tokenised, and whether it ends inside thoughts.

    Args:
        form: Of the model's thoughts; None when it has none.
        budget: Most tokens of thoughts; at 0 those that the template opens are closed at once, and an answer that has
            to be opened is.
    """
    segments = template.segments(messages)
    if form is None:
        return segments, False
    end = segments[-1].text.rstrip()
    opened = end.endswith(form.opening.strip())
    if budget > 0:
        return segments, opened
    if opened:
        return [*segments, Segment(form.closing + form.between, special=True)], False
    if form.bound and not end.endswith(form.answer.strip()):
        return [*segments, Segment(form.answer, special=True)], False
    return segments, False


def rendering_of(template: ChatTemplate) -> Rendering:
    """Return what decides the text of a model's prompts, and what its template makes of a fixed conversation."""
    return Rendering(
        template=text_digest(template.source),
        variables=template.variables,
        renderer=_renderer(),
        probe=digest([_tried(template, messages) for messages in (_WITH_SYSTEM, _ASKED, _GONE_ON)]),
        own=own_words(template),
        form=template.form,
        notes=template.notes,
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
    source: str,
    variables: Variables,
    messages: Sequence[Mapping[str, str]],
    budget: int,
    form: Form | None = None,
    thinking: str | None = None,
) -> str:
    """Return the text of a prompt from what is stored of it.

    Args:
        source: Jinja text of the chat template.
        variables: `Rendering.variables`.
        messages: Role and content of each turn.
        budget: `Granted.thinking_budget`.
        form: `Rendering.form`; None where it was not stored.
        thinking: `Granted.thinking`; None where it was not stored.

    Raises:
        ModelFileError: The template cannot be used, or cannot be used on these messages.
    """
    template = _compiled(source, tuple(sorted(variables.items())), form)
    turns = [Message(turn["role"], turn["content"]) for turn in messages]
    thoughts = form_of_template(source) if thinking is None else form_named(thinking)
    segments, _ = prompt_segments(template, turns, thoughts, budget)
    return "".join(segment.text for segment in segments)


def _tried(template: ChatTemplate, messages: Sequence[Message]) -> str | None:
    try:
        return template.render(messages)
    except ModelFileError:
        return None


@lru_cache(maxsize=16)
def _compiled(source: str, variables: tuple[tuple[str, str | bool | int], ...], form: Form | None) -> ChatTemplate:
    given = dict(variables)
    date = str(given.pop("date"))
    return ChatTemplate(source, given, date=date, form=form)


@cache
def _renderer() -> str:
    return f"jinja2 {importlib.metadata.version('jinja2')}"
