"""Queries that a text shows and sets aside: drafts, mistakes, what is to be replaced."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_FRAMED = re.compile(
    r"```[ \t]*(?:[A-Za-z0-9]{1,12}(?=\s))?\s*(?P<block>(?:SELECT|WITH)\b[^`]*)(?:```|\Z)"
    r"|(?<!`)`\s*(?P<span>(?:SELECT|WITH)\b[^`\n]*)`",
    re.IGNORECASE,
)
_LEADS = r"(?:\s+(?:sql|sqlite|query|statement|version|attempt|draft|try|answer|one|approach|solution|code))?"
_IS = r"(?:\s+(?:here\s+)?(?:(?:is|was|would\s+be|could\s+be|might\s+be)(?:\s+to\s+(?:use|write|run))?|like|then))?"
_BEFORE = re.compile(
    rf"\b(?:(?:instead\s+of|rather\s+than|other\s+than|not|never|avoid|don't|without|replac(?:e|ing)|chang(?:e|ing))"
    rf"(?:\s+(?:use|using|run|running|write|the|a|this))*{_LEADS}"
    rf"|(?:wrong|incorrect|mistake|mistaken(?:ly)?|error|pitfall|trap|bad|naive|naïve|draft|tempting){_LEADS}{_IS}"
    rf"|(?:first|initial|original|old|previous|earlier|failed|broken)(?:\s+(?:sql|query))?"
    rf"(?:\s+(?:query|version|attempt|draft|try|approach|answer)){_IS})\W*\Z",
    re.IGNORECASE,
)
"""Ends the words before a query that is set aside."""
_FAULT = (
    r"(?:wrong|incorrect|mistaken|invalid|flawed|buggy|erroneous|insufficient|incomplete|an?\s+(?:common\s+)?(?:mistake|error)"
    r"|not\s+(?:\w+\s+)?(?:right|correct|valid|enough))\b"
)
_BEHIND = re.compile(
    rf"""
    [\s,;:.)–—-]{{0,6}} (?: (?:->|→|=>|⇒)
      | (?:(?:but|however|no|oh)[\s,]+)?
        (?:(?:this|that|it|which|the\s+(?:above|first|previous)|query|statement|one|version|above)\s+){{0,3}}
        (?: (?:is|was|would\s+be|looks|seems)\s+(?:\w+\s+)?{_FAULT} | (?:'s)\s+{_FAULT}
          | (?:would\s+|will\s+)?(?:fails?|ignores?|misses|forgets|lacks|omits)\b
          | (?:does|did|will|would)(?:\s+not|n't)\s+(?:work|run|answer)\b | (?:won't|doesn't)\s+(?:work|run)\b
          | (?:should|must|has\s+to|needs\s+to)\s+be\s+(?:replaced|changed|corrected|rewritten)\b )
    )
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Begins the words behind a query that is set aside."""
_PUTS = re.compile(
    rf"\b(?:final|correct(?:ed)?|revised|improved|better|fixed|updated|right|actual)(?:\s+(?:sql|sqlite))?{_LEADS}{_IS}\W*\Z",
    re.IGNORECASE,
)
"""Ends the words before a query that takes the place of those before it."""
_SENTENCE = re.compile(r"[.!?;]\s|\n[ \t]*\n")
_NEAR = 100


class Framed(NamedTuple):
    """A query in a fence or in backticks: its place, with the marks, and whether it is set aside."""

    start: int
    end: int
    query: str
    aside: bool


def framed(text: str) -> list[Framed]:
    """Return the queries of a text that stand in fences or backticks, in order."""
    found = list(_FRAMED.finditer(text))
    places = [(match.start(), match.end(), (match["block"] or match["span"]).strip()) for match in found]
    aside = list(_aside(text, places))
    return [Framed(*place, is_aside) for place, is_aside in zip(places, aside, strict=True)]


def _aside(text: str, places: list[tuple[int, int, str]]) -> Iterator[bool]:
    ends = [0, *(end for _, end, _ in places)]
    starts = [*(start for start, _, _ in places), len(text)]
    leads = [
        _SENTENCE.split(text[max(end, start - _NEAR) : start])[-1] for end, start in zip(ends, starts, strict=True)
    ]
    put = max((n for n in range(1, len(places)) if _PUTS.search(leads[n])), default=0)
    for n, (_, end, _) in enumerate(places):
        behind = text[end : min(starts[n + 1], end + _NEAR)]
        yield n < put or bool(_BEFORE.search(leads[n]) or _BEHIND.match(behind))
