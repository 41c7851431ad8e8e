"""Find weeks and days of a pregnancy: "12 weeks, 3 days", "12w3d", "(12, 3)", "12+3", "12 3/7 weeks"."""

from __future__ import annotations

import re

from medic_console.scoring.answers.numerals import Token

_FREE = r"(?<![0-9.,/+-])(?<![0-9]\sto\s)(?<![0-9]\sor\s)(?<![0-9]\sand\s)"
_WEEKS = r"(?:(?:full|completed?)\s)?(?:weeks?|wks?)\b"
_AND = r"""[\s,;'"]{0,4} (?:and\b|&|\+|plus\b|(?:with\s)?(?:a\s)?(?:remainder|remaining)(?:\sof)?\b)? [\s'"]{0,4}"""
_SPANS = re.compile(
    rf"""
    {_FREE} (?P<rd>[0-9]{{1,3}}) \s? (?:days?|d) \b
        (?P<more>[\s,]{{1,3}}(?:and|plus|past|over|beyond|more\sthan|\+|&)(?:\sof)?\s{{1,3}})?
        (?(more)|[^.\n0-9]{{1,30}}) (?P<rw>[0-9]{{1,3}}) \s? {_WEEKS}
    | {_FREE} (?P<w>[0-9]{{1,3}}) \s? (?:{_WEEKS}|w\b|w(?=[0-9])) (?:\s?\([^()\n]{{0,20}}\))?
        {_AND} (?P<d>[0-9]{{1,3}}) \s? (?:days?|d) \b
    | [(\[] \s? (?P<tw>[0-9]{{1,3}}) \s? , \s? (?P<td>[0-9]{{1,3}}) \s? [)\]]
    | {_FREE} (?P<pw>[0-9]{{1,2}}) \s? (?:(?:weeks?|wks?|w)\s?)?
        \^?\+ \s? (?P<pd>[0-6]) (?![0-9.,/]|\s?[+=]) (?:\s?/\s?7)? (?:\s?(?:weeks?|wks?|w)\b)?
    | {_FREE} (?P<fw>[0-9]{{1,2}}) \s? (?:(?:weeks?|wks?)\s?)?
        (?:and\s|-|\^|\s) \s? (?P<fd>[0-6]) \s?/\s? 7 (?![0-9/]) (?:\s?(?:weeks?|wks?|w)\b)?
    | {_FREE} (?P<lw>[0-9]{{1,3}}) \s? {_WEEKS} (?! {_AND} [0-9]) (?! [^.\n]{{0,30}}\b[0-9]{{1,3}}\s?days?\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WEEK = 7


def weeks_days(text: str) -> list[Token]:
    """Return the spans of a text as (weeks, days), in order; "12 weeks" alone has 0 days.

    Days alone and a fraction of weeks ("12.4 weeks") are not read: the answer was asked for in weeks and days.
    """
    return [Token(match.start(), match.end(), _span(match)) for match in _SPANS.finditer(text)]


def _span(match: re.Match[str]) -> tuple[int, int] | None:
    """Return weeks and days; None where the days are more than a week's, or stand before the weeks without "and"."""
    if match["lw"]:
        return int(match["lw"]), 0
    if match["rw"] and not match["more"]:
        return None
    weeks = match["rw"] or match["w"] or match["tw"] or match["pw"] or match["fw"]
    days = match["rd"] or match["d"] or match["td"] or match["pd"] or match["fd"]
    return (int(weeks), int(days)) if int(days) < _WEEK else None
