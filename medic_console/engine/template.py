"""Chat templates: messages to the text that a model was trained on (Jinja, sandboxed).

The text depends on the template, its variables and the messages alone: `strftime_now` is a date that is given, and
what would draw at random is taken away.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from medic_console.engine.port import DATE
from medic_console.errors import ModelFileError, sentence
from medic_console.records import Message

_MARK = "\ue000{}\ue001"
_MARKED = re.compile("\ue000(\\d+)\ue001")
_OF_THE_MACHINE = re.compile("%([%s])")
"""`%s` counts seconds in the machine's time zone; `%%s` is no such thing."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of prompt text.

    Attributes:
        special: Whether control tokens in it are control tokens. False for such text inside a message:
            a note that holds `<|im_end|>` must not end the turn.
    """

    text: str
    special: bool


class ChatTemplate:
    """A compiled chat template.

    Args:
        source: Jinja text.
        bos: Text of the beginning token.
        eos: Text of the end token.
        control: Texts of all control tokens.
        thinks: What the template is told under `enable_thinking`.
        date: What it takes for today, `YYYY-MM-DD`.

    Raises:
        ModelFileError: The template cannot be compiled, or fails on a plain conversation.
    """

    def __init__(
        self,
        source: str,
        bos: str = "",
        eos: str = "",
        control: Iterable[str] = (),
        thinks: bool = True,
        date: str = DATE,
    ) -> None:
        environment = ImmutableSandboxedEnvironment(
            trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
        )
        environment.globals["raise_exception"] = _raise
        environment.globals["strftime_now"] = partial(_strftime, datetime.date.fromisoformat(date))
        del environment.globals["lipsum"], environment.filters["random"]
        self.source, self.date = source, date
        texts = sorted({text for text in control if text}, key=len, reverse=True)
        # a message may hold our own marks; they are marked too, or they would be taken for ours
        self._control = re.compile("|".join([*map(re.escape, texts), _MARKED.pattern])) if texts else None
        self.merges_system = False
        self._variables: dict[str, str | bool] = {"bos_token": bos, "eos_token": eos, "enable_thinking": thinks}
        try:
            self._template = environment.from_string(source)
            self._probe()
        except (jinja2.TemplateError, TypeError, ValueError) as error:
            raise ModelFileError(
                sentence(f"The chat template cannot be used: {error}"),
                "Name a working template with --chat-template FILE (Jinja text).",
            ) from error

    @property
    def variables(self) -> Mapping[str, str | bool]:
        """What the template is given beside the messages, the date among it."""
        return {**self._variables, "date": self.date}

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt text up to where the assistant's turn begins."""
        turns = [{"role": m.role, "content": m.content} for m in self._arranged(messages)]
        text = self._template.render(messages=turns, add_generation_prompt=True, **self._variables)
        return str(text)

    def segments(self, messages: Sequence[Message]) -> list[Segment]:
        """Return the prompt text, cut where a message holds the text of a control token."""
        if self._control is None:
            return [Segment(self.render(messages), special=True)]
        found: list[str] = []

        def mark(match: re.Match[str]) -> str:
            found.append(match.group())
            return _MARK.format(len(found) - 1)

        marked = [Message(m.role, self._control.sub(mark, m.content)) for m in messages]
        pieces = _MARKED.split(self.render(marked)) if found else [self.render(marked)]
        segments = [
            Segment(found[int(piece)], special=False) if index % 2 else Segment(piece, special=True)
            for index, piece in enumerate(pieces)
        ]
        return [segment for segment in segments if segment.text]

    def _arranged(self, messages: Sequence[Message]) -> Sequence[Message]:
        if not self.merges_system or not messages or messages[0].role != "system":
            return messages
        system, first, *rest = messages
        return [Message(first.role, f"{system.content}\n\n{first.content}"), *rest]

    def _probe(self) -> None:
        conversation = [Message("system", "s"), Message("user", "u")]
        try:
            self.render(conversation)
        except jinja2.TemplateError:
            self.merges_system = True
            self.render(conversation)


def _raise(message: str) -> None:
    raise jinja2.TemplateError(message)


def _strftime(day: datetime.date, form: str) -> str:
    """Return the beginning of a day as the template writes it, alike on every machine."""

    def second(match: re.Match[str]) -> str:
        return str(calendar.timegm(day.timetuple())) if match[1] == "s" else match[0]

    return datetime.datetime.combine(day, datetime.time()).strftime(_OF_THE_MACHINE.sub(second, form))
