r"""Read the number that ends a worked answer: `\boxed{}` and "Answer:" lines (AIME), `#### ` (GSM8K)."""

from __future__ import annotations

import re

from medic_console.records import Answer, Item, NoAnswer, Reason

_BOX = re.compile(r"\\f?boxed\s*(?:\{|(?=[0-9]))")
_ANSWER_LINE = re.compile(r"\banswer\b[^\S\n]*(?:is\b[^\S\n]*:?|[:=])[^\S\n]*([^\n]+)", re.IGNORECASE)
_INTEGER = re.compile(
    r"(?<![\w.,{^/\\])(?P<sign>[-−])?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.0+)?(?!\w|[.,][0-9]|\s*[\\^/])"
)
"""An integer that is no part of a fraction, a root, a power or a decimal."""
_WRAPPED = re.compile(r"\\(?:text|textbf|mathrm|mathbf|mbox)\s*\{([^{}]*)\}")
_MODULUS = re.compile(r"\\?p?mod(?:ulo)?\s*\{?\s*[0-9]+\s*\}?", re.IGNORECASE)
_MARKS = re.compile(r"\\[,;:! ()\[\]]|\^\s*\{?\\circ\}?|[*`$]")
_STRICT = re.compile(r"#### (-?[0-9.,]+)")
"""EleutherAI lm-evaluation-harness, `gsm8k.yaml`, filter strict-match; the first place counts."""
_NUMBER = re.compile(r"(?<![0-9.,])(?P<sign>(?<![\w)\]])[-−])?\$?(?P<digits>[0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)")
_MAX_DIGITS = 30
"""Longer runs of digits are no answer; int() would refuse the longest of them."""


def read_integer(text: str, item: Item) -> Answer | NoAnswer:
    r"""Return the integer in the last `\boxed{}`, else the last one of the last "Answer:" line, as a JSON number.

    A text, or a last line, that holds nothing but an integer is taken too. Leading zeros and thousands commas are
    read; a box without an integer is unreadable, whatever else the text says.

    Args:
        text: Not blank.
        item: Not looked at; readers share one signature.
    """
    box = _last_box(text)
    if box is not None:
        found, where = _last_integer(box), f"the box holds no integer: {box[:40]!r}"
    else:
        plain = _MARKS.sub(" ", text)
        lines = _ANSWER_LINE.findall(plain)
        region = lines[-1] if lines else _lone_line(plain)
        found, where = _last_integer(region), r"no integer in \boxed{} or on an answer line"
    return NoAnswer(Reason.UNREADABLE, where) if found is None else Answer(found, str(found))


def _last_box(text: str) -> str | None:
    r"""Return what the last `\boxed` holds, up to its closing brace or the end of the text; None without one."""
    matches = list(_BOX.finditer(text))
    if not matches:
        return None
    rest = text[matches[-1].end() :]
    if not matches[-1][0].endswith("{"):
        return re.split(r"[^0-9]", rest, maxsplit=1)[0]
    depth = 1
    for place, character in enumerate(rest):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return rest[:place]
    return rest


def _last_integer(text: str) -> int | None:
    plain = _MODULUS.sub(" ", _WRAPPED.sub(r" \1 ", _MARKS.sub(" ", text.replace("{,}", ","))))
    matches = list(_INTEGER.finditer(plain.strip("{} ")))
    if not matches or len(matches[-1]["digits"]) > _MAX_DIGITS:
        return None
    value = int(matches[-1]["digits"].replace(",", ""))
    return -value if matches[-1]["sign"] else value


def _lone_line(text: str) -> str:
    """Return the last line when it is nothing but an integer, else an empty text."""
    last = text.strip().rsplit("\n", 1)[-1].strip().rstrip(".")
    return last if _INTEGER.fullmatch(last) else ""


def read_gsm8k(text: str, item: Item) -> Answer | NoAnswer:
    """Return the last number of the text (`flexible`) and the one after the first `#### ` (`strict`, or None).

    Both are digits as text, without commas, currency sign and a final dot. A lone run of dots or commas is no number,
    as it is in the harness's flexible filter.

    Args:
        text: Not blank.
        item: Not looked at; readers share one signature.
    """
    numbers = list(_NUMBER.finditer(text.replace("*", "").replace("\\$", "$")))
    if not numbers:
        return NoAnswer(Reason.UNREADABLE, "no number")
    last = numbers[-1]
    flexible = ("-" if last["sign"] else "") + last["digits"].replace(",", "")
    stated = _STRICT.search(text)
    strict = stated[1].replace(",", "").removesuffix(".") if stated else None
    shown = flexible if strict == flexible else f"{flexible} (after ####: {strict or 'nothing'})"
    return Answer({"flexible": flexible, "strict": strict}, shown)
