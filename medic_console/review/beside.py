"""Raw and reviewed figures of a run beside each other: by model and task, with how much was reviewed.

Both are the share of questions that speak against a text. The reviewed one weighs each kind of answer of the judge, the
expected ones among them, by how often it occurs in the task; so a kind of which no card is settled leaves no figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from medic_console.results.comparison.reviewed import told
from medic_console.review.questions import CONTROL, asked_key
from medic_console.review.queues import RANDOM
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Settled, by_chance, groups_of, settled
from medic_console.review.taking import by_card
from medic_console.statistics.strata import Rate, Stratum, poststratified

HEADING = "Reviewed by people: share of questions that speak against the texts"


@dataclass(frozen=True, slots=True)
class Beside:
    """One task of one model under one judge.

    Attributes:
        judge: sha256; empty for scorers without one.
        questions: Answered by the judge, or verdicts.
        findings: Those that speak against the text, as the judge has it.
        cards: Questions whose answer people settled.
        reviewed: Findings among them.
        confirmed: Of these, findings of that kind.
        rate: Share of questions that speak against the text, from the review; without a value where it has none.
    """

    task: str
    candidate: str
    judge: str
    questions: int
    findings: int
    cards: int
    reviewed: int
    confirmed: int
    rate: Rate

    @property
    def raw(self) -> float:
        """Share of questions that speak against the text, as the judge has it, 0 to 1."""
        return self.findings / self.questions


Place = tuple[str, str, str]
"""Task, candidate and judge."""


class ReviewsOfRuns:
    """What people found in the runs of an archive, each read once; call it with run, task, candidate and judge."""

    def __init__(self, reader: ReviewReader) -> None:
        self._reader = reader
        self._runs: dict[str, dict[Place, Beside]] = {}

    def __call__(self, run: str, task: str, candidate: str, judge: str) -> Beside | None:
        """Return it; None where no card is settled."""
        if run not in self._runs:
            self._runs[run] = {(one.task, one.candidate, one.judge): one for one in beside(self._reader, run)}
        return self._runs[run].get((task, candidate, judge))


def reviewed_lines(found: Sequence[Beside], names: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each task of a model of which people settled a card.

    Args:
        found: Figures of a run.
        names: Titles of models by sha256.
    """
    if found:
        yield HEADING
    for one in found:
        judge = f", judge {names.get(one.judge, one.judge)}" if one.judge else ""
        yield f"  {names.get(one.candidate, one.candidate)}, {one.task}{judge}: {told(one)}."


def beside(reader: ReviewReader, run: str) -> list[Beside]:
    """Return raw and reviewed figures of the tasks of a run of which a card is settled.

    Raises:
        ArchiveError: There is no such run, or it is a qualification.
    """
    known = _settled(reader, run)
    if not known:
        return []
    sizes: dict[Place, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    asked = set()
    for one in reader.questions(run):
        sizes[one.task, one.candidate, one.judge][one.kind] += 1
        asked.add(asked_key(one))
    known = [one for one in known if asked_key(one.card) in asked]
    found = []
    for place, kinds in sizes.items():
        cards = [one for one in known if (one.card.task, one.card.candidate, one.card.judge) == place]
        if cards:
            found.append(_beside(place, kinds, cards))
    return found


def _settled(reader: ReviewReader, run: str) -> list[Settled]:
    """Return each question once; of a queue by risk only when it is done: what was read before is no sample.

    Nor are ratings from a file, unless they are of all there is.
    """
    found: dict[tuple[str, ...], Settled] = {}
    for named in reversed(reader.queues()):
        if run not in named.design["runs"]:
            continue
        queue, decisions = reader.queue(named.name), reader.decisions(named.name)
        if not by_chance(queue) or (named.design["order"] != RANDOM and len(by_card(decisions)) < len(queue.cards)):
            continue
        for one in settled(queue, decisions):
            card = one.card
            if card.run == run:
                found[card.task, card.item, card.candidate, card.judge, card.part] = one
    return list(found.values())


def _beside(place: Place, kinds: dict[str, int], cards: Iterable[Settled]) -> Beside:
    of_kind: dict[str, list[Settled]] = defaultdict(list)
    for one in cards:
        of_kind[one.card.kind].append(one)
    strata = [
        Stratum(size, [one.finds for one in of_kind[kind]], groups_of(of_kind[kind])) for kind, size in kinds.items()
    ]
    findings = [one for kind, known in of_kind.items() if kind != CONTROL for one in known]
    return Beside(
        *place,
        questions=sum(kinds.values()),
        findings=sum(size for kind, size in kinds.items() if kind != CONTROL),
        cards=sum(map(len, of_kind.values())),
        reviewed=len(findings),
        confirmed=sum(one.meaning == one.card.kind for one in findings),
        rate=poststratified(strata),
    )
