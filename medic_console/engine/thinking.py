"""Keep a reasoning model's think block apart from its answer."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

KNOWN_TAGS = (("<think>", "</think>"), ("<|channel>thought", "<channel|>"))


def think_tags(template: str) -> tuple[str, str] | None:
    """Return opening and closing tag of the think block that a chat template knows; None without one."""
    return next((tags for tags in KNOWN_TAGS if tags[1] in template), None)


class Phase(Enum):
    """Where a growing text is."""

    UNDECIDED = "undecided"
    """Too short to tell whether it opens a think block."""
    THINKING = "thinking"
    ANSWERING = "answering"


class Split(NamedTuple):
    """A text taken apart.

    Attributes:
        thinking: Text between the tags, without them; empty when there was no block.
        answer: What follows the block; empty when the block was never closed.
        closed: False when a block was opened and not closed.
    """

    thinking: str
    answer: str
    closed: bool


def split_thinking(text: str, tags: Sequence[str], opened: bool = False) -> Split:
    """Take `text` apart at the think tags.

    Args:
        text: What the model wrote.
        tags: Opening and closing tag, or nothing when the model does not think.
        opened: The prompt itself ended with the opening tag.
    """
    if len(tags) != 2:
        return Split("", text, True)
    opening, closing = tags
    stripped = text.lstrip()
    if stripped.startswith(opening):
        stripped, opened = stripped[len(opening) :], True
    if not opened:
        return Split("", text, True)
    thinking, closed, answer = stripped.partition(closing)
    return Split(thinking.strip(), answer.lstrip(), bool(closed))


class ThinkWatch:
    """Follows a text while it grows.

    Attributes:
        phase: Where the text is now; once it is answering it stays so.
        thought: A think block was opened and closed.
        end: Position behind the closing tag; 0 without one.
    """

    def __init__(self, tags: Sequence[str], opened: bool = False) -> None:
        self._tags = tuple(tags)
        self._seen = 0
        self.thought = False
        self.end = 0
        self.phase = Phase.UNDECIDED
        if len(self._tags) != 2:
            self.phase = Phase.ANSWERING
        elif opened:
            self.phase = Phase.THINKING

    def look(self, text: str) -> Phase:
        """Take the whole text so far and return its phase."""
        if self.phase is Phase.UNDECIDED:
            self._decide(text.lstrip())
        if self.phase is Phase.THINKING:
            closing = self._tags[1]
            place = text.find(closing, max(0, self._seen - len(closing)))
            if place >= 0:
                self.end, self.thought, self.phase = place + len(closing), True, Phase.ANSWERING
        self._seen = len(text)
        return self.phase

    def _decide(self, stripped: str) -> None:
        opening = self._tags[0]
        if stripped.startswith(opening):
            self.phase = Phase.THINKING
        elif not opening.startswith(stripped):
            self.phase = Phase.ANSWERING
