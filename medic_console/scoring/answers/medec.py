"""Read a MEDEC answer: is there an error, in which sentence, and how is it corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.registry import answer_reader

_OFFICIAL = re.compile(
    r"(?:(?P<id>(?=\S*[A-Za-z])[A-Za-z0-9_-]+)\s+)?(?P<flag>[01])\s+(?P<sentence>-?[0-9]{1,6})(?:\s+(?P<rest>.+))?"
)
_NUMBERED = re.compile(r"[(\[]?(?P<sentence>[0-9]{1,6})[)\]]?(?:\s*[.:)]\s*|\s+(?:[–—→-]|->)\s+|\s+|$)(?P<rest>.*)")
_FLAG_ONLY = re.compile(r"(?:(?=\S*[A-Za-z])[A-Za-z0-9_-]+\s+)?(?P<flag>[01])(?:\s+NA)?\.?")
_SENTENCE_ID = re.compile(r"(?m)^[ \t]*([0-9]+)\s(.*)$")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]|\*\*|__")
_FRAME = re.compile(r"\$*\\boxed\{(?:\\text\{)?([^{}]*)\}+\$*|</?answer>", re.IGNORECASE)
"""What marks a line, or a part of it, as the answer."""
_LEAD = re.compile(
    r"(?:[-*•>#|]+\s+|(?:the\s+)?(?:final\s+)?(?:answer|output|response|result|ans)\s*(?:is\s*:?|[:=])\s*"
    r"|(?:incorrect|wrong|error(?:\s+found)?)\s*[.:;,–—-]\s*"
    r"(?=(?:sentence|line)\b|[(\[]?[0-9]{2,}|[(\[]?[0-9][.:)\]\s]+\w))+",
    re.IGNORECASE,
)
_COUNT = re.compile(
    r"(?P<count>[0-9]+)\s+(?:(?:medical|clinical)\s+)?(?:errors?|mistakes?)"
    r"(?=\s*$|\s*[.:!]|\s+(?:was|were|is|are|has|found|detected|present|identified|in|at)\b)",
    re.IGNORECASE,
)
_BY_NUMBER = (
    r"(?:sentence|line)\s*(?:number|no\b\.?|id|index|#)?\s*(?:is\b|[:=#])?\s*[(\[\"']?"
    r"(?P<sentence>-?[0-9]{1,6})(?![0-9.]*[0-9])[)\]\"']?"
)
_SENTENCE = re.compile(
    rf"(?:the\s+)?(?:(?:error|incorrect|wrong|erroneous)\s+)?{_BY_NUMBER}"
    r"(?:\s*(?:[.:)]|[–—-]+>?|→|=>)\s*|\s+(?:should\s+(?:be|read|say)|must\s+be|corrected(?:\s+to)?)\b\s*:?\s*|\s+(?=(?-i:[A-Z\"]))|$)"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
_FAULT = re.compile(
    rf"(?:\b(?:errors?|mistakes?|incorrect|wrong|erroneous)\b[^.\n]{{0,60}}?\b{_BY_NUMBER}"
    rf"|\b{_BY_NUMBER.replace('sentence>', 'named>')}\s+(?:is|contains?|has|holds?|seems|appears)\b"
    r"(?:(?!\bnot?\b)[^.\n]){0,40}?\b(?:errors?|mistakes?|incorrect|wrong|erroneous|inaccurate)\b)"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:sentences|lines)\s+[0-9]+\s*(?:,|and|&|or)\s*[0-9]+|\bsentence\s+[0-9]+\s+(?:and|or)\s+", re.IGNORECASE
)
_NO_FAULT = re.compile(
    r"\bno\s+(?!other|further|more|additional)(?:\w+\s+){0,2}?(?:errors?|mistakes?)\b|\berror[- ]free\b"
    r"|\b(?:without|free\s+of|free\s+from)\s+(?:any\s+)?(?:\w+\s+)?errors?\b"
    r"|\b(?:does\s+not|doesn't|do\s+not|don't|did\s+not)\s+(?:contain|have|hold|find|see|detect)\s+(?:any\s+|an\s+)?(?:\w+\s+)?errors?\b",
    re.IGNORECASE,
)
_ZERO = re.compile(
    r"0\W*\s(?:no\s+(?:\w+\s+)?(?:errors?|mistakes?)(?:\s+(?:found|detected|present))?)\W*", re.IGNORECASE
)
_ALL_RIGHT = re.compile(
    r"(?:(?:the|this)\s+(?:\w+\s+)?(?:note|text|report|document)|all\s+(?:of\s+)?(?:the\s+)?sentences|everything)"
    r"\s+(?:is|are|appears?\s+to\s+be|seems?\s+to\s+be)\s+(?:(?!not\b|never\b|hardly\b)\w+\s+)?correct\b",
    re.IGNORECASE,
)
_BUT = re.compile(r"\b(?:except|but|however|apart|although)\b", re.IGNORECASE)
_FLAG = re.compile(
    r"(?:(?:has|contains?|is\s+there|any)\s+(?:an?\s+)?)?(?:medical\s+)?errors?"
    r"(?:[ _](?:flag|present|found|detected|count|exists))?\??\s*[:=]\s*"
    r"(?P<flag>0|1|no|none|yes|true|false|n/?a)\b\W*|flag\s*[:=]\s*(?P<bit>[01])\W*",
    re.IGNORECASE,
)
_NO_SENTENCE = re.compile(
    r"(?:error\s+)?(?:sentence|line)(?:\s+(?:number|id|no\.?))?\s*[:=]\s*(?:none|n/?a|-1)\W*", re.I
)
_CORRECTION = re.compile(
    r"(?:(?:the\s+)?correct(?:ed|ion)?(?:\s+(?:sentence|version|text|line))?|correction|should\s+(?:be|read|say)|rewritten)"
    r"(?:\s+is)?\s*(?:[:=]|→|->)\s*(?P<rest>\S.*)",
    re.IGNORECASE,
)
_NA = frozenset(("", "na", "n/a", "none"))


@dataclass(frozen=True, slots=True)
class _Part:
    """What one line states; None where it says nothing of it."""

    flag: int | None = None
    sentence: int | None = None
    correction: str | None = None


_NO_ERROR = _Part(0, -1)


@answer_reader("medec")
def read_medec(text: str, item: Item) -> Answer | NoAnswer:
    """Return `{"flag": 0 | 1, "sentence_id": int, "correction": str | None}`.

    Accepted: the official submission line `text_id flag sentence_id "correction"` (MEDIQA-CORR 2024; with or without
    text_id); CORRECT and words that say so ("No error."); `<n> <corrected sentence>`, also "(3) ...", "- 3 ...",
    "[3] ...", "Sentence 3: ..."; words that place the error ("1 error found in sentence 2", "Sentence number: 3"); a
    JSON object or lines of flag, sentence and correction by name. Decisions where a line could be two of these:

    - flag 0 has no correction, as the official script enforces; its sentence counts as given, as there;
    - a lone 0 (also `0 NA`) is flag 0, a lone 1 is flag 1 with no sentence, a lone number above 1 that
      sentence;
    - `0 <m> text` without text_id is a correction of sentence 0, unless <m> is -1 or the text is NA or
      quoted;
    - `1 <m> text` without text_id is the official line, unless sentence 1 of the note itself begins with <m>
      or the note has no sentence <m>: then it corrects sentence 1;
    - a number that is no sentence of the note is not read as `<n> <corrected sentence>`;
    - of several lines the one with the item's own text_id counts; else lines add up, and those that disagree are
      unreadable. Beside a correction, the note's own sentence is a quotation.

    Args:
        text: Not blank.
        item: `fields["sentences"]` holds the numbered sentences, `fields["text_id"]` the note's name.
    """
    sentences = {int(n): body for n, body in _SENTENCE_ID.findall(str(item.fields.get("sentences", "")))}
    own_id = str(item.fields.get("text_id", item.id))
    lines = [_FRAME.sub(r"\1", _UNSEEN.sub("", line)).strip(" \t`") for line in text.splitlines()]
    own = [line for line in lines if line.split(maxsplit=1)[:1] == [own_id]]
    record = _record(text)
    parts = [_named(record)] if record else [part for line in own or lines if (part := _part(line, sentences))]
    stated = _summed(parts, sentences)
    if isinstance(stated, str):
        return NoAnswer(Reason.UNREADABLE, stated)
    value: dict[str, Any] = {"flag": stated.flag, "sentence_id": stated.sentence, "correction": stated.correction}
    said = f'"{stated.correction}"' if stated.correction else "NA"
    return Answer(value, f"{stated.flag} {stated.sentence} {said}")


def _summed(parts: list[_Part], sentences: Mapping[int, str]) -> _Part | str:
    """Return what all parts state together, or why they state nothing."""
    flags = {part.flag for part in parts if part.flag is not None}
    numbers = {part.sentence for part in parts if part.sentence is not None}
    if not flags and not numbers:
        return "no CORRECT, no submission line and no numbered sentence of the note"
    corrections = list(dict.fromkeys(part.correction for part in parts if part.correction))
    if len(corrections) > 1 and len(numbers) == 1:
        quoted = _same(sentences.get(next(iter(numbers)), ""))
        corrections = [text for text in corrections if _same(text) != quoted]
    if max(len(flags), len(numbers), len(corrections)) > 1:
        return f"{max(len(flags), len(numbers), len(corrections))} different answers"
    number = numbers.pop() if numbers else -1
    flag = flags.pop() if flags else int(number >= 0)
    return _Part(flag, number, corrections[0] if corrections and flag else None)


def _part(line: str, sentences: Mapping[int, str]) -> _Part | None:
    """Return what a line states."""
    lead = _LEAD.match(line)
    line = line[lead.end() :].strip() if lead else line
    only = _FLAG_ONLY.fullmatch(line)
    if only:
        return _NO_ERROR if only["flag"] == "0" else _Part(1, -1)
    if not line or _MANY.search(line):
        return None
    counted = _COUNT.match(line)
    begins = line[:1].isdigit() and not counted
    readers = (_official, _verdict, _numbered) if begins else (_with_id, _fault, _keyed, _verdict, _bracketed)
    part = next((part for read in readers if (part := read(line, sentences)) is not None), None)
    if part is None and counted and counted["count"] in ("0", "1"):
        return _Part(1) if counted["count"] == "1" else _NO_ERROR
    return part


def _verdict(line: str, sentences: Mapping[int, str]) -> _Part | None:
    """Read a line that says whether there is an error: CORRECT, "No error.", INCORRECT."""
    bare = line.strip(" .!\"'()[]").casefold()
    if bare in ("correct", "incorrect"):
        return _NO_ERROR if bare == "correct" else _Part(1)
    if line.lstrip("([")[:1].isdigit():
        return _NO_ERROR if _ZERO.fullmatch(line) else None
    fine = _NO_FAULT.search(line) or _ALL_RIGHT.match(line)
    if not fine or _BUT.search(line) or re.match(r"\s+in\s+(?:sentence|line)\b", line[fine.end() :]):
        return None
    return _NO_ERROR


def _keyed(line: str, sentences: Mapping[int, str]) -> _Part | None:
    """Read a line of a name and a value: "Error flag: 1", "Sentence number: 3", "Corrected sentence: ..."."""
    flag = _FLAG.fullmatch(line)
    if flag:
        return (
            _NO_ERROR
            if (flag["flag"] or flag["bit"]).casefold() in ("0", "no", "none", "false", "na", "n/a")
            else _Part(1)
        )
    if _NO_SENTENCE.fullmatch(line):
        return _Part(None, -1)
    correction = _CORRECTION.match(line)
    if correction:
        return _Part(None, None, _corrected(correction["rest"]))
    named = _SENTENCE.fullmatch(line)
    if named and (int(named["sentence"]) in sentences or not sentences):
        return _Part(None, int(named["sentence"]), _corrected(named["rest"]))
    return None


def _fault(line: str, sentences: Mapping[int, str]) -> _Part | None:
    """Read words that place the error: "1 error found in sentence 2", "Sentence 2 is incorrect"."""
    found = _FAULT.search(line)
    if found is None or _NO_FAULT.search(line[: found.start("rest")]):
        return None
    number = int(found["sentence"] or found["named"])
    if sentences and number not in sentences:
        return None
    behind = _CORRECTION.search(found["rest"]) or re.match(r"\s*(?::|→|->)\s*(?P<rest>\S.*)", found["rest"])
    return _Part(1, number, _corrected(behind["rest"]) if behind else None)


def _official(line: str, sentences: Mapping[int, str]) -> _Part | None:
    official = _OFFICIAL.fullmatch(line)
    if official is None or not _is_official(official, sentences):
        return None
    flag = int(official["flag"])
    return _Part(flag, max(int(official["sentence"]), -1), _corrected(official["rest"]) if flag else None)


def _with_id(line: str, sentences: Mapping[int, str]) -> _Part | None:
    """Read the official line with its text_id."""
    return _official(line, sentences)


def _bracketed(line: str, sentences: Mapping[int, str]) -> _Part | None:
    """Read a number in brackets, and the sentence behind it."""
    return _numbered(line, sentences) if line[0] in "([" else None


def _numbered(line: str, sentences: Mapping[int, str]) -> _Part | None:
    numbered = _NUMBERED.fullmatch(line)
    if numbered is None or (sentences and int(numbered["sentence"]) not in sentences):
        return None
    return _Part(1, int(numbered["sentence"]), _corrected(numbered["rest"]))


def _is_official(match: re.Match[str], sentences: Mapping[int, str]) -> bool:
    """Tell the official line from a corrected sentence that begins with a number."""
    sentence, rest = int(match["sentence"]), (match["rest"] or "").strip()
    if match["id"] or sentence == -1 or rest in ("", "NA") or rest.startswith('"'):
        return True
    if match["flag"] == "0":
        return False
    known = sentence in sentences or not sentences
    return known and not re.match(rf"{sentence}\b", sentences.get(1, "").strip())


def _record(text: str) -> Mapping[str, Any]:
    """Return the JSON object that a text holds; empty without one."""
    start, end = text.find("{"), text.rfind("}")
    try:
        record = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _named(record: Mapping[str, Any]) -> _Part:
    """Return what a JSON object states under names that hold "flag", "sentence" and "correct"."""
    flag: int | None = None
    sentence: int | None = None
    correction: str | None = None
    for name, value in _folded(record):
        said = str(value).strip().casefold()
        if "correct" in name and isinstance(value, str):
            correction = _corrected(value)
        elif "sentence" in name and re.fullmatch(r"-?[0-9]{1,6}", said):
            sentence = int(said)
        elif "sentence" in name and said in ("na", "n/a", "none", "null", ""):
            sentence = -1
        elif ("flag" in name or "error" in name) and said in ("0", "false", "no", "none", "1", "true", "yes"):
            flag = int(said in ("1", "true", "yes"))
    return _Part(flag, sentence, correction)


def _folded(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        yield str(name).casefold(), value


def _same(text: str) -> str:
    return " ".join(text.split()).strip('" .').casefold()


def _corrected(rest: str | None) -> str | None:
    """Return the corrected sentence without its quotes; None for NA or nothing."""
    text = " ".join((rest or "").split()).strip('" ')
    return None if text.casefold() in _NA else text
