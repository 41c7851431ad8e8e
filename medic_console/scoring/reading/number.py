"""Read a MedCalc answer: a decimal, an integer, a date, or weeks and days.

The rules follow MedCalc-Bench's own script (ncbi-nlp/MedCalc-Bench, `evaluation/run.py`, `extract_answer`), with these
differences: nothing is evaluated as an expression, thousands commas are read, a list of numbers is not replaced by its
length, and an answer in none of the forms is unreadable.
"""

from __future__ import annotations

import json
import math
import re
from datetime import date

from medic_console.records import Answer, Item, NoAnswer, Reason

_ANSWER_LINE = re.compile(r"\banswer\b\s*(?:is\b\s*:?|[:=])\s*(\S[^\n]*)", re.IGNORECASE)
_JSON_KEY = re.compile(r"\"answer\"\s*:\s*", re.IGNORECASE)
_BODY_SURFACE = re.compile(r"(?:/|\bper\b)\s*1\.73\s*(?:m\s*(?:\^|\*\*)?\s*\{?[2²]?\}?)?", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.^])(?P<sign>(?<![\w)\]])[-−+])?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?(?![0-9])|[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"(?P<exponent>[eE][+-]?[0-9]{1,3}(?![0-9A-Za-z]))?"
    r"(?:\s*[x×]\s*10\s*\^\s*\{?(?P<power>[+-]?[0-9]{1,3})\}?)?"
    r"(?P<percent>\s*%)?"
)
_OUT_OF = re.compile(r"(?<![0-9.])([0-9]{1,9}) out of\b", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATES = re.compile(
    r"""
    (?<![0-9/]) (?P<m>[0-9]{1,2}) / (?P<d>[0-9]{1,2}) / (?P<y>[0-9]{4}) (?![0-9/])
    | (?<![0-9-]) (?P<iy>[0-9]{4}) - (?P<im>[0-9]{1,2}) - (?P<id>[0-9]{1,2}) (?![0-9-])
    | (?<![0-9]) (?P<nd>[0-9]{1,2}) (?:st|nd|rd|th)? \s{1,3} (?:of\s{1,3})?
      (?P<name>[a-z]{3,9}) [.,]? \s{1,3} (?P<ny>[0-9]{4}) (?![0-9])
    | \b (?P<first>[a-z]{3,9}) \.? \s{1,3} (?P<fd>[0-9]{1,2}) (?:st|nd|rd|th)?
      ,? \s{1,3} (?P<fy>[0-9]{4}) (?![0-9])
    """,
    re.IGNORECASE | re.VERBOSE,
)
_WEEKS_DAYS = re.compile(
    r"""
    (?<![0-9.]) (?P<w>[0-9]{1,3}) \s? (?:weeks?|wks?|w) [\s,;'"]{0,4} (?:and\b|&|\+)? [\s'"]{0,4}
      (?P<d>[0-9]{1,3}) \s? (?:days?|d) \b
    | [(\[] \s? (?P<tw>[0-9]{1,3}) \s? , \s? (?P<td>[0-9]{1,3}) \s? [)\]]
    | (?<![0-9.]) (?P<lw>[0-9]{1,3}) \s? (?:weeks?|wks?) \b
      (?! [\s,;'"]{0,4} (?:and\b|&|\+)? [\s'"]{0,4} [0-9])
    """,
    re.IGNORECASE | re.VERBOSE,
)


def read_number(text: str, item: Item) -> Answer | NoAnswer:
    """Return the number, date or duration that the text gives.

    The last "Answer: ..." line decides, else the last JSON `"answer"`, else the whole text. Values: decimal
    and integer a JSON number (integers are rounded by the scorer, not here), date "MM/DD/YYYY", weeks_days
    `[weeks, days]`.

    Args:
        text: Not blank.
        item: `fields["output_type"]` is decimal, integer, date or weeks_days.
    """
    region, stated = _region(text.replace("*", "").replace("`", ""))
    kind = item.fields["output_type"]
    if kind == "date":
        day = find_date(region, first=stated)
        return Answer(day, day) if day else NoAnswer(Reason.UNREADABLE, "no date as MM/DD/YYYY")
    if kind == "weeks_days":
        span = find_weeks_days(region)
        if span is None:
            return NoAnswer(Reason.UNREADABLE, "no weeks and days")
        return Answer(list(span), f"({span[0]} weeks, {span[1]} days)")
    number = _find_integer(region) if kind == "integer" else _find_decimal(region)
    if number is None:
        return NoAnswer(Reason.UNREADABLE, "no number")
    value = int(number) if number.is_integer() and abs(number) < 1e15 else number
    return Answer(value, repr(value))


def _region(text: str) -> tuple[str, bool]:
    """Return the part of the text that states the answer, and whether it was marked as such."""
    lines = _ANSWER_LINE.findall(text)
    if lines:
        return str(lines[-1]), True
    keys = list(_JSON_KEY.finditer(text))
    return (_json_value(text[keys[-1].end() :]), True) if keys else (text, False)


def _json_value(rest: str) -> str:
    """Return the JSON value that `rest` starts with; of broken JSON the text up to a brace or line end."""
    if rest.startswith('"'):
        try:
            return str(json.JSONDecoder(strict=False).raw_decode(rest)[0])
        except json.JSONDecodeError:
            pass
    return re.split(r"[}\n]", rest, maxsplit=1)[0]


def _find_decimal(text: str) -> float | None:
    """Return the last percentage as a fraction, else the last number (the official order of rules)."""
    matches = list(_NUMBER.finditer(_BODY_SURFACE.sub(" ", text)))
    percentages = [match for match in matches if match["percent"]]
    if percentages:
        percent = _value(percentages[-1])
        return None if percent is None else percent / 100
    return _value(matches[-1]) if matches else None


def _find_integer(text: str) -> float | None:
    """Return n of "n out of m", else the last number."""
    out_of = _OUT_OF.search(text)
    if out_of:
        return float(out_of[1])
    matches = list(_NUMBER.finditer(_BODY_SURFACE.sub(" ", text)))
    return _value(matches[-1]) if matches else None


def _value(match: re.Match[str]) -> float | None:
    exponent = match["exponent"] or (f"e{match['power']}" if match["power"] else "")
    value = float(match["digits"].replace(",", "") + exponent)
    return (-value if match["sign"] in ("-", "−") else value) if math.isfinite(value) else None


def find_date(text: str, first: bool) -> str | None:
    """Return the first or last real date of the text as MM/DD/YYYY.

    Month comes before day (the data set's form); also read are 2023-03-12, "12 March 2023" and "March 12,
    2023".
    """
    found = [day for match in _DATES.finditer(text) if (day := _date(match)) is not None]
    if not found:
        return None
    chosen = found[0] if first else found[-1]
    return f"{chosen.month:02}/{chosen.day:02}/{chosen.year:04}"


def _date(match: re.Match[str]) -> date | None:
    name = match["name"] or match["first"]
    if name and name[:3].lower() not in _MONTHS:
        return None
    month = _MONTHS.index(name[:3].lower()) + 1 if name else int(match["m"] or match["im"])
    day = int(match["d"] or match["id"] or match["nd"] or match["fd"])
    year = int(match["y"] or match["iy"] or match["ny"] or match["fy"])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def find_weeks_days(text: str) -> tuple[int, int] | None:
    """Return the last (weeks, days): "12 weeks, 3 days", "12w3d", "(12, 3)"; "12 weeks" alone has 0 days."""
    matches = list(_WEEKS_DAYS.finditer(text))
    if not matches:
        return None
    last = matches[-1]
    if last["lw"]:
        return int(last["lw"]), 0
    return int(last["w"] or last["tw"]), int(last["d"] or last["td"])
