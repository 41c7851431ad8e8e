"""Ratings of people that were made elsewhere, as a queue of its own whose cards are decided as it comes in.

The shape is that of Inspect's `precomputed_scores` (UK AI Security Institute): records with `id`, the item's,
and `value`, and perhaps `epoch`, `answer`, `explanation` and `metadata`. Value 1, true or "C" says that nothing speaks
against the answer, 0, false, "I" or "N" that something does, 0.5 or "P" neither. Of `metadata` count `rater`,
`severity`, and where an item has several questions or several models answered it `part` and `model`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.reviews import RatedRow
from medic_console.core.digest import digest
from medic_console.core.errors import ItemsError, UsageError
from medic_console.core.records import Label
from medic_console.core.strange_json import whole
from medic_console.review.cards import UNSURE, grades
from medic_console.review.questions import CONTROL, Question, kind_of
from medic_console.review.queues import IMPORTED, Design, Drawn
from medic_console.suite.readers.base import text_of, value_of
from medic_console.suite.readers.tables import Row, read_table

_GOOD, _BAD, _NEITHER = ("c", "yes", "true", "1"), ("i", "n", "no", "false", "0"), ("p", "0.5")
_TOLD = "1, true or C: nothing speaks against the answer; 0, false, I or N: something does; 0.5 or P: neither"
_LABELS = tuple(map(str, Label))


@dataclass(frozen=True, slots=True)
class Ratings:
    """A file of ratings, matched with the questions of a run.

    Attributes:
        drawn: The rated questions as a queue.
        rows: What raters said, by position of the card.
        unmatched: Place and id of each record whose item is not in the run.
        digest: Of the file's records.
    """

    drawn: Drawn
    rows: tuple[RatedRow, ...]
    unmatched: tuple[tuple[str, str], ...]
    digest: str


def read_ratings(
    path: Path, run: str, task: str, asked: Iterable[Question], rater: str, models: Mapping[str, str]
) -> Ratings:
    """Match a file of ratings with the questions of a task of a run.

    Args:
        path: JSON, JSON lines or another file of records.
        run: Its id.
        task: Its id.
        asked: All questions of the task that a judge or a scorer answered.
        rater: Who rated, where a record does not say it; may be empty.
        models: Title of each candidate by sha256.

    Raises:
        ItemsError: A record is wrong, or leaves open what it rates; names file and line.
        UsageError: No record is about an item of the task.
    """
    by_item: dict[str, list[Question]] = {}
    frame: Counter[tuple[str, str]] = Counter()
    for one in asked:
        by_item.setdefault(one.item, []).append(one)
        frame[one.kind, one.candidate] += 1
    places: dict[Question, int] = {}
    rows: dict[tuple[int, str], RatedRow] = {}
    unmatched = []
    records = read_table(path).rows
    for row in records:
        item, more = _id(path, row), _metadata(path, row)
        if item not in by_item or row.values.get("epoch", 1) not in (1, None):
            unmatched.append((row.where, item))
            continue
        question = _question(path, row, by_item[item], more, models)
        position = places.setdefault(question, len(places))
        said = _rated(path, row, question, position, str(more.get("rater") or rater), more.get("severity"))
        if (position, said.rater) in rows:
            raise ItemsError(f"{path}, {row.where}: {said.rater} rated this question before.", "Keep one record of it.")
        rows[position, said.rater] = said
    if not rows:
        raise UsageError(
            f"{path}: no record is about an item of {task} in run {run} that has a yes or no to review.",
            f"Ids there: {', '.join(list(by_item)[:3]) or 'none'}.",
        )
    taken = Counter((one.kind, one.candidate) for one in places)
    design = Design((run,), (task,), number=len(places), order=IMPORTED, blind=False)
    return Ratings(
        Drawn(design, tuple(places), frame, taken),
        tuple(rows.values()),
        tuple(unmatched),
        digest([whole(dict(row.values)) for row in records]),
    )


def _id(path: Path, row: Row) -> str:
    """Return the item's id; numbers are ids too."""
    value = value_of(path, row, "id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(path, row, "id")


def _metadata(path: Path, row: Row) -> Mapping[str, Any]:
    more = row.values.get("metadata") or {}
    if not isinstance(more, dict):
        raise ItemsError(f"{path}, {row.where}: metadata is no object.", "Correct the line.")
    return more


def _question(
    path: Path, row: Row, there: Sequence[Question], more: Mapping[str, Any], models: Mapping[str, str]
) -> Question:
    """Return the one question that a record rates."""
    part, model = str(more.get("part") or ""), str(more.get("model") or "")
    found = [
        one
        for one in there
        if part in ("", one.part) and (not model or model in (one.candidate, models.get(one.candidate)))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        named = f"part {part!r}" if part else f"model {model!r}"
        known = ", ".join(dict.fromkeys(one.part for one in there))
        raise ItemsError(
            f"{path}, {row.where}: item {there[0].item} has no question of {named}.",
            f"Parts: {known}. Models: {', '.join(models.values())}.",
        )
    which = "model" if len({one.candidate for one in found}) > 1 else "part"
    if len({one.judge for one in found}) > 1 and len({one.part for one in found}) == 1:
        raise ItemsError(
            f"{path}, {row.where}: several judges answered about item {there[0].item}.",
            "Ratings can be taken in for a run with one judge.",
        )
    raise ItemsError(
        f"{path}, {row.where}: item {there[0].item} has {len(found)} questions; which one is rated is not said.",
        f"Give metadata.{which}, such as {getattr(found[0], 'candidate' if which == 'model' else 'part')}.",
    )


def _rated(path: Path, row: Row, asked: Question, position: int, rater: str, severity: object) -> RatedRow:
    where = f"{path}, {row.where}"
    if not rater.strip():
        raise ItemsError(f"{where}: nobody is named as rater.", "Give metadata.rater, or --as NAME.")
    if severity is not None and (isinstance(severity, bool) or severity not in grades(asked)):
        raise ItemsError(
            f"{where}: metadata.severity is no number from {min(grades(asked))} to {max(grades(asked))}.", "Correct it."
        )
    answer = _answer(where, row, asked)
    comment = row.values.get("explanation")
    graded = severity if answer != UNSURE and kind_of(asked.part, answer, asked.expected) != CONTROL else None
    return RatedRow(position, rater.strip(), answer, graded, "" if comment is None else str(comment))  # type: ignore[arg-type]


def _answer(where: str, row: Row, asked: Question) -> str:
    """Return the answer that a value means; of a cross-examination a bad value names NO or IDK."""
    good = _meaning(where, row)
    if good is None:
        return UNSURE
    named = str(row.values.get("answer") or "").upper()
    side = asked.part.partition("-")[0]
    if side in ("source", "generated") and not good:
        if named not in _LABELS or named == asked.expected:
            raise ItemsError(f"{where}: answer is neither NO nor IDK.", "Say in answer what the other text says.")
        return named
    other = str(Label.NO if asked.expected == Label.YES else Label.YES)
    return asked.expected if good else other


def _meaning(where: str, row: Row) -> bool | None:
    if "value" not in row.values:
        raise ItemsError(f"{where}: value is missing.", _TOLD)
    value = row.values["value"]
    text = f"{value:g}" if isinstance(value, float) else str(value).strip().lower()
    if text in _GOOD or text in _BAD:
        return text in _GOOD
    if text in _NEITHER:
        return None
    raise ItemsError(f"{where}: value {value!r} is no verdict.", f"{_TOLD}. Cut a scale before.")
