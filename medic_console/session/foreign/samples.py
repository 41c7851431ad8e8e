"""One answer that another program had of a model, whatever file it comes from; and how such files are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import FinishReason
from medic_console.core.strange_json import load


@dataclass(frozen=True, slots=True)
class Sample:
    """One answer.

    Attributes:
        where: File and place in it, for what is said of it.
        id: As the other program names the sample.
        model: As the other program names the model; empty where its file does not.
        own: Texts of the sample itself: its input, the values of its record.
        asked: What the model saw, as one text; empty where the file does not say.
        text: What it wrote.
        chosen: Text of the option of highest likelihood, where it wrote nothing and was weighed.
        epoch: Which time the sample was asked; 1 is the first.
        failed: The other program had an error and no answer.
    """

    where: str
    id: str
    model: str
    own: tuple[str, ...]
    asked: str = ""
    text: str = ""
    chosen: str = ""
    thinking: str = ""
    finish: FinishReason = FinishReason.STOP
    epoch: int = 1
    failed: bool = False


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, in its order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


def parsed(where: str, text: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        ItemsError: It is none.
    """
    try:
        found = load(text)
    except ValueError as error:
        raise ItemsError(f"{where}: not JSON ({error}).", "Name the file as the other program wrote it.") from error
    if not isinstance(found, dict):
        raise ItemsError(f"{where}: not a JSON object.", "Name the file as the other program wrote it.")
    return found


def lacking(where: str, what: str) -> ItemsError:
    """Return the error of a record that has not what its format has."""
    return ItemsError(f"{where}: {what}.", "Name the file as the other program wrote it, or leave out that record.")
