"""Raw and reviewed figures of a run beside each other: by model and task, with how much was reviewed.

Both are the share of questions that speak against a text, and the task's metrics. The reviewed
one weighs each kind of answer of the judge, the expected ones among them, by how often it occurs in the task; so a kind
of which no card is settled leaves no figure. Of several judges the questions of all are taken together, by judge.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from medic_console.results.comparison.reviewed import told
from medic_console.results.tasks import PANEL, TaskResults
from medic_console.review.metrics import ReviewedMetric, reviewed_metrics
from medic_console.review.questions import CONTROL, Question, asked_key
from medic_console.review.reader import ReviewReader
from medic_console.review.report import Settled, groups_of, read_by_chance, settled
from medic_console.review.taking import by_card
from medic_console.review.weighing import Side
from medic_console.statistics.strata import Rate, Stratum, poststratified

HEADING = "Reviewed by people: share of questions that speak against the texts"


@dataclass(frozen=True, slots=True)
class Beside:
    """One task of one model under one judge.

    Attributes:
        judge: sha256; empty for scorers without one, `PANEL` for all judges of a run together.
        questions: Answered by the judge, or verdicts.
        findings: Those that speak against the text, as the judge has it.
        cards: Questions whose answer people settled.
        reviewed: Findings among them.
        confirmed: Of these, findings of that kind.
        rate: Share of questions that speak against the text, from the review; without a value where it has none.
        metrics: Raw and reviewed, all of the task; those that a review cannot change say why.
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
    metrics: tuple[ReviewedMetric, ...] = ()

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
        if one.judge == PANEL:
            judge = ", all judges (raw: the mean of theirs, ratings of the panel)"
        yield f"  {names.get(one.candidate, one.candidate)}, {one.task}{judge}: {told(one)}."


def beside(reader: ReviewReader, run: str) -> list[Beside]:
    """Return raw and reviewed figures of the tasks of a run of which a card is settled.

    Raises:
        ArchiveError: There is no such run, or it is a qualification.
    """
    known = settled_of_run(reader, run)
    if not known:
        return []
    asked: dict[Place, list[Question]] = defaultdict(list)
    judges = len(reader.judges(run))
    for one in reader.questions(run):
        asked[one.task, one.candidate, one.judge].append(one)
        if one.judge and judges > 1:
            asked[one.task, one.candidate, PANEL].append(one)
    cards: dict[Place, list[Settled]] = defaultdict(list)
    there = {asked_key(one) for questions in asked.values() for one in questions}
    for settled_one in known:
        card = settled_one.card
        if asked_key(card) in there:
            cards[card.task, card.candidate, card.judge].append(settled_one)
            cards[card.task, card.candidate, PANEL].append(settled_one)
    tables: dict[str, TaskResults] = {}
    found = []
    for place in (place for place in asked if cards[place]):
        task, candidate, judge = place
        if task not in tables:
            tables[task] = reader.task_table(run, task)
        sides = [_side(tables[task], candidate, one) for one in (reader.judges(run) if judge == PANEL else (judge,))]
        together = [one for at, questions in asked.items() if at[0] == task and at[2] == judge for one in questions]
        read = [one for at, of in cards.items() if at[0] == task and at[2] == judge for one in of]
        rated = _side(tables[task], candidate, judge)
        metrics = reviewed_metrics(reader.task(run, task), sides, candidate, together, read, rated)
        found.append(_beside(place, metrics, asked[place], cards[place]))
    return found


def _side(table: TaskResults, candidate: str, judge: str) -> Side:
    metrics = table.view_under(candidate, judge).metrics
    return Side(judge, table.column(candidate, judge), metrics, table.matches(judge) if judge else ())


def settled_of_run(reader: ReviewReader, run: str) -> list[Settled]:
    """Return each question once; of a queue by risk only when it is done: what was read before is no sample.

    Nor are ratings from a file, unless they are of all there is.
    """
    found: dict[tuple[str, ...], Settled] = {}
    for named in reversed(reader.queues()):
        if run not in named.design["runs"]:
            continue
        queue, decisions = reader.queue(named.name), reader.decisions(named.name)
        if not read_by_chance(queue, len(by_card(decisions))):
            continue
        for one in settled(queue, decisions):
            card = one.card
            if card.run == run:
                found[card.task, card.item, card.candidate, card.judge, card.part] = one
    return list(found.values())


def _beside(
    place: Place, metrics: tuple[ReviewedMetric, ...], asked: Sequence[Question], cards: Sequence[Settled]
) -> Beside:
    of_kind: dict[tuple[str, str], list[Settled]] = defaultdict(list)
    for one in cards:
        of_kind[one.card.judge, one.card.kind].append(one)
    kinds = Counter((one.judge, one.kind) for one in asked)
    strata = [
        Stratum(size, [one.finds for one in of_kind[kind]], groups_of(of_kind[kind])) for kind, size in kinds.items()
    ]
    findings = [one for one in cards if one.card.kind != CONTROL]
    return Beside(
        *place,
        questions=len(asked),
        findings=sum(one.kind != CONTROL for one in asked),
        cards=len(cards),
        reviewed=len(findings),
        confirmed=sum(one.meaning == one.card.kind for one in findings),
        rate=poststratified(strata),
        metrics=metrics,
    )
