"""The readers of answers by the name that a task file gives under `[answer] reader`; each registers itself."""

from __future__ import annotations

from collections.abc import Callable

from medic_console.core.records import Answer, Item, NoAnswer
from medic_console.core.registry import Registry

Reader = Callable[[str, Item], Answer | NoAnswer]
"""Takes a non-blank text and the item that it answers; never raises on any text."""

_HERE = "medic_console.scoring.answers"
READERS: Registry[Reader] = Registry(
    "reader of answers",
    "medic_console.answers",
    tuple(f"{_HERE}.{name}" for name in ("letter", "number", "math", "yes_no_maybe", "sql", "medec", "read")),
)


def answer_reader(name: str) -> Callable[[Reader], Reader]:
    """Register the function below as the reader of answers of that name, which stays as it is.

    Args:
        name: Lower-case letters, digits and _.

    Raises:
        UsageError: The name is taken or of the wrong form.
    """

    def register(reader: Reader) -> Reader:
        READERS.add(name, reader, reader.__module__, reader.__qualname__)
        return reader

    return register
