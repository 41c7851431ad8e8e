"""Read a MEDEC answer: is there an error, in which sentence, and how is it corrected."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from medic_console.core.records import Answer, Item, NoAnswer, Reason
from medic_console.scoring.answers.medec_lines import Part, corrected, part_of
from medic_console.scoring.answers.registry import answer_reader

_SENTENCE_ID = re.compile(r"(?m)^[ \t]*([0-9]+)\s(.*)$")
_UNSEEN = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]|\*\*|__")
_FRAME = re.compile(r"\$*\\boxed\{(?:\\text\{)?([^{}]*)\}+\$*|</?answer>", re.IGNORECASE)
"""What marks a line, or a part of it, as the answer."""
_ERROR_FREE = re.compile(r"no[ _-]?errors?|errors?[ _-]?free|without[ _-]?errors?|has[ _-]?no[ _-]?error")
_FREE = {**dict.fromkeys(("1", "true", "yes"), 0), **dict.fromkeys(("0", "false", "no"), 1)}
"""The flag by what is said under a name such as "error_free"."""
_SUBMITTED = re.compile(r"(?P<id>(?=\S{0,200}[A-Za-z])\S{1,200})\s+[01]\s+-?[0-9]+\b")
_OPEN_LABEL = re.compile(
    r"(?:correct(?:ed|ion)?(?:\s+(?:sentence|version|text|line))?|should\s+(?:be|read|say))(?:\s+is)?\s*[:=]\W*$",
    re.IGNORECASE,
)
"""At a line's end: the corrected sentence follows on the next line."""


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
    - a number before words that are no corrected sentence may count the lines of a list: "1. The error is in
      sentence 2." is sentence 2, "1. No error." is unreadable;
    - what follows the label of a correction on the next line is the correction, and so is a line that alters the
      sentence that was named; one that alters a sentence behind a verdict of no error contradicts it;
    - of several lines the one with the item's own text_id counts; else lines add up, and those that disagree are
      unreadable. Beside a correction, the note's own sentence is a quotation.

    Args:
        text: Not blank.
        item: `fields["sentences"]` holds the numbered sentences, `fields["text_id"]` the note's name.
    """
    sentences = {int(n): body for n, body in _SENTENCE_ID.findall(str(item.fields.get("sentences", "")))}
    own_id = str(item.fields.get("text_id", item.id))
    lines = [_FRAME.sub(r"\1", _UNSEEN.sub("", line)).strip(" \t`") for line in text.splitlines()]
    lines = [line for line in lines if not _of_another(line, own_id)]
    own = [line for line in lines if line.split(maxsplit=1)[:1] == [own_id]]
    record = _record(text)
    if record:
        stated = _summed([_named(record)], sentences)
    else:
        told = [(line, part_of(line, sentences)) for line in own or _joined(lines, sentences)]
        stated = _summed([part for _, part in told if part], sentences)
        stated = _completed(stated, [line for line, part in told if part is None], sentences)
    if isinstance(stated, str):
        return NoAnswer(Reason.UNREADABLE, stated)
    value: dict[str, Any] = {"flag": stated.flag, "sentence_id": stated.sentence, "correction": stated.correction}
    said = f'"{stated.correction}"' if stated.correction else "NA"
    return Answer(value, f"{stated.flag} {stated.sentence} {said}")


def _of_another(line: str, own_id: str) -> bool:
    """Tell whether a line is the official one of another note: its id differs from the item's in figures alone."""
    found = _SUBMITTED.match(line)
    return bool(found) and found["id"] != own_id and _shape(found["id"]) == _shape(own_id)  # type: ignore[index]


def _shape(text_id: str) -> str:
    return re.sub(r"[0-9]+", "0", text_id)


def _summed(parts: list[Part], sentences: Mapping[int, str]) -> Part | str:
    """Return what all parts state together, or why they state nothing."""
    unclear = next((part.unclear for part in parts if part.unclear), "")
    if unclear:
        return unclear
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
    return Part(flag, number, corrections[0] if corrections and flag else None)


def _joined(lines: list[str], sentences: Mapping[int, str]) -> list[str]:
    """Return the lines; one that ends with the label of a correction takes the next line that states nothing itself."""
    filled, joined = iter([line for line in lines if line]), []
    for line in filled:
        if _OPEN_LABEL.search(line):
            following = next(filled, "")
            apart = part_of(following, sentences) is not None
            joined += [line, following] if apart else [f"{line} {following}".strip()]
        else:
            joined.append(line)
    return joined


def _completed(stated: Part | str, others: list[str], sentences: Mapping[int, str]) -> Part | str:
    """Return what was stated with the correction that stands on a line of its own.

    Args:
        others: The lines that state nothing by themselves.
    """
    if isinstance(stated, str) or stated.correction or stated.flag is None:
        return stated
    # A lone 0 or 1 may be the number of a sentence, which the line behind it alters.
    number = stated.flag if stated.sentence in (-1, None) else stated.sentence
    altered = {corrected(line) for line in others if _alters(line, sentences.get(number or 0, ""))}
    if len(altered) != 1:
        return "two corrections of one sentence" if altered else stated
    if not stated.flag:
        return f"no error, yet sentence {number} is altered"
    return Part(1, number, altered.pop())


def _alters(line: str, sentence: str) -> bool:
    """Tell whether a line is the sentence with other words in it: at least half of both are alike, not all."""
    words, own = set(_same(line).split()), set(_same(sentence).split())
    return _same(line) != _same(sentence) and len(words & own) * 4 >= len(words) + len(own) > 0


def _record(text: str) -> Mapping[str, Any]:
    """Return the JSON object that a text holds; empty without one."""
    start, end = text.find("{"), text.rfind("}")
    try:
        record = json.loads(text[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _named(record: Mapping[str, Any]) -> Part:
    """Return what a JSON object states under names that hold "flag", "sentence" and "correct"."""
    flag: int | None = None
    sentence: int | None = None
    correction: str | None = None
    for name, value in _folded(record):
        said = str(value).strip().casefold()
        if _ERROR_FREE.search(name):
            flag = _FREE.get(said, flag)
        elif "correct" in name and isinstance(value, str):
            correction = corrected(value)
        elif "sentence" in name and re.fullmatch(r"-?[0-9]{1,6}", said):
            sentence = int(said)
        elif "sentence" in name and said in ("na", "n/a", "none", "null", ""):
            sentence = -1
        elif ("flag" in name or "error" in name) and said in ("0", "false", "no", "none", "1", "true", "yes"):
            flag = int(said in ("1", "true", "yes"))
    return Part(flag, sentence, correction)


def _folded(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in record.items():
        yield str(name).casefold(), value


def _same(text: str) -> str:
    return " ".join(text.split()).strip('" .').casefold()
