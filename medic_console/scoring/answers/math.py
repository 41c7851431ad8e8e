r"""Read the number that ends a worked answer: `\boxed{}` and "Answer:" lines (AIME), `#### ` (GSM8K).

GSM8K's two ways are those of the EleutherAI lm-evaluation-harness (`gsm8k.yaml`): strict takes the number after the
first `#### `, flexible the last number of the text. Some forms that the harness cuts into pieces are read as what they
are by the flexible way: `10{,}500` (there 500), `15\,000`, "5 000", "1.5 × 10^3", `\frac{7}{2}`, "18 m^2" (there 2).
Strict is unchanged.
"""

from __future__ import annotations

import re
from decimal import Decimal

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.claims import corrections
from medic_console.scoring.answers.disclaimed import disclaimed
from medic_console.scoring.answers.marked import marks
from medic_console.scoring.answers.numerals import Token, numbers
from medic_console.scoring.answers.registry import answer_reader
from medic_console.scoring.answers.signs import plain
from medic_console.scoring.answers.stated import stated
from medic_console.scoring.answers.stated_cues import BLOT

_LONE = re.compile(r"\s*-?[0-9]{1,3}(?:[, ]?[0-9]{3})*(?:\.0+)?\s*\.?\s*")
_STRICT = re.compile(r"#### (-?[0-9.,]+)")
_LAST = re.compile(
    r"""
    (?<![0-9.,^]) (?P<sign>(?<![\w)\]])-)?
    (?: (?P<mixed>[0-9]{1,6}[ ]+[1-9][0-9]{0,2}/[1-9][0-9]{0,2})(?![0-9/.])
      | (?P<grouped>[0-9]{1,3}(?:[ ][0-9]{3})+(?![0-9-])(?:\.[0-9]+)?)
      | (?P<plain>[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+) )
    (?: [ ]?[x×][ ]?10[ ]?\^[ ]?(?P<power>[+-]?[0-9]{1,3})
      | /(?P<below>[0-9]{1,9})(?![0-9/.])
      | (?P<raised>\^-?[0-9]+) )?
    """,
    re.VERBOSE,
)
_THOUSANDS = re.compile(r"[0-9]+(?:\.[0-9]+)?|[0-9]{1,3}(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?|\.[0-9]+")
_EQUATIONS = re.compile(r"=[^,;=]*[,;]\s*[^,;=]*=")
_FACTORIAL = re.compile(r"[0-9]\s*!")
_MAX_DIGITS = 30
"""Longer runs of digits are no answer."""


@answer_reader("integer")
def read_integer(text: str, item: Item) -> Answer | NoAnswer:
    r"""Return the integer in the last `\boxed{}`, else the one of the last "Answer:" line, as a JSON number.

    A text, or a last line, that holds nothing but an integer is taken too. Leading zeros and thousands are read; a box
    without an integer, or with several and no "=", is unreadable, whatever else the text says.

    Args:
        text: Not blank.
        item: Not looked at; readers share one signature.
    """
    shown = plain(text)
    told = marks(shown)
    boxes = [mark for mark in told if mark.box]
    lines = [mark for mark in told if mark.formal]
    last = shown.strip().rsplit("\n", 1)[-1]
    if boxes or lines:
        region = (boxes or lines)[-1].text
    elif _LONE.fullmatch(last):
        region = last
    else:
        region = told[-1].text if told else ""
    start = shown.rfind(region.lstrip(": ")) if region else 0
    refused = (boxes or lines or told)[-1].denied if told else False
    taken_back = refused or corrections(shown[max(0, start) :])
    if (
        taken_back
        or BLOT in disclaimed(region, _integers(region))
        or _EQUATIONS.search(region)
        or (boxes and _FACTORIAL.search(region))
    ):
        return NoAnswer(Reason.UNREADABLE, "the integer is denied, taken back, or one of several")
    found = stated(region, _integers)
    if len(found) == 1 and found[0] is not None:
        return Answer(found[0], str(found[0]))
    why = f"the box holds no one integer: {region[1:41]!r}" if boxes else r"no integer in \boxed{} or on an answer line"
    return NoAnswer(Reason.UNREADABLE, why)


def _integers(text: str) -> list[Token]:
    """Return the numbers of a text; those that are no integer have no value."""
    return [
        Token(token.start, token.end, int(token.value) if _is_integer(text, token) else None) for token in numbers(text)
    ]


def _is_integer(text: str, token: Token) -> bool:
    whole = token.value is not None and token.value.is_integer() and abs(token.value) < 10.0**_MAX_DIGITS
    return whole and not token.percent and not text[token.end : token.end + 1].isalpha()


@answer_reader("gsm8k")
def read_gsm8k(text: str, item: Item) -> Answer | NoAnswer:
    """Return the last number of the text (`flexible`) and the one after the first `#### ` (`strict`, or None).

    Both are digits as text, without commas, currency sign and a final dot. A lone run of dots or commas is no number,
    as it is in the harness's flexible filter; a last number whose commas do not part thousands, or that is a power, is
    unreadable.

    Args:
        text: Not blank.
        item: Not looked at; readers share one signature.
    """
    found = list(_LAST.finditer(plain(text)))
    if not found:
        return NoAnswer(Reason.UNREADABLE, "no number")
    flexible = _digits(found[-1])
    if flexible is None:
        return NoAnswer(Reason.UNREADABLE, f"the last number is not plain: {found[-1][0][:40]!r}")
    stated_number = _STRICT.search(text)
    strict = stated_number[1].replace(",", "").removesuffix(".") if stated_number else None
    shown = flexible if strict == flexible else f"{flexible} (after ####: {strict or 'nothing'})"
    return Answer({"flexible": flexible, "strict": strict}, shown)


def _digits(match: re.Match[str]) -> str | None:
    """Return a number as digits with its sign; None when it has no one meaning."""
    if match["mixed"]:
        whole, above, under = (Decimal(part) for part in re.split("[ ]+|/", match["mixed"]))
        return f"{match['sign'] or ''}{whole + above / under:f}"
    given = (match["grouped"] or match["plain"].rstrip(",")).replace(" ", "")
    below = int(match["below"] or 1)
    if match["raised"] or not below or not _THOUSANDS.fullmatch(given):
        return None
    digits = given.replace(",", "")
    if match["power"]:
        digits = f"{Decimal(digits).scaleb(int(match['power'])):f}"
    elif match["below"]:
        digits = f"{Decimal(digits) / below:f}"
    return f"-{digits}" if match["sign"] else digits
