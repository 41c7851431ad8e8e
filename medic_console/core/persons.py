"""Names of people: none that looks like another's, since what a person decides is filed under her name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from medic_console.core.errors import UsageError

_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Printable, as Unicode has it, and drawn as nothing; with the selectors of `_SELECTORS`."""
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_EAST = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC")
"""Scripts that one word may have together: Japanese, Korean and Chinese are written so."""
_LATIN = str.maketrans(
    # Cyrillic, Greek, Armenian, and letters of Latin and signs that look like another.
    "АВЕЅІЈКМНОРСТУХҮԚԜӀаеѕіјорсухһԁԛԝҽӏ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϳονϲιαρ" + "ՕՍԼոսօհց" + "ıɑɡʼ‘’ʹ´`‐‑‒–—−",
    "ABESIJKMHOPCTYXYQWlaesijopcyxhdqwel" + "ABEZHIKMNOPTYXCjovciap" + "OULnuohg" + "iag''''''------",
)
_SHAPE = str.maketrans("I1|0", "lllO")


def check_name(name: str, known: Iterable[str]) -> None:
    """Refuse a person's name that cannot be told from another, or that holds what cannot be seen.

    Args:
        name: A new one.
        known: Names of the others.

    Raises:
        UsageError: It has invisible characters or a word of several scripts, or looks like another.
    """
    if not visible(name):
        raise UsageError(f"The name {name!a} has signs that cannot be seen.", "Choose another name.")
    for word in unicodedata.normalize("NFKC", name).split():
        scripts = _scripts(word)
        if len(scripts) > 1:
            raise UsageError(
                f"The name {name} mixes letters of several scripts in a word ({', '.join(scripts)}): "
                "it may look like another's.",
                "Write each word of a name in one script.",
            )
    looks = _looks(name)
    for other in known:
        if looks & _looks(other):
            alike = "" if other == name else f", and {name} cannot be told from it"
            raise UsageError(f"There is a reviewer {other} already{alike}.", "Choose another name.")


def visible(name: str) -> bool:
    """Return whether each character of a name can be seen and none acts on a terminal."""
    drawn = (letter not in _BLANK and not any(ord(letter) in one for one in _SELECTORS) for letter in name)
    return bool(name.strip()) and name.isprintable() and all(drawn)


def _scripts(word: str) -> list[str]:
    """Return the scripts of a word's letters, as the names of the letters begin: LATIN, CYRILLIC."""
    begins = (unicodedata.name(letter, "?").split()[0].partition("-")[0] for letter in word if letter.isalpha())
    return sorted({"EAST ASIAN" if one in _EAST else one for one in begins if one not in ("MODIFIER", "FEMININE")})


def _looks(name: str) -> frozenset[str]:
    """Return what a name looks like: without case and width; and with case, where I, l, 1 are one."""
    latin = " ".join(unicodedata.normalize("NFKC", name).translate(_LATIN).split())
    return frozenset((f"folded {latin.casefold()}", f"shape {latin.translate(_SHAPE)}"))
