"""What one line of a MEDEC answer states: a verdict, a sentence's number, a correction."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_OFFICIAL = re.compile(
    r"(?:(?P<id>(?=\S{0,200}[A-Za-z])[A-Za-z0-9_-]{1,200})\s+)?(?P<flag>[01])\s+(?P<sentence>-?[0-9]{1,6})(?:\s+(?P<rest>.+))?"
)
_NUMBERED = re.compile(r"[(\[]?(?P<sentence>[0-9]{1,6})[)\]]?(?:\s*[.:)]\s*|\s+(?:[–—→-]|->)\s+|\s+|$)(?P<rest>.*)")
_LISTED = re.compile(r"[0-9]{1,6}[.)]\s+([0-9]{1,6})\s")
"""Two numbers, the first with the mark of a list."""
_FLAG_ONLY = re.compile(r"(?:(?=\S{0,200}[A-Za-z])[A-Za-z0-9_-]{1,200}\s+)?(?P<flag>[01])(?:\s+NA)?\.?")
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
    rf"(?:\b(?:errors?|mistakes?|incorrect|wrong|erroneous)\b(?:(?!\bnot?\b|n't\b)[^.\n]){{0,60}}?\b{_BY_NUMBER}"
    rf"|\b{_BY_NUMBER.replace('sentence>', 'named>')}\s+(?:is|contains?|has|holds?|seems|looks|appears)\b"
    r"(?:(?!\bnot?\b)[^.\n]){0,40}?\b(?:errors?|mistakes?|incorrect|wrong|erroneous|inaccurate)\b)"
    r"(?P<rest>.*)",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:sentences|lines)\s+[0-9]+\s*(?:,|and|&|or)\s*[0-9]+|\bsentence\s+[0-9]+\s+(?:and|or)\s+", re.IGNORECASE
)
_NO_FAULT = re.compile(
    r"\bno\s+(?!other|further|more|additional|doubt|question|longer)(?:\w+\s+){0,2}?(?:errors?|mistakes?)\b"
    r"|\berror[- ]free\b|\bzero\s+(?:errors?|mistakes?)\b"
    r"|\b(?:isn't|is\s+not|aren't)\s+(?:an?|any)\s+(?:\w+\s+)?(?:errors?|mistakes?)\b"
    r"|^(?:is|are)\s+there\s+(?:an?|any)\s+(?:\w+\s+)?(?:errors?|mistakes?)\?\s*no\b"
    r"|\b(?:no|none\s+of\s+(?:the|these))\s+sentences?\s+(?:that\s+)?(?:with|has|have|contains?|is|are|holds?)\s+(?:an?\s+|any\s+)?"
    r"(?:(?!without\b|free\b|not\b)\w+\s+)?(?:errors?|mistakes?|wrong|incorrect|erroneous|inaccurate)\b"
    r"|\b(?:without|free\s+of|free\s+from)\s+(?:any\s+)?(?:\w+\s+)?errors?\b"
    r"|\b(?:does\s+not|doesn't|do\s+not|don't|did\s+not)\s+(?:contain|have|hold|find|see|detect)\s+(?:any\s+|an\s+)?(?:\w+\s+)?errors?\b",
    re.IGNORECASE,
)
_NOT_FREE = re.compile(
    r"\b(?:not|never|none|no\s+sentences?|cannot|can't|doubt\w*|hardly|don't|doesn't|isn't|false|untrue|wrong)\b[^.!?;\n]*$",
    re.IGNORECASE,
)
"""Ends the words before "no error" where they deny it."""
_SAYS_NO = re.compile(r"\s*[:=?]\s*(?:no|false|0|not)\b", re.IGNORECASE)
_TURNED = re.compile(
    r"[.!?;—–]\s*(?:wait|no|oops|sorry|hold\s+on|scratch\s+that|strike\s+that|actually|correction)\b\s*[,:.—–]", re.I
)
"""Begins the words that take a place of the error back."""
_SAID_RIGHT = re.compile(
    r"(?:is|are|seems|looks|appears)\s+(?:to\s+be\s+)?(?:\w+\s+)?(?:correct|right|fine|accurate|ok(?:ay)?|true)\W*",
    re.IGNORECASE,
)
_ARROW = re.compile(
    r"\s+(?:->|→|=>|⇒)\s+"
    r"|[\s.;,\"'(–—-]+(?:(?:the\s+)?correct(?:ed|ion)?(?:\s+(?:sentence|version|text|line|to))?"
    r"|should\s+(?:be|read|say)|(?:re-?)?written)(?:\s+(?:is|as|to))?\s*(?:[:=]\s*|(?=\"))",
    re.IGNORECASE,
)
"""Between a sentence and its correction."""
_SHOULD = re.compile(r"[\s.\"',;]+should\s+(?:be|read|say)\s+", re.IGNORECASE)
"""The same, where the words before it are the note's own sentence."""
_RIGHT = r"(?:correct|right|fine|accurate|ok(?:ay)?|true|good|error[- ]free)"
_RIGHT_FIRST = re.compile(
    r"(?:(?:sentences?|lines?)\s+)?[0-9]{1,6}(?:\s*(?:,|&|,?\s*and\b)\s*(?:sentence\s+)?[0-9]{1,6}){0,20}\s+"
    rf"(?:is|are|seems?|looks?|appears?)\s+(?:to\s+be\s+)?(?:(?!not\b)\w+\s+)?{_RIGHT}\s*[,;.]?\s*"
    r"(?:(?:but|and|while|whereas|however|yet)\b[\s,]*)*(?=(?:the\s+)?(?:error|sentence|line)\b|[0-9]{1,6}\s)",
    re.IGNORECASE,
)
"""Says of sentences that they are right, before words about another."""
_WRONG_ONE = re.compile(
    r"(?P<number>[0-9]{1,6})\s+(?P<verb>is|contains?|has|holds?|seems|looks|appears)\s+(?:(?!not?\b|\w*correct\b)\w+\s+){0,3}"
    r"(?:errors?|mistakes?|wrong|incorrect|erroneous|inaccurate|false)\b",
    re.IGNORECASE,
)
"""Says of a number that it is wrong: it is a sentence's."""
_FINE = (
    r"(?:there\s+(?:is|are)\s+)?no\s+(?:\w+\s+)?(?:errors?|mistakes?)(?:\s+(?:found|detected|present))?"
    r"(?:\s+in\s+(?:the|this)\s+(?:note|text))?|correct"
)
_ZERO = re.compile(rf"0\W*\s(?:{_FINE})\W*", re.IGNORECASE)
_VERDICT_ALONE = re.compile(rf"\W*(?:{_FINE}|incorrect)\W*", re.IGNORECASE)
_HAS_FAULT = re.compile(
    r"(?:(?:the|this)\s+(?:note|text)\s+(?:contains|has|holds)|there\s+is)\s+(?:an?|one|1)\s+(?:medical\s+|clinical\s+)?"
    r"(?:error|mistake)(?:\s+in\s+(?:the|this)\s+(?:note|text))?\s*(?:[.!:,]|$)(?!.*\bor\s+none\b)",
    re.IGNORECASE,
)
_SAYS_RIGHT = re.compile(r"correct\s*[.!,;]", re.IGNORECASE)
_OF_ONE = re.compile(r"\b(?:sentence|line)s?\s+(?:number\s+)?[0-9]", re.IGNORECASE)
_VERDICT_OF_IT = re.compile(
    rf"(?:it\s+|this\s+)?(?:is\s+)?(?P<said>{_FINE}|(?:an?\s+)?(?:errors?|mistakes?)|incorrect|wrong|erroneous|false|untrue|inaccurate|right|fine|true|accurate"
    r"|ok(?:ay)?)\s*(?:[.,;:!?–—]|-\s|$)(?P<more>.*)",
    re.IGNORECASE,
)
"""Behind a sentence's number: says of it whether it is right, and is no corrected sentence."""
_IS_WRONG = re.compile(
    r"(?:an?\s+)?(?:errors?|mistakes?)|incorrect|wrong|erroneous|false|untrue|inaccurate", re.IGNORECASE
)
_COUNTED = re.compile(
    r"[0-9]+\s+(?:(?:correct|right|numbered)\s+)?(?:sentences|statements)\b|[0-9]+(?:\s*[,/&]\s*|\s+(?:and|or|to)\s+)[0-9]+\b",
    re.IGNORECASE,
)
"""Begins with a number that counts sentences, or with several numbers."""
_ABOUT_IT = re.compile(
    r"(?:(?:this|the)\s+sentence\s+|it\s+)?(?:is|contains|has|holds)\s+(?:an?\s+|the\s+)?(?:medical\s+)?"
    r"(?:errors?|mistakes?|incorrect|wrong|erroneous|inaccurate)\b\W*",
    re.IGNORECASE,
)
"""Behind a sentence's number: says of it that it is wrong, and is no corrected sentence."""
_ABOUT_ERROR = re.compile(r"(?:the|an?)\s+(?:medical\s+)?(?:error|mistake)\s+(?:is|was|lies)\b", re.IGNORECASE)
_ALL_RIGHT = re.compile(
    r"(?:(?:the|this)\s+(?:\w+\s+)?(?:note|text|report|document)|all\s+(?:of\s+)?(?:the\s+|these\s+|its\s+)?(?:\w+\s+)?sentences|the\s+sentences"
    r"|(?:every|each)\s+(?:(?:single|one\s+of\s+the|of\s+the)\s+)?sentences?|all\s+of\s+(?:them|it)|everything)"
    r"\s+(?:is|are|appears?\s+to\s+be|seems?\s+to\s+be)\s+(?:(?!not\b|never\b|hardly\b)\w+\s+)?"
    r"(?:correct|accurate)\b",
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
class Part:
    """What one line states; None where it says nothing of it."""

    flag: int | None = None
    sentence: int | None = None
    correction: str | None = None
    unclear: str = ""
    """Why the line can be read in two ways; empty where it cannot."""


NO_ERROR = Part(0, -1)


def part_of(line: str, sentences: Mapping[int, str]) -> Part | None:
    """Return what a line states."""
    lead = _LEAD.match(line)
    line = line[lead.end() :].strip() if lead else line
    right = _RIGHT_FIRST.match(line)
    line = line[right.end() :] if right else line
    wrong = _WRONG_ONE.match(line)
    if wrong and not sentences.get(int(wrong["number"]), "").casefold().startswith(wrong["verb"].casefold()):
        line = f"Sentence {line}"
    only = _FLAG_ONLY.fullmatch(line)
    if only:
        return NO_ERROR if only["flag"] == "0" else Part(1, -1)
    if not line or _MANY.search(line):
        return None
    counted = _COUNT.match(line)
    begins = line[:1].isdigit() and not counted
    readers = (_official, _verdict, _numbered) if begins else (_with_id, _fault, _keyed, _verdict, _bracketed)
    part = next((part for read in readers if (part := read(line, sentences)) is not None), None)
    if part is None and counted and counted["count"] in ("0", "1"):
        return Part(1) if counted["count"] == "1" else NO_ERROR
    return part


def _verdict(line: str, sentences: Mapping[int, str]) -> Part | None:
    """Read a line that says whether there is an error: CORRECT, "No error.", INCORRECT, "The note has an error."."""
    bare = line.strip(" .!\"'()[]").casefold()
    if bare in ("correct", "incorrect"):
        return NO_ERROR if bare == "correct" else Part(1)
    if line.lstrip("([")[:1].isdigit():
        return NO_ERROR if _ZERO.fullmatch(line) else None
    if _OF_ONE.search(line) or _BUT.search(line):
        return None
    free = _NO_FAULT.search(line)
    if free and (_NOT_FREE.search(line, 0, free.start()) or _SAYS_NO.match(line, free.end())):
        return None
    if free or _ALL_RIGHT.match(line):
        return NO_ERROR
    return Part(1) if _HAS_FAULT.match(line) else None


def _keyed(line: str, sentences: Mapping[int, str]) -> Part | None:
    """Read a line of a name and a value: "Error flag: 1", "Sentence number: 3", "Corrected sentence: ..."."""
    flag = _FLAG.fullmatch(line)
    if flag:
        return (
            NO_ERROR
            if (flag["flag"] or flag["bit"]).casefold() in ("0", "no", "none", "false", "na", "n/a")
            else Part(1)
        )
    if _NO_SENTENCE.fullmatch(line):
        return Part(None, -1)
    correction = _CORRECTION.match(line)
    if correction:
        return Part(None, None, corrected(correction["rest"]))
    named = _SENTENCE.fullmatch(line)
    if named and (int(named["sentence"]) in sentences or not sentences):
        number = int(named["sentence"])
        rest = named["rest"].strip()
        said = _said_of(number, rest, sentences)
        if said is None and _parted(number, rest, sentences):
            return _altered(number, rest, sentences)
        return said or Part(None, number, corrected(rest))
    return None


def _said_of(number: int, rest: str, sentences: Mapping[int, str]) -> Part | None:
    """Read words that say of a sentence whether it is right: "incorrect" places the error, anything else is unclear."""
    said = _VERDICT_OF_IT.fullmatch(rest)
    if said is None or sentences.get(number, "").casefold().startswith(said["said"].casefold()):
        return None
    if _IS_WRONG.fullmatch(said["said"]) and not said["more"].strip(" ."):
        return Part(1, number)
    return Part(unclear=f"of {number} it is said whether it is right, and more")


def _fault(line: str, sentences: Mapping[int, str]) -> Part | None:
    """Read words that place the error: "1 error found in sentence 2", "Sentence 2 is incorrect"."""
    found = _FAULT.search(line)
    before = line[: found.start("rest")] if found else ""
    if found is None or _NO_FAULT.search(before) or _ALL_RIGHT.match(before) or _SAYS_RIGHT.match(before):
        return None
    number = int(found["sentence"] or found["named"])
    if _TURNED.search(found["rest"]):
        return Part(unclear="a place of the error is named and taken back")
    if sentences and number not in sentences:
        return None
    behind = _CORRECTION.search(found["rest"]) or re.match(r"\s*(?::|→|->)\s*(?P<rest>\S.*)", found["rest"])
    return _altered(number, behind["rest"], sentences) if behind else Part(1, number)


def _official(line: str, sentences: Mapping[int, str]) -> Part | None:
    official = _OFFICIAL.fullmatch(line)
    if official is None or not _is_official(official, sentences):
        return None
    flag = int(official["flag"])
    return Part(flag, max(int(official["sentence"]), -1), corrected(official["rest"]) if flag else None)


def _with_id(line: str, sentences: Mapping[int, str]) -> Part | None:
    """Read the official line with its text_id."""
    return _official(line, sentences)


def _bracketed(line: str, sentences: Mapping[int, str]) -> Part | None:
    """Read a number in brackets, and the sentence behind it."""
    return _numbered(line, sentences) if line[0] in "([" else None


def _numbered(line: str, sentences: Mapping[int, str]) -> Part | None:
    numbered = _NUMBERED.fullmatch(line)
    if numbered is None or (sentences and int(numbered["sentence"]) not in sentences):
        return None
    if _COUNTED.match(line):
        return Part(unclear="its first number counts sentences, or is one of several")
    number, rest = int(numbered["sentence"]), numbered["rest"].strip()
    first = _LISTED.match(line)
    if first and int(first[1]) in sentences and not re.match(rf"{first[1]}\b", sentences[number].strip()):
        return Part(unclear=f"{number} may count a line, and {first[1]} name a sentence")
    told = _told(number, rest, sentences)
    return told or _altered(number, rest, sentences)


def _altered(number: int, rest: str, sentences: Mapping[int, str]) -> Part:
    """Return a corrected sentence; of "old -> new" the new one, put into the note's own where parts of it are given."""
    parted = _parted(number, rest, sentences)
    if parted is None:
        return Part(1, number, corrected(rest))
    old, new = rest[: parted.start()].strip(' "'), rest[parted.end() :].strip(' "')
    own = sentences.get(number, "")
    whole = not own or len(old.split()) * 2 > len(own.split())
    if own and (old not in own if not whole else old.strip(' ."').casefold() not in own.casefold()):
        return Part(unclear=f"{old[:40]!r} is to be replaced, and sentence {number} does not hold it")
    return Part(1, number, corrected(new if whole else own.replace(old, new, 1)))


def _parted(number: int, rest: str, sentences: Mapping[int, str]) -> re.Match[str] | None:
    """Return what stands between a sentence and its correction; None where there is the correction alone."""
    should = _SHOULD.search(rest)
    if should and rest[: should.start()].strip(" .\"'").casefold() == sentences.get(number, "").strip(" .").casefold():
        return should
    return _ARROW.search(rest)


def _told(number: int, rest: str, sentences: Mapping[int, str]) -> Part | None:
    """Read what stands behind a number where it is no corrected sentence; None where it is one.

    "1. The error is in sentence 2.": the number is that of a list, or the flag. "1. No error.": a list's number, or
    the sentence's?
    """
    placed = _fault(rest, sentences) or (_keyed(rest, sentences) if _SENTENCE.fullmatch(rest) else None)
    if placed is not None and (number == 1 or placed.sentence == number):
        return placed
    if placed is not None or _VERDICT_ALONE.fullmatch(rest):
        return Part(unclear=f"{number} may count a line or name a sentence")
    if _ABOUT_ERROR.match(rest):
        return Part(unclear="1 may count a line or name a sentence") if number == 1 else Part(1, number)
    if _ABOUT_IT.fullmatch(rest):
        return Part(1, number)
    verdict = _said_of(number, rest, sentences)
    if verdict is not None:
        return verdict
    if _SAID_RIGHT.match(rest) and not sentences.get(number, "").casefold().startswith(rest.split()[0].casefold()):
        return Part(unclear=f"of {number} it is said that it is right")
    labelled = _CORRECTION.match(rest)
    return Part(1, number, corrected(labelled["rest"])) if labelled else None


def _is_official(match: re.Match[str], sentences: Mapping[int, str]) -> bool:
    """Tell the official line from a corrected sentence that begins with a number."""
    sentence, rest = int(match["sentence"]), (match["rest"] or "").strip()
    if match["id"] or sentence == -1 or rest in ("", "NA") or rest.startswith('"'):
        return True
    if match["flag"] == "0":
        return False
    known = sentence in sentences or not sentences
    return known and not re.match(rf"{sentence}\b", sentences.get(1, "").strip())


def corrected(rest: str | None) -> str | None:
    """Return the corrected sentence without its quotes; None for NA or nothing."""
    text = " ".join((rest or "").split()).strip('" ')
    return None if text.casefold() in _NA else text
