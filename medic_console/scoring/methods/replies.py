"""Read a judge's replies: one label, or a list of questions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from medic_console.core.records import Label

_WORDS = {
    "yes": Label.YES,
    "no": Label.NO,
    "idk": Label.IDK,
    "i don't know": Label.IDK,
    "i dont know": Label.IDK,
    "i do not know": Label.IDK,
}
_AROUND = " \t\r\n.,;:!?*_`'\"()[]{}<>#-"
_OPEN = re.compile(r"\W*(?:what|which|who|whom|whose|why|how|when|where)\b", re.IGNORECASE)
_TWO = re.compile(
    r"\?.*\w.*\?|\b(?:and|or)\s+(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b",
    re.IGNORECASE | re.DOTALL,
)
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class ParsedQuestions:
    """What a judge's list of questions holds."""

    questions: tuple[str, ...]
    dropped: tuple[tuple[str, str], ...] = ()
    """Text and reason of every entry that is not among the questions."""
    repaired: bool = False
    """The list broke off; its whole entries were kept, and the rest is in `dropped`."""


def read_label(text: str) -> Label | None:
    """Return the label that the whole text is, case, markdown and outer punctuation aside; else None.

    Nothing is looked for inside the text: "UNKNOWN" holds "NO" and "I don't know" begins like neither.
    """
    words = " ".join(text.replace("’", "'").strip(_AROUND).casefold().split())
    return _WORDS.get(words)


def parse_questions(text: str, limit: int) -> ParsedQuestions:
    """Return the closed questions of a JSON list of strings, or of objects with a `question`.

    The list may stand in a fence, in prose or in an object. Duplicates (case, spaces and punctuation aside),
    empty ones, open ones (what, which, who, why, how, when, where), those that ask two things (two question marks,
    or a second verb behind "and" or "or") and those over the limit are dropped with the reason.

    Args:
        text: The judge's reply; any text.
        limit: Most questions to keep.
    """
    for opening in re.finditer(r"\[(?=\s*[\"{])", text):
        entries, rest = _entries(text, opening.end())
        if any(_question(entry) is not None for entry in entries):
            return _sift(entries, rest, limit)
    return ParsedQuestions(())


def _entries(text: str, start: int) -> tuple[list[object], str | None]:
    """Return the list's whole entries and the text where it broke off (None when it is whole)."""
    entries: list[object] = []
    position = start
    while True:
        separator = _BETWEEN.match(text, position)
        position = separator.end() if separator else position
        if text.startswith("]", position):
            return entries, None
        try:
            entry, position = _DECODER.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            return entries, text[position:].strip()
        entries.append(entry)


def _question(entry: object) -> str | None:
    text = entry.get("question") if isinstance(entry, dict) else entry
    return " ".join(text.split()) if isinstance(text, str) else None


def _sift(entries: list[object], rest: str | None, limit: int) -> ParsedQuestions:
    kept: list[str] = []
    dropped: list[tuple[str, str]] = []
    seen: set[str] = set()
    for entry in entries:
        question = _question(entry)
        reason = _objection(question, seen)
        if question is None or reason:
            dropped.append((question if question is not None else json.dumps(entry), reason))
        elif len(kept) >= limit:
            dropped.append((question, f"over the limit of {limit}"))
        else:
            seen.add(_same(question))
            kept.append(question)
    if rest is not None:
        dropped.append((rest, "the list broke off here"))
    return ParsedQuestions(tuple(kept), tuple(dropped), rest is not None)


def _objection(question: str | None, seen: set[str]) -> str:
    if question is None:
        return "not a question"
    if any("\ud800" <= character <= "\udfff" for character in question):
        return "not Unicode text"
    if not _same(question):
        return "empty"
    if _same(question) in seen:
        return "asked before"
    if _OPEN.match(question):
        return "not a closed question"
    return "asks two things" if _TWO.search(question) else ""


def _same(question: str) -> str:
    return re.sub(r"[\W_]+", "", question.casefold())
