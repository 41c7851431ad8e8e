"""Keep a reasoning model's think block apart from its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


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
