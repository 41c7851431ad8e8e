"""An error in a note: the sentence marked where it stands, the correction word by word."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from textual.content import Content

from medic_console.archive.views import ItemTrace
from medic_console.console.inspect.item.parts import RIGHT, WRONG, ItemView, answer_of, marked, output, verdict
from medic_console.console.inspect.trace_parts import joined, section
from medic_console.console.text import one_line, plain
from medic_console.console.worddiff import changed
from medic_console.statistics.words import number

_SENTENCE = re.compile(r"(\d+)\s(.*)")
_NONE = -1


def view(trace: ItemTrace) -> ItemView:
    """Return the note with the sentences marked, and what model and key say of it."""
    gold = trace.gold if isinstance(trace.gold, dict) else {}
    found = answer_of(trace)
    given: Mapping[str, Any] = found.value if found else {}
    right = [verdict(trace)]
    if given:
        right.append(section("error", _claims(given, gold)))
    right += _corrections(trace, given, gold)
    right.append(output(trace))
    return ItemView("Note", _note(trace, given, gold), "Error and correction", joined(right))


def _note(trace: ItemTrace, given: Mapping[str, Any], gold: Mapping[str, Any]) -> Content:
    lines = [_sentence(line, given, gold) for line in plain(str(trace.fields.get("sentences", ""))).split("\n")]
    if not gold.get("flag"):
        lines.append(Content.styled("\nBy the key the note has no error.", "$muted"))
    return Content("\n").join(lines)


def _sentence(line: str, given: Mapping[str, Any], gold: Mapping[str, Any]) -> Content:
    """Return a sentence; one that key or model takes for the error is marked."""
    match = _SENTENCE.match(line)
    number = int(match[1]) if match else _NONE
    by_key, by_model = (number != _NONE and claim.get("sentence_id") == number for claim in (gold, given))
    if not by_key and not by_model:
        return Content(f"  {line}")
    glyph, words, variable = (
        ("✓", "key and model", "label-yes")
        if by_key and by_model
        else ("★", "key", "label-idk")
        if by_key
        else ("✗", "model", "label-no")
    )
    return Content.styled(f"{glyph} {line}   ← error by {words}", f"bold ${variable}")


def _claims(given: Mapping[str, Any], gold: Mapping[str, Any]) -> Content:
    flags = [_flag(claim) for claim in (given, gold)]
    places = [_place(claim) for claim in (given, gold)]
    rows = [("is there one", flags), ("sentence", places)]
    return Content("\n").join(_row(title, said, key) for title, (said, key) in rows)


def _row(title: str, said: str, key: str) -> Content:
    state = RIGHT if said == key else WRONG
    return Content.assemble(
        (f"{title:<14}", "$muted"),
        f"model {said:<6} key {key:<6}",
        (f" {state.glyph} {'same' if said == key else 'different'}", f"bold ${state.variable}"),
    )


def _flag(claim: Mapping[str, Any]) -> str:
    return "yes" if claim.get("flag") else "no"


def _place(claim: Mapping[str, Any]) -> str:
    number = claim.get("sentence_id", _NONE)
    return "none" if number == _NONE else one_line(str(number))


def _corrections(trace: ItemTrace, given: Mapping[str, Any], gold: Mapping[str, Any]) -> list[Content]:
    sentences = {m[1]: m[2] for m in _SENTENCE.finditer(str(trace.fields.get("sentences", "")))}
    blocks = []
    said, key = given.get("correction"), gold.get("correction")
    if said:
        original = sentences.get(str(given.get("sentence_id")), "")
        blocks.append(_correction("the model's correction", original, str(said)))
    if gold.get("flag") and key:
        original = sentences.get(str(gold.get("sentence_id")), "")
        blocks.append(_correction("the key's correction", original, str(key)))
    if said and gold.get("flag") and key and trace.score:
        overlap = " · ".join(
            f"{title} {number(trace.score.values[name], 2)}"
            for name, title in (("rouge_l", "ROUGE-L"), ("bleu_4", "BLEU-4"))
            if name in trace.score.values
        )
        blocks.append(
            Content.styled(f"overlap of the two corrections: {overlap}\n", "$muted") if overlap else Content("")
        )
    return [block for block in blocks if block]


def _correction(title: str, original: str, corrected: str) -> Content:
    before, after = plain(original), plain(corrected)
    removed, added = changed(before, after)
    lines = [Content.assemble(("− ", "bold $label-no"), marked(before, removed, "label-no"))] if before else []
    lines.append(Content.assemble(("+ ", "bold $label-yes"), marked(after, added, "label-yes")))
    return section(title, Content("\n").join(lines))
