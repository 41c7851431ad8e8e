"""JSON that a stranger wrote, as values that can be written, digested and computed with."""

from __future__ import annotations

import json
import math
from typing import Any


def load(text: str) -> Any:
    """Return a JSON value in which every text is Unicode and every number finite.

    Python takes more than other programs do: half of a character becomes U+FFFD, NaN and infinity become null.

    Raises:
        ValueError: It is no JSON, or nested too deep.
    """
    try:
        return whole(json.loads(text, parse_constant=lambda name: None))
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error


def whole_text(text: str) -> str:
    """Return a text with U+FFFD in place of each half of a character."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole(value: Any) -> Any:
    """Return a value whose texts are Unicode, with null in place of a number that is none."""
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, dict):
        return {whole(key): whole(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(whole(each) for each in value)
    return None if isinstance(value, float) and not math.isfinite(value) else value
