"""Read one SQL statement, or the abstention `null`. Nothing is executed here."""

from __future__ import annotations

import re

from medic_console.records import Answer, Item, NoAnswer, Reason

_FENCE = re.compile(r"```[ \t]*[A-Za-z0-9]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_LABEL = re.compile(r"^\s*(?:(?:the\s+)?(?:sqlite|sql)(?:\s+query)?|query|answer)\s*:\s*", re.IGNORECASE)
_START = re.compile(
    r"^[ \t]*(?:SELECT\b|WITH\s+(?:RECURSIVE\s+)?[\"`\[]?\w+[\"`\]]?\s*(?:\(|AS\b))",
    re.IGNORECASE | re.MULTILINE,
)
_CONTINUES = re.compile(
    r"\s*(?:[(),;]|--|/\*|(?:select|from|where|and|or|on|join|left|inner|outer|cross|natural|group|order|having|limit|"
    r"offset|union|intersect|except|case|when|then|else|end|as|in|not|with|window|using)\b)",
    re.IGNORECASE,
)
_STATEMENT = re.compile(
    r"\s*(?:select|with|insert|update|delete|replace|drop|create|alter|attach|detach|pragma|vacuum|reindex|analyze|"
    r"begin|commit|rollback|savepoint|release|explain|values)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"'(?:[^']|'')*'?|\"(?:[^\"]|\"\")*\"?|`[^`]*`?|--[^\n]*|/\*.*?(?:\*/|\Z)|[();]|\n[ \t\r]*\n\s*",
    re.DOTALL,
)


def read_sql(text: str, item: Item) -> Answer | NoAnswer:
    """Return the statement, or "null" for an abstention.

    A fenced block that holds either is preferred to the text around it. The first line that is the lone word
    `null` (any case, quoted or with a final dot) or begins with SELECT or WITH decides. Prose after the
    statement's semicolon or after a blank line is left out; a second statement after the semicolon is kept,
    so that it fails when executed, as it does in the official scorer.

    Args:
        text: Not blank.
        item: Not looked at; readers share one signature.
    """
    for block in (*_FENCE.findall(text), text.replace("```", "\n")):
        found = _find(block)
        if found is not None:
            return Answer(found, " ".join(found.split()))
    return NoAnswer(Reason.UNREADABLE, "neither null nor a statement that begins with SELECT or WITH")


def _find(block: str) -> str | None:
    body = _LABEL.sub("", block, count=1)
    start = _START.search(body)
    before = body[: start.start()] if start else body
    labelled = (_LABEL.sub("", line) for line in before.splitlines())
    if any(_is_null(line) for line in labelled):
        return "null"
    if start:
        return _statement(body[start.start() :])
    return None


def _is_null(line: str) -> bool:
    return line.strip().strip("*`'\".; ").casefold() == "null"


def _statement(text: str) -> str:
    """Return the text up to the end of its first statement (and all of it when a second one follows)."""
    depth = 0
    for token in _TOKEN.finditer(text):
        kind = token[0][0]
        if kind == "(":
            depth += 1
        elif kind == ")":
            depth -= 1
        elif kind == ";":
            rest = text[token.end() :]
            return text.strip() if _STATEMENT.match(rest) else text[: token.start()].strip()
        elif kind == "\n" and depth <= 0 and not _CONTINUES.match(text, token.end()):
            return text[: token.start()].strip()
    return text.strip()
