"""Find the numbers in a plain text (`plain.plain`), each with its place and whether it is one that is meant alone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Token:
    """A value that stands in a text.

    Attributes:
        start: Its first character.
        end: The character behind its last.
        value: A number, a date or weeks with days, in the form of the answer; None when it cannot be told.
        percent: A number is followed by a percent sign.
    """

    start: int
    end: int
    value: Any
    percent: bool = False


_GROUPS = (
    r"(?!0[,.])[0-9]{1,3}(?:,[0-9]{3})+(?![0-9]|,[0-9]) | [0-9]{1,3}(?:[ ][0-9]{3})+ | [0-9]{1,3}(?:['’][0-9]{3})+"
)
_NUMBER = re.compile(
    rf"""
    (?<![A-Za-z0-9_^\\√]) (?<!_\{{) (?<![0-9]\.) (?<![A-Za-z]-)
    (?P<sign>(?<![\w)\]%}}])[-+] | (?<![0-9)\]%][ ])(?:minus|negative)[ ](?=[0-9.]))?
    (?:
        (?P<grouped>(?:{_GROUPS})(?:\.[0-9]+)?)
        | (?P<comma>[0-9]{{1,3}}(?:\.[0-9]{{3}})+,[0-9]+ | (?:0,[0-9]+ | [0-9]+,[0-9]{{1,2}})(?![0-9]|,[0-9]))
        | (?P<mixed>[0-9]{{1,4}}[ ]+[1-9]/[1-9][0-9]?(?![0-9/]))
        | (?P<plain>[0-9]+(?:\.[0-9]+)? | \.[0-9]+)
    )
    (?:e(?P<exponent>[+-]?[0-9]{{1,9}})(?!\.[0-9]))?
    (?:[ ]?[x×][ ]?10[ ]?\^[ ]?(?P<power>[+-]?[0-9]{{1,9}})(?!\.[0-9]))?
    (?P<raised>[ ]?\^[ ]?[+-]?[0-9]{{1,9}}(?:\.[0-9]+)?)?
    (?P<percent>[ ]?(?:%|per[ ]?cent\b|pct\b))?
    (?![0-9_] | e[+-]?[0-9] | \.[0-9] | [ ]?(?:\^|√|π|\\pi|\\sqrt) | (?:st|nd|rd|th)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PAUSE = re.compile(r"-[ ]+\Z")
_SIGN_APART = re.compile(
    r"(?<![0-9)\]}%])(?<![0-9)\]}%] )(?:-|\b(?:minus|negative)\b) ?[(\[{\"'<\\]{1,3} ?\Z", re.IGNORECASE
)
"""Before a number: a sign that other marks part from it."""
_MINUS_BEFORE = ("=", "≈", "(")
"""After these, and after the colon that begins an answer, a dash with a space behind it is a minus."""


def numbers(text: str) -> list[Token]:
    """Return the numbers of a plain text, in order.

    Read are thousands with a comma, a space or an apostrophe, decimal commas that cannot be thousands, 1.2e3,
    1.2 × 10^3, 10^3 and 2 1/2. Digits within a word (CO2), of a version (1.2.3) or an ordinal (2nd) are no number;
    one with a dash of doubtful meaning before it, or another power than ten's, has no value.
    """
    return [_token(text, match) for match in _NUMBER.finditer(text)]


def _token(text: str, match: re.Match[str]) -> Token:
    start, value = match.start(), _value(match)
    sign = (match["sign"] or "").strip().lower()
    before = text[max(0, start - 20) : start]
    if not sign and (pause := _PAUSE.search(before)):
        lead = before[: pause.start()].rstrip()
        if lead.endswith(_MINUS_BEFORE) or text[: start - len(pause[0])].strip() == ":":
            sign, start = "-", start - len(pause[0])
        elif not lead[-1:].isdigit():
            value = None
    elif not sign and _SIGN_APART.search(before):
        value = None
    if value is not None and sign in ("-", "minus", "negative"):
        value = -value
    return Token(start, match.end(), value, bool(match["percent"]))


def _value(match: re.Match[str]) -> float | None:
    if match["mixed"]:
        whole, above, below = map(int, re.split("[ ]+|/", match["mixed"]))
        return whole + above / below
    digits = re.sub(
        "[ ,'’]", "", match["grouped"] or match["plain"] or match["comma"].replace(".", "").replace(",", ".")
    )
    exponent = int(match["exponent"] or match["power"] or 0)
    if match["raised"]:
        raised = re.sub("[ ^]", "", match["raised"])
        if digits != "10" or exponent or "." in raised:
            return None
        digits, exponent = "1", int(raised)
    number = float(f"{digits}e{exponent}")
    return number if math.isfinite(number) else None
