"""Findings of a run folded into classes, a row each of the hazard log; no finding is kept but the worst of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from medic_console.review.findings import CONFIRMED, KNOWN, NONE, OTHER, REJECTED, Found
from medic_console.statistics.shares import Share, share


@dataclass(frozen=True, slots=True)
class Hazard:
    """A class of findings: one kind, of one model, task and judge.

    Attributes:
        findings: How many.
        reviewed: Those that people settled.
        confirmed: Those of them that people confirmed.
        another: Those of them that speak against the text as people read it, but are of another kind.
        rate: Confirmed of reviewed, 0 to 1.
        severity: The gravest that people gave to one that speaks against the text; None where none was given.
        worst: The gravest finding: one that people found to speak against the text, else one that nobody rejected,
            else any.
        looked: A person looked at one of them.
    """

    run: str
    task: str
    candidate: str
    judge: str
    kind: str
    findings: int
    reviewed: int
    confirmed: int
    another: int
    rate: Share
    severity: int | None
    worst: Found
    looked: bool


@dataclass(slots=True)
class _Class:
    count: int = 0
    read: list[Found] = field(default_factory=list)
    worst: Found | None = None
    looked: bool = False

    def add(self, one: Found) -> None:
        self.count += 1
        self.looked = self.looked or one.state != NONE
        if one.state in KNOWN:
            self.read.append(one)
        if self.worst is None or _gravity(one) > _gravity(self.worst):
            self.worst = one


def hazards(found: Iterable[Found]) -> Iterator[Hazard]:
    """Yield the classes of findings, by model, task, judge and kind.

    Args:
        found: Findings of one run; each is looked at once.
    """
    classes: dict[tuple[str, str, str, str], _Class] = defaultdict(_Class)
    for one in found:
        asked = one.question
        classes[asked.candidate, asked.task, asked.judge, asked.kind].add(one)
    for (candidate, task, judge, kind), known in sorted(classes.items(), key=lambda entry: entry[0]):
        assert known.worst is not None
        hits = [one.state == CONFIRMED for one in known.read]
        groups = [one.question.group or f"{task} {one.question.item}" for one in known.read]
        grave = [one.severity for one in known.read if one.state != REJECTED and one.severity is not None]
        another = sum(one.state == OTHER for one in known.read)
        head = (
            known.worst.question.run,
            task,
            candidate,
            judge,
            kind,
            known.count,
            len(known.read),
            sum(hits),
            another,
        )
        yield Hazard(*head, share(hits, groups), max(grave, default=None), known.worst, known.looked)


def _gravity(one: Found) -> tuple[bool, bool, int, bool, float]:
    against, severity = one.state in (CONFIRMED, OTHER), one.severity or 0
    return against, one.state != REJECTED, severity, one.state == CONFIRMED, one.question.probability or 0.0
