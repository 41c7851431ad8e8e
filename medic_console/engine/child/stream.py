"""One answer while it is written: bytes to text, stop strings, thoughts."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.child.thinking import Phase, ThinkWatch, split_thinking
from medic_console.engine.protocol.port import Text
from medic_console.engine.template.think_forms import ThinkForm


class TextStream:
    """Collects the tokens of one answer.

    Attributes:
        tokens: Tokens pushed so far.
        thinking_tokens: How many of them belong to thoughts, their marks and those that open the answer included.
        stopped: A stop string, or a mark that ends the answer, was found behind any thoughts; the text ends before it.
        watch: Where the text is.
    """

    def __init__(self, prompt: Prompt, form: ThinkForm | None, opened: bool) -> None:
        self._stops = (*prompt.stop, *(form.ends if form is not None else ()))
        self._prompt = prompt
        self._form = form
        self._opened = opened
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._sent = 0
        self._unsent_tokens = 0
        self._hold = max((len(stop) for stop in self._stops), default=1) - 1
        self.watch = ThinkWatch(form, opened)
        self.tokens = 0
        self.thinking_tokens = 0
        self.stopped = False

    @property
    def answer_tokens(self) -> int:
        """Tokens of the answer itself."""
        return self.tokens - self.thinking_tokens

    def push(self, piece: bytes) -> Text | None:
        """Add a token's bytes and return the text that can be shown already."""
        self.tokens += 1
        self._unsent_tokens += 1
        before = self.watch.phase
        begin = max(0, len(self._text) - self._hold)
        self._text += self._decoder.decode(piece)
        if self.watch.look(self._text) is Phase.THINKING or (before is not Phase.ANSWERING and self.watch.end):
            self.thinking_tokens = self.tokens
        if self.watch.phase is Phase.ANSWERING:
            begin = max(begin, self.watch.end)
            places = [place for stop in self._stops if (place := self._text.find(stop, begin)) >= 0]
            if places:
                self._text, self.stopped = self._text[: min(places)], True
                return None
        return self._send(len(self._text) - self._hold)

    @property
    def rest(self) -> Text | None:
        """Text that was held back and is certain now."""
        return self._send(len(self._text))

    @property
    def thinking(self) -> str:
        """Thoughts so far, without their marks."""
        return split_thinking(self._text, self._form, self._opened).thinking

    def output(self, finish: FinishReason, measured: Mapping[str, Any]) -> Output:
        """Return the finished output; `measured` holds its counts and times."""
        self._text += "" if self.stopped else self._decoder.decode(b"", final=True)
        split = split_thinking(self._text, self._form, self._opened)
        return Output(
            split.answer,
            finish,
            output_tokens=self.tokens,
            thinking_tokens=self.thinking_tokens,
            thinking=split.thinking,
            thinking_closed=split.closed,
            **measured,
        )

    def _send(self, end: int) -> Text | None:
        if end <= self._sent:
            return None
        piece, self._sent = self._text[self._sent : end], end
        tokens, self._unsent_tokens = self._unsent_tokens, 0
        return Text(self._prompt.id, piece, tokens)
