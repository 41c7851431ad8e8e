"""Read one SQL statement, or the abstention `null`. Nothing is executed here.

The official scorer takes a submission as it is, so that each of these is wrong there: words around the statement, a
fence, JSON, `NULL` in any other writing, and a `--` comment whose line is joined with the next. Here they are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.registry import answer_reader
from medic_console.scoring.answers.set_aside import framed
from medic_console.scoring.answers.statement_end import is_prose, statement

_FENCE = re.compile(
    r"```[ \t]*(?:(?!SELECT\b|WITH\b|null\b)[A-Za-z0-9]+)?[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE
)
_JSON_KEY = re.compile(r"[\"'](?:sql|sqlite|sql_query|query|statement|answer)[\"']\s*:\s*", re.IGNORECASE)
_LABEL = re.compile(
    r"""
    ^\W*(?:here(?:'s|\s+is)\s+)?(?:(?:the|my)\s+)?(?:final\s+)?
    (?:(?:sqlite|sql)(?:\s+(?:query|statement|code))?|query|statement|answer|output|response)
    (?:\s*\([^()\n]*\))?(?:\s*:\s*|\s+is\s*:?\s+)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_START = re.compile(
    r"""
    (?: ^[ \t]*(?:[>*_\-]{1,3}[ \t]+|[0-9]{1,2}[.)][ \t]+|[A-Za-z]*>[ \t]*)?  # a line, a list, a prompt
      | [:：][ \t]* | </?\w+>\s* | \[\w+\]\s* | \bis[ \t]+(?=[`"']|SELECT\b|WITH\b) | (?=`)
    )
    (?:/\*(?:(?!\*/).){0,500}\*/\s*){0,3}
    (?P<quote>[`"'*_]{0,3})
    (?=(?i:SELECT\b(?![`.,:)])
      |WITH\s+(?:RECURSIVE\s+)?["`\[]?\w+["`\]]?\s*(?:\([^()]*\)\s*)?AS\s*(?:(?:NOT\s+)?MATERIALIZED\s*)?\())
    """,
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_NULL_TOLD = re.compile(r"null[*`'\"]*(?:\s*[.,;:(–—]|\s+-|\s+(?:because|since|as)\b)(?!.*\bselect\b)")
"""Gives a reason behind the word: "null, as no table holds it"."""
_TELLS_NULL = re.compile(
    r"(?!if\b|when\b)[^:.]{0,80}\b(?:not|cannot|can't|unanswerable|unable|impossible)\b[^:.]{0,80}(?<!\bbe)[:.]\s*[*`'\"]*null\Z"
)
"""Gives a reason before it: "This cannot be answered: null"."""
_TURN = re.compile(
    r"^[^\w\n]{0,12}(?:wait|actually|correction|oops|sorry|no|edit|revised|on\s+(?:\w+\s+)?reflection|I\s+(?:made|was|apologi[sz]e)"
    r"|that(?:'s|\s+is|\s+was)\s+(?:wrong|incorrect|not)|(?:this|it)\s+is\s+(?:wrong|incorrect)|scratch\s+that)"
    r"\b(?=\s*[,:.!—–-]|\s+(?:that|the|this|a|wrong|I|mistaken|an)\b)",
    re.IGNORECASE | re.MULTILINE,
)
"""Begins a line that takes back what stands before it."""
_WRONG = re.compile(r"\b(?:wrong|incorrect|mistake|mistaken|error|not\s+(?:right|correct))\b", re.IGNORECASE)
_EXAMPLE = re.compile(
    r"\b(?:example|e\.g\.|for\s+instance|(?:wrong|incorrect|bad|draft|initial|original|old|naive|previous|first)"
    r"(?:\s+(?:query|version|attempt|draft|try|sql|answer|one))?)\s*:\W*$",
    re.IGNORECASE,
)
_NOT_THIS = re.compile(
    r"\b(?:instead\s+of|rather\s+than|other\s+than|not|never|avoid|don't\s+use|without)(?:\s+(?:use|using|run|running|the|a|query))*\s*\W*$",
    re.IGNORECASE,
)
"""Ends the words before a query that is set aside."""
_SAYS_NULL = re.compile(
    r"\b(?:answer|query|output|result|response)\s*(?:is|:|=|should\s+be)\s*:?\s*[*`'\"]*null\b(?!\s+(?:if|when|where|for)\b)"
    r"|(?:^[^\w\n]{0,8}|\b(?:so|therefore|thus|hence|then)\s*,?\s*[*`'\"]*|(?<!\bbe):\s*[*`'\"]*)null[^\w\n]{0,8}$",
    re.IGNORECASE | re.MULTILINE,
)
"""Behind a query: claims an abstention beside it."""
_SUPPOSES = re.compile(r"\b(?:if|when|where|unless|whenever)\b[^.\n]*\Z", re.IGNORECASE)
_SQUARE_TAG = re.compile(r"\[(/?)(?:sql|sqlite|sql_query|query)\]", re.IGNORECASE)
_NEAR = 80
_OPENS_NAME = re.compile(r"[\s(,.=<>+\-*/|]")


@answer_reader("sql")
def read_sql(text: str, item: Item) -> Answer | NoAnswer:
    """Return the statement without its comments, or "null" for an abstention.

    A fenced block that holds either is preferred to the text around it. The first line that is the word `null` (any
    case, quoted, labelled, with a final dot or a reason) or holds a statement that begins with SELECT or WITH, at its
    start, behind a colon or in quotes, decides. Prose behind the statement's semicolon, behind a blank line or on
    a line of its own is left out; a second statement after the semicolon is kept, so that it fails when executed, as
    it does in the official scorer.

    Args:
        text: Not blank.
        item: Not looked at; readers share one signature.
    """
    plain = text.replace("\r\n", "\n").replace("\u00a0", " ").strip("\ufeff\u200b").replace("~~~", "```")
    plain = _SQUARE_TAG.sub(r"<\1sql>", plain)
    turned = _turned(plain)
    if turned is None:
        turned = _not_set_aside(plain)
    if turned is not None:
        return (
            Answer(turned, " ".join(turned.split())) if turned else NoAnswer(Reason.UNREADABLE, "a query is taken back")
        )
    for block in (*_FENCE.findall(plain), plain.replace("```", "\n")):
        found = _find(block)
        if found is not None:
            if found != "null" and _says_null(plain, found):
                return NoAnswer(Reason.UNREADABLE, "a query, and null")
            return Answer(found, " ".join(found.split()))
    return NoAnswer(Reason.UNREADABLE, "neither null nor a statement that begins with SELECT or WITH")


def _turned(text: str) -> str | None:
    """Return the query that stands behind words which take an earlier one back; None where nothing is taken back.

    Empty where one is taken back and none follows.
    """
    places = [match.end() for match in _TURN.finditer(text)]
    if not places or _first(text[: places[-1]]) is None:
        return None
    behind = _first(text[places[-1] :])
    if behind is None:
        return "" if _WRONG.search(text[places[-1] - _NEAR : places[-1] + _NEAR]) else None
    return behind


def _not_set_aside(text: str) -> str | None:
    """Return the one query that stands beside those which are set aside; None where none is.

    Empty where all are set aside, or several others are left.
    """
    shown = framed(text)
    if not any(one.aside for one in shown):
        return None
    left = {found for one in shown if not one.aside and (found := _find(one.query))}
    if left:
        return left.pop() if len(left) == 1 else ""
    return _first(text[max(one.end for one in shown) :]) or ""


def _says_null(text: str, query: str) -> bool:
    """Tell whether an abstention is claimed beside a query, not only for a case ("if no row fits")."""
    around = text.replace(query, " ")
    if around == text:
        around = _FENCE.sub(" ", text)
    sites = _SAYS_NULL.finditer(around)
    return any(not _SUPPOSES.search(around, max(0, site.start() - _NEAR), site.start()) for site in sites)


def _first(text: str) -> str | None:
    blocks = (*_FENCE.findall(text), text.replace("```", "\n"))
    return next((found for block in blocks if (found := _find(block)) is not None), None)


def _find(block: str) -> str | None:
    for value in _json_values(block):
        return "null" if value is None else _find(value)
    start = next((match for match in _START.finditer(block) if _given(block, match)), None)
    before = block[: start.start()] if start else block
    if any(_is_null(_LABEL.sub("", line)) for line in before.splitlines()):
        return "null"
    if start is None:
        return "null" if any(_TELLS_NULL.match(_bare(line)) for line in before.splitlines()) else None
    return _unquoted(block[start.end() :], start["quote"])


def _given(block: str, match: re.Match[str]) -> bool:
    """Tell whether a query begins there, and none that is shown as an example or as wrong."""
    begun = block[max(0, match.end() - _NEAR) : match.end()]
    lines = [line for line in begun.splitlines() if line.strip(" \t`\"'*_>-")]
    line = lines[-1] if lines and (lines[-1].rstrip().endswith(":") or lines[-1] == begun.rsplit("\n", 1)[-1]) else ""
    return not (is_prose(block, match.end()) or _EXAMPLE.search(line) or _NOT_THIS.search(line))


def _json_values(block: str) -> Iterator[str | None]:
    """Yield what the keys of a JSON object call the query: its text, or None for null."""
    for key in _JSON_KEY.finditer(block):
        try:
            value = json.JSONDecoder(strict=False).raw_decode(block, key.end())[0]
        except (json.JSONDecodeError, RecursionError):
            continue
        if value is None or (isinstance(value, str) and not _JSON_KEY.search(value)):
            yield value


def _is_null(line: str) -> bool:
    bare = _bare(line)
    return bare == "null" or bool(_NULL_TOLD.match(bare))


def _bare(line: str) -> str:
    return line.strip().strip("*`'\".;>_ ").casefold()


def _unquoted(text: str, quote: str) -> str:
    """Return the statement that the text begins with, where a quotation ends it too."""
    mark = quote.strip("*_")[:1]
    if mark == "`":
        text = text[: _closing(text)]
    elif mark:
        paragraph = re.split(r"\n[ \t]*\n", text, maxsplit=1)[0]
        text = text[: paragraph.rfind(mark)] if paragraph.count(mark) % 2 else text
    found = statement(text)
    return found.rstrip("*_ \n") if "**" in quote or "__" in quote else found


def _closing(text: str) -> int:
    """Return the place of the backtick that ends a quotation; those around a name within it do not."""
    place = text.find("`")
    while place >= 0:
        if not place or not _OPENS_NAME.match(text[place - 1]):
            return place
        end = text.find("`", place + 1)
        if end < 0:
            return place
        place = text.find("`", end + 1)
    return len(text)
