"""Chat templates: messages to the text that a model was trained on.

The text depends on the template, its variables and the messages alone. Every turn of the messages is in it, or there
is no text: a prompt that lacks part of what is asked would be answered, and scored, all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from medic_console.core.errors import ModelFileError, TemplateFault, sentence
from medic_console.core.prompt_date import DATE
from medic_console.core.records import Message
from medic_console.engine.template.control_marks import ControlMarks
from medic_console.engine.template.jinja import Program
from medic_console.engine.template.probing import Form, Turn, arranged, check_whole, form_of, notes_of, rendered
from medic_console.engine.template.variables import Variables, own_variables

_MARK = "\ue000{}\ue001"
_MARKED = re.compile("\ue000(\\d+)\ue001")
_BRACKETED = re.compile(r"<[^\s<>]+>|\[[^\s\[\]]+\]")
HINT = "Name a working template with --chat-template FILE (Jinja text), or ask for completions: --chat-template none."


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of prompt text.

    Attributes:
        special: Whether control tokens in it are control tokens. False for such text inside a message, which is one
            mark and nothing else: a note that holds `<|im_end|>` must not end the turn.
    """

    text: str
    special: bool


class ChatTemplate:
    """A compiled chat template.

    Args:
        source: Jinja text.
        given: What it is given beside the messages; None: what it is given without a model.
        control: Texts of all control tokens.
        is_token: Tells whether a text is one token. What the template writes in brackets and is one marks turns too,
            whatever the file says of its type.
        date: What it takes for today, `YYYY-MM-DD`.
        form: How turns are given to it; None: what is found by trying.

    Raises:
        ModelFileError: The template cannot be compiled, fails on a plain conversation, or leaves part of it out.
    """

    def __init__(
        self,
        source: str,
        given: Variables | None = None,
        control: Iterable[str] = (),
        is_token: Callable[[str], bool] | None = None,
        date: str = DATE,
        form: Form | None = None,
    ) -> None:
        self.source, self.date = source, date
        self._given = dict(own_variables(source) if given is None else given)
        try:
            self._program = Program(source, date)
            self.form = form or form_of(self._rendered)
        except TemplateFault as fault:
            raise ModelFileError(sentence(f"The chat template cannot be used: {fault.message}"), HINT) from fault
        texts = {text for text in (*control, *(self._marks(is_token) if is_token else ())) if text}
        # a message may hold our own marks; they are marked too, or they would be taken for ours
        self._control = ControlMarks(texts, _MARKED, _MARK[0])

    @property
    def variables(self) -> Variables:
        """What the template is given beside the messages, the date among it."""
        return {**self._given, "date": self.date}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how prompts come about, in sentences."""
        return notes_of(self.source, self.form, self._program.empty, self._rendered)

    def render(self, messages: Sequence[Message]) -> str:
        """Return the prompt text up to where the assistant's turn begins.

        Raises:
            TemplateFault: The template fails on these messages, or leaves part of one out.
        """
        turns = [{"role": message.role, "content": message.content} for message in messages]
        try:
            text = self._rendered(arranged(turns, self.form))
            check_whole(text, turns)
        except TemplateFault as fault:
            raise TemplateFault(f"The chat template cannot be used on this prompt: {fault.message}.", HINT) from fault
        return text

    def _rendered(self, turns: Sequence[Turn]) -> str:
        return self._program.render(turns, self._given)

    def _marks(self, is_token: Callable[[str], bool]) -> Iterator[str]:
        """Yield what is one token of that which the template writes in brackets, in its source or around our turns."""
        shown = self.source + "".join(rendered(self._rendered, self.form))
        yield from filter(is_token, sorted(set(_BRACKETED.findall(shown))))

    def segments(self, messages: Sequence[Message]) -> list[Segment]:
        """Return the prompt text, cut where a message holds the text of a control token.

        Raises:
            TemplateFault: As `render`.
        """
        if not self._control:
            return [Segment(self.render(messages), special=True)]
        found: list[str] = []

        def mark(text: str) -> str:
            found.append(text)
            return _MARK.format(len(found) - 1)

        marked = [Message(m.role, self._control.replaced(m.content, mark)) for m in messages]
        pieces = _MARKED.split(self.render(marked)) if found else [self.render(marked)]
        segments = [
            Segment(found[int(piece)], special=False) if index % 2 else Segment(piece, special=True)
            for index, piece in enumerate(pieces)
        ]
        return [segment for segment in segments if segment.text]
