"""Questions that people answered, as probes of a judge: a site's own texts, or the physicians' labels of HealthBench.

A judge's card rests on the bundled probes alone. What is measured here stands beside it, with how far people agree
among themselves: no judge can be asked to agree with them better than they do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.core.digest import digest
from medic_console.core.errors import ItemsError, UsageError
from medic_console.core.records import Item, Label
from medic_console.review.reader import Queue, ReviewReader
from medic_console.review.report import groups_of, report, settled
from medic_console.review.taking import texts_as_drawn
from medic_console.review.words import readers
from medic_console.scoring.methods.cef.probe import ANSWERS
from medic_console.scoring.methods.probes import Probes
from medic_console.scoring.methods.rubric.flow import MET, NOT_MET
from medic_console.scoring.methods.rubric.probe import RUBRIC
from medic_console.scoring.methods.rubric.spec import RubricSpec
from medic_console.statistics.raters import many_raters
from medic_console.statistics.words import ends, number
from medic_console.suite.readers.base import text_of, value_of
from medic_console.suite.readers.tables import Row, read_table

_LABELS = tuple(map(str, Label))


@dataclass(frozen=True, slots=True)
class OwnProbes:
    """Probes with answers of people.

    Attributes:
        tasks: Ids of the tasks that they are about; empty: of any that asks so.
        left_out: Answered questions that no judge can be asked in this way.
        ceiling: How far people agree among themselves, in sentences.
    """

    probes: Probes
    tasks: tuple[str, ...]
    left_out: int
    ceiling: tuple[str, ...]


def probes_of_queue(reader: ReviewReader, name: str) -> OwnProbes:
    """Return the settled cards of a queue as probes.

    Raises:
        ArchiveError: There is no such queue, or a text is not what it was drawn with.
        UsageError: No card of it can be a probe.
    """
    queue, decisions = reader.queue(name), reader.decisions(name)
    known = [one for one in settled(queue, decisions) if one.answer in _LABELS]
    parts: dict[str, list[Item]] = {ANSWERS: [], RUBRIC: []}
    for one, group in zip(known, groups_of(known), strict=True):
        card, side = one.card, one.card.part.partition("-")[0]
        item = f"{name}-{card.position + 1:05d}"
        marks = {"topic": card.kind, "domain": card.task}
        if side in ("source", "generated"):
            texts = texts_as_drawn(reader, card)
            text = texts.right if side == "source" else texts.left
            parts[ANSWERS].append(Item(item, {"text": text, "question": card.question, **marks}, one.answer, group))
        elif side == "criterion" and one.answer != Label.IDK:
            texts_as_drawn(reader, card)
            shown = _criterion(reader, queue, card.position)
            gold = MET if one.answer == Label.YES else NOT_MET
            parts[RUBRIC].append(Item(item, {**shown, **marks}, gold, group))
    used = {str(item.fields["domain"]) for items in parts.values() for item in items}
    total = sum(map(len, parts.values()))
    if not total:
        raise UsageError(
            f"No settled card of queue {name} can be a probe.",
            "Cards of a cross-examination or of a rubric can, once people have answered them.",
        )
    found = report(queue, decisions, reader.reviewers())
    return OwnProbes(_probes(parts), tuple(sorted(used)), len(known) - total, tuple(readers(found)))


def probes_of_physicians(path: Path) -> OwnProbes:
    """Read HealthBench's file for the evaluation of graders: JSONL with the labels that physicians gave to criteria.

    A record has `prompt` (turns), `completion`, `rubric` (one criterion), `binary_labels` (one a physician) and perhaps
    `prompt_id` and `category`. What most of them say is the right answer; a tie has none and is left out.

    Raises:
        ItemsError: A key is missing or wrong; names file and line.
        UsageError: Every criterion is a tie.
    """
    items, rated, groups, ties = [], [], [], 0
    for row in read_table(path).rows:
        labels = value_of(path, row, "binary_labels")
        if not isinstance(labels, list) or not labels or not all(isinstance(label, bool) for label in labels):
            raise ItemsError(f"{path}, {row.where}: binary_labels is no list of true and false.", "Correct the line.")
        group = str(row.values.get("prompt_id") or row.where)
        rated.append([MET if label else NOT_MET for label in labels])
        groups.append(group)
        if sum(labels) * 2 == len(labels):
            ties += 1
            continue
        shown = {
            "conversation": _turns(path, row),
            "answer": text_of(path, row, "completion"),
            "criterion": text_of(path, row, "rubric"),
            "topic": str(row.values.get("category") or "physicians"),
            "domain": "physicians",
        }
        gold = MET if sum(labels) * 2 > len(labels) else NOT_MET
        items.append(Item(f"physicians-{row.where.split()[-1]}", shown, gold, group))
    if not items:
        raise UsageError(f"{path}: no criterion has an answer that most physicians gave.", "Name another file.")
    return OwnProbes(_probes({RUBRIC: items}), (), ties, (_physicians(rated, groups),))


def _probes(parts: Mapping[str, Sequence[Item]]) -> Probes:
    """Return parts that have items; their digest names what was asked."""
    kept = {part: tuple(items) for part, items in parts.items() if items}
    content = {part: [[one.id, dict(one.fields), one.gold, one.group] for one in items] for part, items in kept.items()}
    return Probes(kept, digest(content))


def _criterion(reader: ReviewReader, queue: Queue, position: int) -> dict[str, object]:
    card = queue.cards[position]
    trace = reader.trace(card.run, card.task, card.item, card.candidate, card.judge)
    spec = trace.task.judge
    assert isinstance(spec, RubricSpec)
    criteria = trace.gold["rubrics"]
    asked = criteria[int(card.part.partition("-")[2])]["criterion"]
    return {"conversation": trace.fields[spec.conversation], "answer": trace.generated, "criterion": asked}


def _turns(path: Path, row: Row) -> list[dict[str, str]]:
    turns: Any = value_of(path, row, "prompt")
    whole = isinstance(turns, list) and bool(turns)
    if not whole or not all(isinstance(t, dict) and {"role", "content"} <= t.keys() for t in turns):
        raise ItemsError(f"{path}, {row.where}: prompt is no list of turns.", "Correct the line.")
    return [{"role": str(turn["role"]), "content": str(turn["content"])} for turn in turns]


def _physicians(rated: Sequence[Sequence[str]], groups: Sequence[str]) -> str:
    found = many_raters(rated, (MET, NOT_MET), groups)
    kappa = found.undefined if found.kappa is None else f"{number(found.kappa, 2)} {ends(found.low, found.high, 2)}"
    return f"Physicians among themselves: Fleiss' kappa {kappa}, of {found.n:,} criteria that two or more labelled."
