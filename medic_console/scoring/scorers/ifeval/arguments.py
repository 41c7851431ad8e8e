"""The arguments of an instruction, as its record gives them, read and checked before any text is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Arguments = Mapping[str, Any]
"""By the official name of the argument; unset ones are left out."""

Check = Callable[[str], bool]
"""Tells whether a text follows one instruction; never raises on any text."""


def text(given: Arguments, key: str) -> str:
    """Return a text that is not blank, without outer blanks.

    Raises:
        ValueError: It is missing, blank or no text.
    """
    value = _value(given, key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"its {key} must be a text that is not blank, it is {value!r}")
    return value.strip()


def texts(given: Arguments, key: str) -> tuple[str, ...]:
    """Return a list of one or more texts.

    Raises:
        ValueError: It is missing, empty or holds something other than text.
    """
    value = _value(given, key)
    if not isinstance(value, list) or not value or not all(isinstance(entry, str) and entry for entry in value):
        raise ValueError(f"its {key} must be a list of texts, it is {value!r}")
    return tuple(value)


def number(given: Arguments, key: str) -> int:
    """Return a whole number of 0 or more.

    Raises:
        ValueError: It is missing or no such number.
    """
    value = _value(given, key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"its {key} must be a whole number of 0 or more, it is {value!r}")
    return value


def within(given: Arguments, number_key: str, relation_key: str) -> Callable[[int], bool]:
    """Return a test of a count: `at least` takes the number itself, `less than` only what is below.

    Raises:
        ValueError: Number or relation cannot be read.
    """
    limit, relation = number(given, number_key), _value(given, relation_key)
    if relation == "at least":
        return lambda count: count >= limit
    if relation == "less than":
        return lambda count: count < limit
    raise ValueError(f"its {relation_key} must be 'at least' or 'less than', it is {relation!r}")


def _value(given: Arguments, key: str) -> Any:
    if key not in given:
        # The official script draws a random value here, which is no reference at all.
        raise ValueError(f"its {key} is missing")
    return given[key]
