"""Read a MEDEC answer: is there an error, in which sentence, and how is it corrected."""

from __future__ import annotations

import re
from typing import Any

from medic_console.records import Answer, Item, NoAnswer, Reason

_OFFICIAL = re.compile(
    r"(?:(?P<id>(?=\S*[A-Za-z])[A-Za-z0-9_-]+)\s+)?(?P<flag>[01])\s+(?P<sentence>-?[0-9]{1,6})(?:\s+(?P<rest>.+))?"
)
_NUMBERED = re.compile(r"(?:sentence\s+)?(?P<sentence>[0-9]{1,6})(?:\s*[.:)]\s*|\s+|$)(?P<rest>.*)", re.IGNORECASE)
_FLAG_ONLY = re.compile(r"(?:(?=\S*[A-Za-z])[A-Za-z0-9_-]+\s+)?(?P<flag>[01])(?:\s+NA)?\.?")
_SENTENCE_ID = re.compile(r"(?m)^[ \t]*([0-9]+)\s(.*)$")

_NO_ERROR: tuple[int, int, str | None] = (0, -1, None)


def read_medec(text: str, item: Item) -> Answer | NoAnswer:
    """Return `{"flag": 0 | 1, "sentence_id": int, "correction": str | None}`.

    Accepted, a line each: the official submission line `text_id flag sentence_id "correction"` (MEDIQA-CORR
    2024; with or without text_id), the lone word CORRECT, and `<n> <corrected sentence>`. Decisions where a
    line could be two of these:

    - flag 0 has no correction, as the official script enforces; its sentence counts as given, as there;
    - a lone 0 (also `0 NA`) is flag 0, a lone 1 is flag 1 with no sentence, a lone number above 1 that
      sentence;
    - `0 <m> text` without text_id is a correction of sentence 0, unless <m> is -1 or the text is NA or
      quoted;
    - `1 <m> text` without text_id is the official line, unless sentence 1 of the note itself begins with <m>
      or the note has no sentence <m>: then it corrects sentence 1;
    - a number that is no sentence of the note is not read as `<n> <corrected sentence>`;
    - of several lines the one with the item's own text_id counts; else lines that disagree are unreadable.

    Args:
        text: Not blank.
        item: `fields["sentences"]` holds the numbered sentences, `fields["text_id"]` the note's name.
    """
    sentences = {int(n): body for n, body in _SENTENCE_ID.findall(str(item.fields.get("sentences", "")))}
    own_id = str(item.fields.get("text_id", item.id))
    lines = [line.replace("**", "").strip(" \t`") for line in text.splitlines()]
    own = [line for line in lines if line.split(maxsplit=1)[:1] == [own_id]]
    claims = {claim for line in own or lines if (claim := _claim(line, sentences)) is not None}
    if not claims:
        return NoAnswer(Reason.UNREADABLE, "no CORRECT, no submission line and no numbered sentence of the note")
    if len(claims) > 1:
        return NoAnswer(Reason.UNREADABLE, f"{len(claims)} different answers")
    flag, sentence, correction = claims.pop()
    value: dict[str, Any] = {"flag": flag, "sentence_id": sentence, "correction": correction}
    return Answer(value, f'{flag} {sentence} "{correction}"' if correction else f"{flag} {sentence} NA")


def _claim(line: str, sentences: dict[int, str]) -> tuple[int, int, str | None] | None:
    """Return (flag, sentence id, correction) that one line states."""
    if line.strip(" .!\"'").casefold() == "correct":
        return _NO_ERROR
    only = _FLAG_ONLY.fullmatch(line)
    if only:
        return _NO_ERROR if only["flag"] == "0" else (1, -1, None)
    official = _OFFICIAL.fullmatch(line)
    if official and _is_official(official, sentences):
        flag = int(official["flag"])
        return flag, max(int(official["sentence"]), -1), _correction(official["rest"]) if flag else None
    numbered = _NUMBERED.fullmatch(line)
    if numbered and (int(numbered["sentence"]) in sentences or not sentences):
        return 1, int(numbered["sentence"]), _correction(numbered["rest"])
    return None


def _is_official(match: re.Match[str], sentences: dict[int, str]) -> bool:
    """Tell the official line from a corrected sentence that begins with a number."""
    sentence, rest = int(match["sentence"]), (match["rest"] or "").strip()
    if match["id"] or sentence == -1 or rest in ("", "NA") or rest.startswith('"'):
        return True
    if match["flag"] == "0":
        return False
    known = sentence in sentences or not sentences
    return known and not re.match(rf"{sentence}\b", sentences.get(1, "").strip())


def _correction(rest: str | None) -> str | None:
    """Return the corrected sentence without its quotes; None for NA or nothing."""
    text = " ".join((rest or "").split()).strip('" ')
    return text if text and text != "NA" else None
