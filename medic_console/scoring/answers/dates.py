"""Find dates: 03/07/2023 with the month first, 2023-03-07, 7 March 2023, March 7, 2023."""

from __future__ import annotations

import re
from datetime import date

from medic_console.scoring.answers.numerals import Token

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_DATES = re.compile(
    r"""
    (?<![0-9/]) (?P<m>[0-9]{1,2}) / (?P<d>[0-9]{1,2}) / (?P<y>[0-9]{4}) (?![0-9/])
    | (?<![0-9/-]) (?P<iy>[0-9]{4}) (?P<dash>[-/]) (?P<im>[0-9]{1,2}) (?P=dash) (?P<id>[0-9]{1,2}) (?![0-9/-])
    | (?<![0-9]) (?P<nd>[0-9]{1,2}) (?:st|nd|rd|th)? [\s-]{1,3} (?:of\s{1,3})?
      (?P<name>[a-z]{3,9}) [.,]? [\s-]{1,3} (?P<ny>[0-9]{4}) (?![0-9])
    | \b (?P<first>[a-z]{3,9}) \.? [\s-]{1,3} (?:the\s)? (?P<fd>[0-9]{1,2}) (?:st|nd|rd|th)?
      ,? [\s-]{1,3} (?P<fy>[0-9]{4}) (?![0-9])
    """,
    re.IGNORECASE | re.VERBOSE,
)


def dates(text: str) -> list[Token]:
    """Return the dates of a text as MM/DD/YYYY, in order; what is no day of the calendar is none.

    Month comes before day where both are numbers (the form of MedCalc-Bench); a year of two digits is not read.
    """
    found = ((match, _date(match)) for match in _DATES.finditer(text))
    return [
        Token(match.start(), match.end(), f"{day.month:02}/{day.day:02}/{day.year:04}")
        for match, day in found
        if day is not None
    ]


def _date(match: re.Match[str]) -> date | None:
    name = (match["name"] or match["first"] or "").lower()
    if name:
        name = "sep" if name == "sept" else name
        named = [n for n, month in enumerate(_MONTHS, 1) if name in (month, month[:3])]
        month = named[0] if named else 0
    else:
        month = int(match["m"] or match["im"])
    day = int(match["d"] or match["id"] or match["nd"] or match["fd"])
    year = int(match["y"] or match["iy"] or match["ny"] or match["fy"])
    try:
        return date(year, month, day)
    except ValueError:
        return None
