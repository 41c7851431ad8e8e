"""Answers and keys of MEDEC in words; its official line `1 4 "..."` says nothing to who does not know it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from medic_console.archive.views import ItemRow

MEDEC = "medec"
"""Name of the scorer whose answers are official lines."""
_LINE = re.compile(r'(?P<flag>[01]) (?P<sentence>-?\d+) (?:NA|"(?P<correction>.*)")', re.DOTALL)
_NO_SENTENCE = -1


def answer_in_words(scorer: str, answer: str) -> str:
    """Return an answer that was read as a person says it: "no error", "error in sentence 4: She is told to rest."."""
    found = _LINE.fullmatch(answer) if scorer == MEDEC else None
    return _said(found["flag"] == "1", int(found["sentence"]), found["correction"] or "") if found else answer


def answer_of(row: ItemRow) -> str:
    """Return what was read of an item in words; the key tells of which kind the answer is."""
    of_medec = isinstance(row.gold, Mapping) and key_of_medec(row.gold)
    return answer_in_words(MEDEC, row.answer) if of_medec else row.answer


def key_of_medec(gold: Mapping[str, Any]) -> str:
    """Return a key of MEDEC in the same words; empty for a key of another kind."""
    if not {"flag", "sentence_id", "correction"} <= gold.keys():
        return ""
    correction = str(gold["correction"] or "")
    return _said(str(gold["flag"]) == "1", int(gold["sentence_id"]), "" if correction == "NA" else correction)


def _said(wrong: bool, sentence: int, correction: str) -> str:
    if not wrong:
        return "no error"
    place = "an error, sentence not named" if sentence == _NO_SENTENCE else f"error in sentence {sentence}"
    return f"{place}: {correction}" if correction else place
