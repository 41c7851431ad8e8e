"""Read an answer from a model's text, apart from scoring it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType

from medic_console.core.errors import UsageError
from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.letter import read_letter
from medic_console.scoring.answers.math import read_gsm8k, read_integer
from medic_console.scoring.answers.medec import read_medec
from medic_console.scoring.answers.number import read_number
from medic_console.scoring.answers.sql import read_sql
from medic_console.scoring.answers.words import read_word

Reader = Callable[[str, Item], Answer | NoAnswer]
"""Takes a non-blank text and the item that it answers; never raises on any text."""


def _read_text(text: str, item: Item) -> Answer:
    """Take the whole text as the answer."""
    return Answer(text, " ".join(text.split()))


def _read_texts(text: str, item: Item) -> Answer | NoAnswer:
    """Take a JSON object of texts, one under each name of the gold answer."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        return NoAnswer(Reason.UNREADABLE, "not a JSON object of texts")
    for name in item.gold:
        if not isinstance(record.get(name), str) or not record[name].strip():
            return NoAnswer(Reason.UNREADABLE, f"no text under {name!r}")
    texts = {name: str(record[name]) for name in item.gold}
    return Answer(texts, "; ".join(f"{name}: {' '.join(value.split())}" for name, value in texts.items()))


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "letter": read_letter,
        "number": read_number,
        "integer": read_integer,
        "gsm8k": read_gsm8k,
        "yes_no": read_word,
        "sql": read_sql,
        "medec": read_medec,
        "text": _read_text,
        "texts": _read_texts,
    }
)
"""By the name that a task file gives under `[answer] reader`."""


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
        raise UsageError(f"There is no answer reader named {reader!r}.", f"Use one of: {', '.join(READERS)}.")
    if not text.strip():
        return NoAnswer(Reason.UNREADABLE, "empty output")
    return READERS[reader](text, item)
