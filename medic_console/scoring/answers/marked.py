r"""Find where a plain text marks its answer: "Answer:", a JSON `"answer"`, `\boxed{}`, "the answer is"."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from medic_console.scoring.answers.claims import denied
from medic_console.scoring.answers.signs import plain

_MARK = re.compile(
    r"""
    (?P<json>["']\w*answer["']\s*:\s*)
    | (?P<tag><answer>)
    | (?P<box>\\f?boxed\s*(?:\{|(?=[0-9])))
    | (?P<line>\banswers?\b[ \t]*(?:\([^()\n]{0,40}\)[ \t]*)?(?:is[ \t]*)?[:=])
    | (?P<prose>(?<!\bto\ )\banswer\b[^\n.,;:=0-9]{0,60}?
        \b(?:is|was|equals|(?:would|should|must|will)(?:\ \w{1,12})?\ be|comes\ to)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CORRECTS = re.compile(
    r"\b(?:wait|actually|correct(?:ion|ed|ing)|sorry|apolog\w+|mistake|error|reflection|reconsider\w*|re-?check\w*|"
    r"re-?calculat\w*|instead|rather|revis\w+|oops|hold\s+on)\b",
    re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"""
    \s*(?:based|derived|calculated\s(?!to)|computed|obtained|rounded|within|in|expressed|consistent|correct|given|valid
        |from|above|below|taken|according|using|presented|provided|shown|stated|reported|clear|straightforward|as\sfollows
        |the\sfollowing)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What a sentence says about the answer, not what it is."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[\"'(]?[A-Z])")
_DIGIT = re.compile(r"[0-9]")
_LAST = 50
_BOX = 300
"""Characters of a box that are looked at."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that says: here is the answer.

    Attributes:
        text: What follows, to the end of the line or to the next mark on it; after "Answer:" with its colon.
        formal: It has the form of a final line, JSON or a box; else it is a sentence, "the answer is".
        box: It is a box.
        corrects: The words before it take something back.
        denied: The words before it deny or suppose what follows, or give it to others ("Wrong answer:").
        start: Where it ends in the text and what it marks begins.
    """

    text: str
    formal: bool
    box: bool
    corrects: bool
    denied: bool = False
    start: int = 0


def marks(text: str) -> list[Mark]:
    """Return the marked answers of a plain text, in order; of very many the last ones."""
    found = list(_MARK.finditer(text))[-_LAST:]
    result: list[Mark] = []
    for n, match in enumerate(found):
        limit = found[n + 1].start() if n + 1 < len(found) else len(text)
        told = _told(text, match, limit)
        if match["prose"]:
            told = _SENTENCE_END.split(told, maxsplit=1)[0]
            if _COMMENTS.match(told.lstrip(":")):
                continue
        # "Answer: The answer is 5" has one mark, not two.
        if not told.strip(" :=*") or (
            limit < len(text) and "\n" not in text[match.end() : limit] and not _DIGIT.search(told)
        ):
            continue
        before = text[found[n - 1].end() if n else 0 : match.start()]
        refused = bool(match["line"] or match["prose"]) and denied(text, match.start(), match.end())
        corrects = bool(_CORRECTS.search(before))
        result.append(Mark(told, not match["prose"], bool(match["box"]), corrects, refused, match.end()))
    return result


def _told(text: str, match: re.Match[str], limit: int) -> str:
    if match["json"]:
        return f":{plain(_json_value(text, match.end(), limit))}"
    if match["box"]:
        return f":{boxed(text, match)}"
    line_end = text.find("\n", match.end())
    end = min(limit, len(text) if line_end < 0 else line_end)
    here = text[match.end() : end]
    if match["tag"]:
        return ":" + text[match.end() : limit].split("</", 1)[0].strip()
    if here.strip() or limit == end:
        return f":{here}"
    following = text[end:limit].lstrip()
    return following.split("\n", 1)[0]


def boxed(text: str, match: re.Match[str]) -> str:
    r"""Return what a box holds, up to its closing brace or the end of the text; `\boxed 33` holds digits.

    Args:
        match: Its beginning: `\boxed` with the brace, if there is one.
    """
    start = match.end()
    if not match[0].endswith("{"):
        return text[start : start + _BOX].split(" ", 1)[0].split("\n", 1)[0]
    depth = 1
    end = min(len(text), start + _BOX)
    for place in range(start, end):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return text[start:place]
    return text[start:end]


def _json_value(text: str, start: int, limit: int) -> str:
    """Return the JSON value that begins at `start`; of broken JSON the text up to a brace or line end."""
    try:
        return str(json.JSONDecoder(strict=False).raw_decode(text, start)[0])
    except (ValueError, RecursionError):
        return re.split(r"[}\n]", text[start:limit], maxsplit=1)[0].strip(" '\"")
