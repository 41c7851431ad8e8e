"""Templates with slots: `{drug}` is filled, `{Drug}` filled with a capital, `{drug!}` and `{drug?}` may be changed."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SLOT = re.compile(r"\{([A-Za-z_]+)([!?]?)\}")
_TWO_ARTICLES = re.compile(r"\b(the|my|any|no|your) an? ", re.IGNORECASE)


def write(template: str, slots: Mapping[str, str]) -> str:
    """Return the template with its slots filled.

    Raises:
        KeyError: A slot has no word.
    """

    def word(match: re.Match[str]) -> str:
        name = match[1]
        text = slots[name.lower()]
        return capital(text) if name[0].isupper() else text

    return _TWO_ARTICLES.sub(r"\1 ", _SLOT.sub(word, template))


def slots_of(template: str, mark: str = "") -> tuple[str, ...]:
    """Return the names of the slots that bear a mark (`!`, `?`), or of all."""
    return tuple(m[1].lower() for m in _SLOT.finditer(template) if not mark or m[2] == mark)


def capital(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Return the text with a small first letter, unless the word is written in capitals."""
    first = text.split(" ", 1)[0]
    return text if sum(c.isupper() for c in first) > 1 else text[:1].lower() + text[1:]


def bare(word: str) -> str:
    """Return a noun phrase without its article."""
    for article in ("a ", "an ", "the "):
        if word.startswith(article):
            return word[len(article) :]
    return word


def clash(one: str, other: str) -> bool:
    """Tell whether one noun phrase is part of the other, so that a question about it would be unclear."""
    first, second = bare(one).lower(), bare(other).lower()
    return first in second or second in first


def listed(words: list[str], last: str = "and") -> str:
    """Return "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
