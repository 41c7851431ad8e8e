"""A prompt as a request of OpenAI's chat protocol, and the pieces of an answer as text, counts and an end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from medic_console.core.records import Message, Prompt
from medic_console.core.visible import one_line
from medic_console.engine.endpoint.faults import Cut, Rejected, fault_of
from medic_console.engine.protocol.served import Served

CHAT = "/chat/completions"
MOST_TEXT = 4 << 20
"""Characters of an answer and its thoughts; a server that writes more keeps no limit of tokens."""
_CUT_OFF = "length"


def request(served: Served, prompt: Prompt, max_tokens: int) -> dict[str, Any]:
    """Return the body that asks a prompt.

    Every setting of sampling is said, as servers and models bring their own: vLLM takes a model's penalties unasked.
    """
    body: dict[str, Any] = {
        "model": served.model,
        "messages": turns(prompt.messages),
        "max_tokens": max_tokens,
        "seed": prompt.seed,
        "temperature": prompt.temperature,
        "top_p": prompt.top_p,
        "stream": True,
        "stream_options": {"include_usage": True},
        **({"stop": list(prompt.stop)} if prompt.stop else {}),
    }
    if served.sampling:
        body |= {"repeat_penalty": prompt.repeat_penalty, "repetition_penalty": prompt.repeat_penalty}
        body |= {"frequency_penalty": 0.0, "presence_penalty": 0.0, "min_p": prompt.min_p}
        body |= {"top_k": 0} if prompt.temperature > 0 else {}
    return body


def whole(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a request whose answer comes in one piece."""
    return {name: value for name, value in body.items() if name not in ("stream", "stream_options")}


def turns(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    """Return a conversation as JSON."""
    return [{"role": message.role, "content": message.content} for message in messages]


@dataclass(slots=True)
class Heard:
    """An answer as far as it has come.

    Attributes:
        thinking: What the server sets apart as thoughts.
        finish: Why it ended, in the server's word; empty while it has not.
        prompt_tokens: 0 while the server has not said.
        output_tokens: As the server counted; while it has not, the pieces that came.
        model: Name that the answer carries.
        fingerprint: `system_fingerprint`, where there is one.
    """

    text: str = ""
    thinking: str = ""
    finish: str = ""
    prompt_tokens: int = 0
    output_tokens: int = 0
    model: str = ""
    fingerprint: str = ""
    counted: bool = False

    def take(self, piece: Any) -> str:
        """Add a piece and return the text that it brought.

        Raises:
            Cut: It tells of a fault of the server, or is nothing that the protocol knows.
            Unfit: It says so.
        """
        if not isinstance(piece, Mapping):
            raise Cut("a piece of the answer is no object")
        if piece.get("error") is not None:
            raise fault_in(piece["error"])
        self.model = self.model or one_line(str(piece.get("model") or ""), 200)
        self.fingerprint = self.fingerprint or one_line(str(piece.get("system_fingerprint") or ""), 200)
        self._count(piece.get("usage"))
        choices = piece.get("choices")
        if not isinstance(choices, list) or not choices:
            return ""
        choice = choices[0] if isinstance(choices[0], Mapping) else {}
        part = choice.get("delta") or choice.get("message") or {}
        text = part.get("content") or "" if isinstance(part, Mapping) else ""
        thought = (part.get("reasoning_content") or part.get("reasoning") or "") if isinstance(part, Mapping) else ""
        if not (isinstance(text, str) and isinstance(thought, str)):
            raise Cut("a piece of the answer is no text")
        self.text += text
        self.thinking += thought
        if len(self.text) + len(self.thinking) > MOST_TEXT:
            raise Cut(f"an answer went on beyond {MOST_TEXT:,} characters: the server keeps no limit of tokens")
        self.output_tokens += 0 if self.counted or not (text or thought) else 1
        self.finish = str(choice.get("finish_reason") or self.finish)
        return text

    def _count(self, usage: Any) -> None:
        if isinstance(usage, Mapping):
            prompt, output = usage.get("prompt_tokens"), usage.get("completion_tokens")
            if isinstance(prompt, int) and isinstance(output, int):
                self.prompt_tokens, self.output_tokens, self.counted = prompt, output, True

    @property
    def is_cut_off(self) -> bool:
        """Its token limit ended it."""
        return self.finish == _CUT_OFF


def fault_in(said: Any) -> Exception:
    """Return what a fault within a stream stands for; it is told there when the status was sent already."""
    code = said.get("code") if isinstance(said, Mapping) else None
    message = one_line(str(said.get("message", said) if isinstance(said, Mapping) else said), 400)
    found = fault_of(code if isinstance(code, int) else 500, message)
    return Cut(message) if isinstance(found, Rejected) and code is None else found
