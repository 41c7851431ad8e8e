"""Lists of consumers' and experts' health questions: MedicationQA (XLSX), HealthSearchQA and ExpertQA (JSON lines).

The answers of two models are compared by a judge, so a question is all that an item needs. Questions that differ
only in case or white space count once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import Item
from medic_console.core.spool import Spool
from medic_console.suite.readers.base import Records, Skipped, records, text_of, value_of
from medic_console.suite.readers.registry import READERS
from medic_console.suite.readers.tables import Row, first_record, read_table

_MEDICINE = "Healthcare / Medicine"


@dataclass(frozen=True, slots=True)
class QuestionListReader:
    """A reader of one list.

    Attributes:
        name: Begins the items' ids.
        question: Column of the question.
        fits: Tells by the first record whether a file is this list.
        answer: Column of the reference answer; empty when there is none.
        other: Returns why a record belongs to no item of this task; empty when it does.
    """

    name: str
    question: str
    fits: Callable[[Mapping[str, Any]], bool]
    answer: str = ""
    other: Callable[[Path, Row], str] = lambda path, row: ""

    def recognises(self, path: Path, /) -> bool:
        """Tell whether the first record has the columns of this list."""
        return self.fits(first_record(path))

    def read(self, path: Path, /) -> Records:
        """Read the list; `fields` hold the question, the gold answer is the reference answer or None.

        Raises:
            ItemsError: The file is broken, a column missing, or no question is left.
        """
        table = read_table(path)
        items = Spool[Item]()
        skipped = Spool[Skipped](table.blank)
        seen: dict[str, str] = {}
        for row in table.rows:
            question = " ".join(text_of(path, row, self.question).split())
            why = self._left_out(path, row, question, seen)
            if why:
                skipped.append((row.where, why))
                continue
            gold = text_of(path, row, self.answer).strip() if self.answer else None
            items.append(Item(f"{self.name}-{row.number:05d}", {"question": question}, gold))
        if not items and skipped:
            raise ItemsError(
                f"{path}: recognised, but none of its {len(skipped)} records is a question of this task; "
                f"the first, {skipped[0][0]}: {skipped[0][1]}.",
                "Give the whole official file.",
            )
        return records(path, items, skipped, ())

    def _left_out(self, path: Path, row: Row, question: str, seen: dict[str, str]) -> str:
        """Return why a record is left out, empty to keep it; notes the question as seen."""
        why = self.other(path, row)
        if why:
            return why
        if not question:
            return "the question is empty"
        first = seen.setdefault(question.casefold(), row.where)
        return "" if first == row.where else f"the same question as {first}"


def _is_medication(record: Mapping[str, Any]) -> bool:
    return record.keys() >= {"Question", "Focus (Drug)", "Answer"}


def _is_search(record: Mapping[str, Any]) -> bool:
    return record.keys() - {"id"} == {"question"}


def _is_expert(record: Mapping[str, Any]) -> bool:
    metadata = record.get("metadata")
    return "question" in record and isinstance(metadata, dict) and "field" in metadata


def _not_medicine(path: Path, row: Row) -> str:
    """Tell why a record of ExpertQA is none of the 458 that MEDIC takes; "Medicine" is a smaller field beside it."""
    metadata = value_of(path, row, "metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("field"), str):
        raise ItemsError(f"{path}, {row.where}: 'metadata.field' must be text.", "Give the official file unchanged.")
    field = metadata["field"]
    return "" if field.strip() == _MEDICINE else f"the field is {field}, not {_MEDICINE}"


MEDICATION_QA = QuestionListReader("medication", "Question", _is_medication, answer="Answer")
HEALTHSEARCH_QA = QuestionListReader("healthsearch", "question", _is_search)
EXPERT_QA = QuestionListReader("expert", "question", _is_expert, other=_not_medicine)
READERS.add("expert_qa", EXPERT_QA, __name__)
READERS.add("healthsearch_qa", HEALTHSEARCH_QA, __name__)
READERS.add("medication_qa", MEDICATION_QA, __name__)
