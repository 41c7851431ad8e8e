"""Numbers that name, count or measure something beside the answer: "stage 3", "the 2021 formula", "per 24 hours"."""

from __future__ import annotations

import re

from medic_console.scoring.answers.numerals import Token, numbers

_BODY_SURFACE = re.compile(r"(?:/|\bper\b)\s*1[.,]73\s*(?:m\s*(?:\^\s*)?\{?2?\}?)?", re.IGNORECASE)
_NAME_BEFORE = re.compile(
    r"""
    (?: \b(?:stage|class|grade|type|step|phase)\s?[:=\#]?
      | \b(?:category|group|version|figure|table|equation|formula|criterion|item|option|rule|note|reference|calculator
            |page|day|week|month|year|no\.)
      | \baged? | \bage\s(?:of|is|was)
    ) \s*\Z
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NAME_BEHIND = re.compile(
    r"""
    -(?:year|yr|month|week|day|hour|hr|h|minute|min|point|item|variable|parameter|component|lead|fold|step|factor)s?\b
    | \s?-?(?:years?|yrs?)[\s-]old\b | \s?(?:y/?o|yo)\b
    | \s*(?:decimal\s(?:places?|points?|digits?) | decimals | dp\b | significant\s(?:figures|digits) | sig\.?\sfigs?)
    | \s*(?:CI\b|confidence\b|times\s+(?:a|per|daily|weekly)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_VERSION = re.compile(r"[A-Za-z]{2,}[A-Z]\w*-?\w*\s\Z|[A-Z]{2,}[\w-]*\s\Z")
_VERSION_BEHIND = re.compile(r"\s*:\s*[-+]?\.?[0-9]")
_PER = re.compile(r"(?:\b(?:per|every|each)|[A-Za-zµ%²³]\s?/)\s*\Z", re.IGNORECASE)
_SPAN_BEFORE = re.compile(r"\b(?:in|over|within|after|during|for|at)\s*\Z", re.IGNORECASE)
_SPAN_BEHIND = re.compile(r"[\s-]*(?:h|hrs?|hours?|days?|weeks?|months?|years?|min|minutes?)\b", re.IGNORECASE)
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?![0-9.,]|\s*(?:m|µ|k|g|IU|U\b|%|points?\b))", re.IGNORECASE)
_YEAR_BEFORE = re.compile(r"\b(?:in|since|year|the|by)\s*\Z", re.IGNORECASE)
_YEAR_BEHIND = re.compile(
    r"....\s+(?:(?:formula|equation|version|criteria|guidelines?|revision|update|edition)\b|(?-i:[A-Z]{3,})\b)",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Z]{3,}\s\Z")
_WORD_BEHIND = re.compile(r"....\s+[A-Za-z]")
_AND = re.compile(r"\s*(?:-|/|,|to|or|and)\s*")
_NEAR = 40


def answers(text: str) -> list[Token]:
    """Return the numbers of a plain text that may be an answer, in order."""
    kept: list[Token] = []
    named = -1
    for token in numbers(_BODY_SURFACE.sub(lambda match: " " * len(match[0]), text)):
        # "Class: 6-9" names both ends.
        if _has_role(text, token) or (named >= 0 and _AND.fullmatch(text, named, token.start)):
            named = token.end
        else:
            named = -1
            kept.append(token)
    return kept


def _has_role(text: str, token: Token) -> bool:
    before = text[max(0, token.start - _NEAR) : token.start]
    return bool(
        _NAME_BEFORE.search(before)
        or _NAME_BEHIND.match(text, token.end)
        or _PER.search(before)
        or (_VERSION.search(before) and _VERSION_BEHIND.match(text, token.end))
        or (_SPAN_BEFORE.search(before) and _SPAN_BEHIND.match(text, token.end))
        or (_YEAR.match(text, token.start) and _is_year(text, token.start, before))
    )


def _is_year(text: str, start: int, before: str) -> bool:
    return bool(
        _YEAR_BEFORE.search(before)
        or _YEAR_BEHIND.match(text, start)
        or (_NAME.search(before) and _WORD_BEHIND.match(text, start))
    )
