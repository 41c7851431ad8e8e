"""Where one SQL statement ends and the words about it begin; its comments are left out."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"'(?:[^']|'')*'?|\"(?:[^\"]|\"\")*\"?|`[^`]*`?|(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))|[();]|</|\[/|\n[ \t\r\n]*",
    re.DOTALL,
)
_SECOND = re.compile(
    r"""
    select\b | values\s*\( | explain\s+(?:query|select|with)\b
    | with\s+(?:recursive\s+)?\w+\s*(?:\([^()]*\)\s*)?as\s*\(
    | insert\s+(?:or\s+\w+\s+)?into\b | replace\s+into\b | update\s+[^\n;]{1,80}\bset\b | delete\s+from\b
    | (?:drop|alter)\s+(?:table|view|index|trigger)\b
    | create\s+(?:temp|temporary|unique|virtual|table|view|index|trigger)\b
    | (?:attach|detach)\s+(?:database\b|['"]) | pragma\s+\w
    | (?:vacuum|reindex|analyze|begin|commit|end|rollback)(?:\s+transaction)?\s*(?:;|\Z)
    | (?:savepoint|release)\s+\w+\s*(?:;|\Z)
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PROSE = re.compile(
    r"select\s+(?:the|this|that|these|those|each|every|any|only|your|which|what|how)\s"
    r"|select\s+(?:(?:statement|querie|clause|keyword)s?|query|is|are|can|will)(?!\w|\s*[,.(])"
    r"|select\s+all\s+(?:of\s|the\s|\w+\s+(?:who|that|which|whose|with|where)\s)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"Select\b[^\n;]*[.:!?][*_`\"]*[ \t]*$", re.MULTILINE)
_UNFINISHED = re.compile(
    r"""
    (?: [,(=<>+/%|&-]
      | \b(?:select|distinct|all|from|where|and|or|not|on|by|as|join|left|right|inner|outer|cross|natural|union
          |intersect|except|in|between|like|is|case|when|then|else|having|limit|offset|over|using|with|recursive)
    ) \s*\Z
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CONTINUES = re.compile(
    r"""
    [,;] | --(?!-) | /\*
    | (?:select|from|where|and|or|on|join|left|inner|outer|cross|natural|group|order|having|limit|offset|union|intersect
        |except|case|when|then|else|end|as|in|not|window|using)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SELECT = re.compile(r"\bselect\b", re.IGNORECASE)
_BLANK = re.compile(r"(?:[\s;]+|--[^\n]*|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_TAIL = 40
"""Characters that tell whether more must follow."""
_REMARK = re.compile(
    r"\*\*[A-Z]|#+[ \t]|---|(?:This|That|These|The|It|Its|Note|Explanation|Here|I|We|You|Output|Results?|Answer|Since|"
    r"Because|However|Alternatively|Please|Assuming)\b"
    r"|(?:In|If|For|To|Where|And|As|From|On|Then)\s+(?:the|this|that|these|it|you|we|an?|your|our|order)\b"
)


def is_prose(text: str, place: int = 0) -> bool:
    """Tell whether what begins there with the word select is a sentence, not a statement.

    "Select the rows ..." is, and "Select" with a capital in a line that ends as a sentence does.
    """
    return bool(_PROSE.match(text, place) or _SENTENCE.match(text, place))


def statement(text: str) -> str:
    """Return the statement that the text begins with, without its comments, which would swallow joined lines.

    It ends at its semicolon, at a blank line or a line that begins a remark, where it is complete and is not
    continued. A second statement behind the semicolon is kept, so that it fails when executed.
    """
    kept: list[str] = []
    depth = place = 0
    whole, tail = text[:4].lower() != "with", ""
    for token in _TOKEN.finditer(text):
        between, sign = text[place : token.start()], token[0]
        place = token.end()
        kept.append(between)
        if depth <= 0:
            tail = f"{tail}{between}"[-_TAIL:]
            whole = whole or bool(_SELECT.search(between))
        if token["comment"]:
            kept.append(" ")
            continue
        if sign == ";" and _second(text, place):
            return text.strip()
        complete = whole and depth <= 0 and not _UNFINISHED.search(tail)
        if sign in (";", "</", "[/") or (sign[0] == "\n" and complete and _ends(sign, text, place)):
            break
        depth += (sign == "(") - (sign == ")")
        kept.append(sign)
        tail = f"{tail}{sign[-1]}"
    else:
        kept.append(text[place:])
    return "".join(kept).strip()


def _second(text: str, place: int) -> bool:
    """Tell whether a statement of its own follows, behind comments and spaces."""
    place = _BLANK.match(text, place).end()  # type: ignore[union-attr]
    return bool(_SECOND.match(text, place)) and not is_prose(text, place)


def _ends(gap: str, text: str, place: int) -> bool:
    """Tell whether a complete statement ends at the line ends `gap`, by what follows them."""
    return bool(_REMARK.match(text, place)) or (gap.count("\n") > 1 and not _CONTINUES.match(text, place))
