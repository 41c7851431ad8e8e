"""Read an answer from a model's text, apart from scoring it."""

from __future__ import annotations

import json

from medic_console.core.errors import UsageError
from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.registry import READERS, answer_reader


@answer_reader("text")
def _read_text(text: str, item: Item) -> Answer:
    """Take the whole text as the answer."""
    return Answer(text, " ".join(text.split()))


@answer_reader("texts")
def _read_texts(text: str, item: Item) -> Answer | NoAnswer:
    """Take a JSON object of texts, one under each name of the gold answer."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        return NoAnswer(Reason.UNREADABLE, "not a JSON object of texts")
    names = item.gold if isinstance(item.gold, dict) else ()
    if not names:
        return NoAnswer(Reason.GOLD_UNUSABLE, f"the reference is no object of texts: {item.gold!r}")
    for name in names:
        if not isinstance(record.get(name), str) or not record[name].strip():
            return NoAnswer(Reason.UNREADABLE, f"no text under {name!r}")
    texts = {name: str(record[name]) for name in names}
    return Answer(texts, "; ".join(f"{name}: {' '.join(value.split())}" for name, value in texts.items()))


def read_answer(reader: str, text: str, item: Item) -> Answer | NoAnswer:
    """Read the answer to `item` from a model's text.

    Args:
        reader: A key of `READERS`.
        text: The model's output without its think block.
        item: Gives the option labels, the kind of number or the note's sentences.

    Returns:
        The answer in the form that the task's scorer takes, or why there is none.

    Raises:
        UsageError: There is no reader of that name.
    """
    if reader not in READERS:
        raise UsageError(
            f"There is no answer reader named {reader!r}.",
            f"Install the package that brings it, or use one of: {', '.join(READERS)}.",
        )
    if not text.strip():
        return NoAnswer(Reason.UNREADABLE, "empty output")
    return READERS[reader](text, item)
