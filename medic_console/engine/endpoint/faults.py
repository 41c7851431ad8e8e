"""What can go wrong between us and a server, by what is to be done about it."""

from __future__ import annotations

import re

_LATER = frozenset({408, 425, 429, 502, 503, 504})
_CONTEXT = re.compile(r"(?:context (?:length|window|size)[^\d]{0,40}|available context[^\d]{0,40})(\d+)", re.I)
_PROMPT = re.compile(
    r"\((\d+) (?:in the messages|in your prompt)|has (?:at least )?(\d+) input tokens|request \((\d+) tokens\)"
    r"|(\d+) (?:prompt|input) tokens|input length \((\d+)|Requested tokens \((\d+)\)",
    re.I,
)
_UNFIT = re.compile(r"context.{0,20}(?:length|window|size)|exceed.{0,40}context|longer than the maximum model", re.I)


class Unanswered(Exception):
    """The server is not there or takes nothing now (refused, 429, 503): nothing was begun, so asking again is safe.

    Attributes:
        wait: Seconds that it asks for; None when it says nothing.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Cut(Exception):
    """An answer ended before its end, or no more of it came in time."""


class Rejected(Exception):
    """The server does not take this one request; others may be taken."""


class Unfit(Exception):
    """Prompt and answer do not fit the server's context.

    Attributes:
        prompt: Tokens of the prompt; 0 when the server does not say.
        context: Tokens that fit; 0 when the server does not say.
    """

    def __init__(self, message: str, prompt: int = 0, context: int = 0) -> None:
        super().__init__(message)
        self.prompt = prompt
        self.context = context


def fault_of(code: int, said: str, wait: float | None = None) -> Exception:
    """Return what a status with its message stands for.

    Args:
        wait: Seconds that the server asks for.
    """
    if code in _LATER:
        return Unanswered(f"it takes nothing now ({code}): {said}", wait)
    if _UNFIT.search(said):
        return Unfit(said, _number(_PROMPT, said), _number(_CONTEXT, said))
    return Rejected(f"{code}: {said}")


def _number(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.search(text)
    said = next((group for group in found.groups() if group), "") if found else ""
    return int(said) if len(said) < 12 else 0
