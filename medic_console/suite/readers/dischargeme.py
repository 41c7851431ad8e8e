"""DischargeMe (BioNLP 2024, MIMIC-IV): two CSV files, plain or packed with gzip, joined on `hadm_id`.

`discharge_target` holds the two texts to be written, `discharge` the admission's text. Every cell is text: "NA"
is a word like any other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, cell_of, records, text_of
from medic_console.suite.readers.registry import items_reader
from medic_console.suite.readers.tables import Row, first_record, read_table

TARGETS = ("brief_hospital_course", "discharge_instructions")
_TARGET_COLUMNS = {"hadm_id", *TARGETS}
_TEXT_COLUMNS = {"hadm_id", "text"}
_HEADINGS = {"brief_hospital_course": "Brief Hospital Course", "discharge_instructions": "Discharge Instructions"}
_SUMMARY = "DS"
"""Note type of a discharge summary in MIMIC-IV."""
_OPENING = 8
"""First words of a target that must not be left in the admission's text. A target of fewer words ("NA") may stand
there for something else: it is taken out below its heading only."""


def recognises(path: Path) -> bool:
    """Tell whether the file holds the target texts; the admissions' texts are looked for beside it."""
    return first_record(path).keys() >= _TARGET_COLUMNS


@items_reader("dischargeme", recognises)
def read(path: Path) -> Records:
    """Read admissions; `fields` hold `text` without the two targets, the gold answer is both by column name.

    The official texts are whole discharge summaries and may hold the targets: they are taken out, so that no
    answer reaches a prompt. A text from which a target cannot be taken out is skipped.

    Raises:
        ItemsError: A file is broken, the file of texts missing, or an admission there twice.
    """
    source = _texts_file(path)
    texts, places = _texts(source)
    table = read_table(path)
    items = Spool[Item]()
    skipped = Spool[Skipped](table.blank)
    cut = 0
    for row in table.rows:
        admission = cell_of(path, row, "hadm_id")
        gold = {name: text_of(path, row, name).strip() for name in TARGETS}
        whole = text_of(source, texts[places[admission]], "text").strip() if admission in places else ""
        text = _without(whole, gold)
        why = _unusable(whole, text, gold)
        if why:
            skipped.append((row.where, why))
        else:
            cut += text != whole
            items.append(Item(admission, {"text": text}, gold))
    return records(path, items, skipped, _notes(source, cut, len(items)))


def _texts_file(path: Path) -> Path:
    for other in sorted(path.parent.iterdir()):
        first = first_record(other) if other != path else {}
        # Radiology reports lie in the same folder and have the same two columns.
        if first.keys() >= _TEXT_COLUMNS and first.get("note_type", _SUMMARY) == _SUMMARY:
            return other
    raise ItemsError(
        f"{path}: no file with the columns hadm_id and text lies beside it.",
        "Put discharge.csv or discharge.csv.gz of the same split into that folder.",
    )


def _texts(path: Path) -> tuple[Sequence[Row], dict[str, int]]:
    """Return the records of texts, and which of them is an admission's."""
    rows, places = read_table(path).rows, dict[str, int]()
    for place, row in enumerate(rows):
        admission = cell_of(path, row, "hadm_id")
        if admission in places:
            raise ItemsError(f"{path}, {row.where}: hadm_id {admission} is there twice.", "Give the official file.")
        text_of(path, row, "text")
        places[admission] = place
    return rows, places


def _unusable(whole: str, text: str, gold: Mapping[str, str]) -> str:
    """Return why an admission cannot be used; empty when it can."""
    if not whole:
        return "no text has this hadm_id"
    empty = [name for name, target in gold.items() if not target]
    if empty:
        return f"the {empty[0]} is empty"
    words = " ".join(text.split())
    left = [name for name, target in gold.items() if _is_long(target) and _opening(target) in words]
    if left:
        return f"the text holds the {left[0]}, which cannot be taken out"
    return "" if text else "the text holds nothing but the targets"


def _is_long(target: str) -> bool:
    return len(target.split()) >= _OPENING


def _opening(target: str) -> str:
    return " ".join(target.split()[:_OPENING])


def _without(text: str, gold: Mapping[str, str]) -> str:
    """Return `text` without the targets; white space may differ."""
    for name, target in gold.items():
        if _is_long(target):
            text = _cut(text, " ".join(target.split()))
        elif target:
            words = r"\s+".join(map(re.escape, target.split()))
            text = re.sub(rf"(?i:\b{_HEADINGS[name]})\s*:\s*{words}(?!\w)", "", text)
    return text.strip()


def _cut(text: str, target: str) -> str:
    """Return `text` without every place of `target`, whose words have single spaces between them."""
    words = list(re.finditer(r"\S+", text))
    joined = " ".join(word.group() for word in words)
    starts = list(accumulate((len(word.group()) + 1 for word in words), initial=0))

    def place(offset: int) -> int:
        index = bisect_right(starts, offset) - 1
        return words[index].start() + offset - starts[index]

    kept, done = "", 0
    at = joined.find(target)
    while at >= 0:
        kept, done = kept + text[done : place(at)], place(at + len(target) - 1) + 1
        at = joined.find(target, at + len(target))
    return kept + text[done:]


def _notes(source: Path, cut: int, items: int) -> list[str]:
    notes = [f"The admissions' texts come from {source.name}."]
    if cut:
        notes.append(f"{cut} of {items} texts held a text that is asked for; it was taken out.")
    return notes
