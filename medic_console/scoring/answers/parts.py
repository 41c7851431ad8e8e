"""Lists of parts behind the mark of an answer: "CHF: 1", "HTN: 1", "Total: 2". A part is not the answer."""

from __future__ import annotations

import re

from medic_console.scoring.answers.marked import Mark

_NAME = r"[A-Za-z][\w /'²()%-]{0,40}?"
_BEGINS = re.compile(rf":?[\s•+-]*(?P<name>{_NAME})\s*[:=]\s*[-+]?[0-9]", re.ASCII)
_LINE = re.compile(
    rf"\n[ \t•+-]*(?:\d+[.)][ \t]+)?(?P<name>{_NAME})[ \t]*[:=][ \t]*(?P<value>[-+]?\.?[0-9][^\n]*)", re.ASCII
)
_BESIDE = re.compile(
    r"(?:confidence|note|explanation|reason(?:ing)?|rationale|units?|(?:normal|reference|range)\b.*|probability|certainty"
    r"|score\s+out\s+of|time|tokens?|source|(?:final\s+)?answer|step\s+count|correction|corrected|where|using|rounded\b.*)",
    re.IGNORECASE,
)
"""Names of a line that is no part of a sum."""
_PART = (
    r"(?:(?!\b(?:is|was|are|which|with|above|below|over|under|than|the|of|from|based|using|about|approx\w*|roughly"
    r"|around|stage|class|grade|type|group|category|step|risk|in|at|for|per|equals?"
    r"|normal|range|rounded)\b)[A-Za-z /-]){2,30}?"
    r"\s*[:=]?\s*\d{1,3}(?![\d.])(?:\s*(?:points?|pts?))?\s*"
)
_COUNTED = re.compile(rf":?\s*{_PART}(?:[,;+]|\band\b)\s*(?:and\s+)?{_PART}(?:[,;.+=]|\band\b|$)")
"""Two parts of a sum on one line: "CHF 1, HTN 1"."""
_TOTAL = re.compile(
    r"(?:^|[\s,;(])(?:(?:grand|final|overall)\s+)?(?:total|sum)(?:\s+(?:score|points?))?\s*(?P<value>(?:[:=]|is\b|of\b)?\s*"
    r"[-+]?\.?[0-9][^\n,;]*)",
    re.IGNORECASE,
)


def parts_behind(text: str, mark: Mark) -> str:
    """Return the list of parts that a mark stands before; empty where it stands before an answer.

    Args:
        text: Plain; the whole.
    """
    if not mark.formal or mark.box:
        return ""
    if _COUNTED.match(mark.text):
        return mark.text
    begins = _BEGINS.match(mark.text)
    line_end = text.find(mark.text.lstrip(": "), mark.start)
    if begins is None or line_end < 0:
        return ""
    place = line_end + len(mark.text.lstrip(": "))
    found = mark.text
    while (line := _LINE.match(text, place)) and not _BESIDE.fullmatch(line["name"].strip()):
        found += line[0]
        place = line.end()
    return found if found != mark.text else ""


def counted(text: str) -> bool:
    """Tell whether a text is a list of parts on one line, without a total."""
    return bool(_COUNTED.match(text)) and "\n" not in text.strip() and not total_of(text)


def total_of(parts: str) -> str:
    """Return what a list of parts says of their total; empty where it names none."""
    totals = list(_TOTAL.finditer(parts))
    return f":{totals[-1]['value'].lstrip(':= ')}" if totals else ""
