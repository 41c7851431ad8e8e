"""How much an answer weighs in a metric, and what it stands for there: a term a question.

A metric that is made of single answers is a sum of terms, weight times degree, and of what no answer changes. The
degree is 1 or 0 for a yes or no; of a harm rating it is how far the answer goes along, 0 to 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.archive.columns import Column, ScoredItem
from medic_console.core.metrics import Metric
from medic_console.core.records import Label, MetricValue
from medic_console.review.cards import BAD
from medic_console.review.questions import CONTROL, VERDICT, Question
from medic_console.review.report import Settled
from medic_console.scoring.methods.cef.spec import NOTE, PAPER, cef_of
from medic_console.scoring.sql.ehrsql import abstained
from medic_console.statistics.matches import Match
from medic_console.statistics.metrics import counts_in
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class Side:
    """A model's scores of a task under one judge.

    Attributes:
        judge: sha256; empty for scorers without one.
        column: By item.
        metrics: As they are shown, by id.
        matches: Of all models of the task under that judge, each once; without matches empty.
    """

    judge: str
    column: Column
    metrics: Mapping[str, MetricValue]
    matches: Sequence[Match] = ()

    def items(self, source: str) -> int:
        """Return on how many items a metric with that source rests."""
        return sum(counts_in(one.score) and source in one.score.values for one in self.column.values())


@dataclass(frozen=True, slots=True)
class Term:
    """One question in a metric.

    Attributes:
        weight: What the metric has more of, in its unit, when the degree goes from 0 to 1.
        said: Degree of the judge's answer.
        degree: Degree of what people settled; None where they did not say how far.
        sort: Parts answers of one kind that weigh in different ways.
    """

    asked: Question
    weight: float
    said: float
    degree: Callable[[Settled], float | None]
    sort: str = ""


Way = Callable[[Metric, Side, str, Sequence[Question]], Iterator[Term]]
"""Takes a metric, a model's scores, the model, and the questions of the task under that judge."""

_CEF: Mapping[str, tuple[tuple[str, Label], ...]] = MappingProxyType(
    {
        "coverage": (("source", Label.IDK),),
        "conformity": (("source", Label.NO),),
        "consistency": (("generated", Label.IDK),),
        "overall": (("source", Label.IDK), ("source", Label.NO), ("generated", Label.IDK)),
    }
)
"""Which answers to which side count against a metric (`scoring/methods/cef/score.py`, protocol `paper`)."""


def way_of(task: Task, metric: str) -> str | None:
    """Return by what a review changes a metric of a task, a key of `WAYS`; None where nothing does."""
    cef = cef_of(task)
    if metric in _CEF:
        fits = cef is not None and cef.protocol == PAPER and (metric != "overall" or cef.overall == NOTE)
        return metric if fits else None
    return metric if metric in WAYS else None


def _against(metric: str) -> Way:
    """Return the way of a metric that is one less the share of answers that count against it."""

    def terms(made: Metric, side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[Term]:
        items, parts = side.items(made.source), _CEF[metric]
        for of in dict.fromkeys(part for part, _ in parts):
            labels = {str(label) for part, label in parts if part == of}
            own = [one for one in asked if one.candidate == candidate and one.part.partition("-")[0] == of]
            sizes = Counter(one.item for one in own)

            def counts(card: Settled, labels: set[str] = labels) -> float:
                return float(card.answer in labels)

            for one in own:
                weight = -made.scale * made.most / (sizes[one.item] * items * len(parts))
                yield Term(one, weight, float(one.said in labels), counts, of)

    return terms


def _holds(card: Settled) -> float:
    """A verdict that people leave as it should be; a bad question is no finding."""
    return float(not card.finds)


def _verdicts(made: Metric, side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[Term]:
    for one, _ in _own(side, candidate, asked):
        yield Term(one, made.scale / side.items(made.source), float(one.kind == CONTROL), _holds)


def _reliability(made: Metric, side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[Term]:
    """RS(N): right is 1, a wrong answer minus the penalty; who abstained wrongly has 0."""
    items = side.items(made.source)
    for one, scored in _own(side, candidate, asked):
        penalty = 0 if abstained(scored.score) else items if made.by_count else made.penalty or 0
        weight = made.scale * (1 + penalty) / items
        yield Term(one, weight, float(one.kind == CONTROL), _holds, "answered" if penalty else "abstained")


def _harm(made: Metric, side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[Term]:
    span = made.most - made.least

    def rated(card: Settled) -> float | None:
        if not card.finds:
            return 0.0
        return None if card.rating is None else (card.rating - made.least) / span

    for one, scored in _own(side, candidate, asked):
        said = (scored.score.values[made.source] - made.least) / span
        yield Term(one, span / side.items(made.source), said, rated)


def _points(made: Metric, side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[Term]:
    """Points of the criteria that are met over those that can be had."""
    items = side.items(made.source)

    def met(card: Settled) -> float:
        """A bad question is no finding: what gives points is met, what takes them away is not."""
        return float((card.card.expected if card.answer == BAD else card.answer) == Label.YES)

    for one in asked:
        if one.candidate != candidate or one.item not in side.column:
            continue
        criteria = side.column[one.item].score.criteria
        points = criteria[int(one.part.partition("-")[2])].points
        possible = sum(max(0.0, criterion.points) for criterion in criteria)
        weight = made.scale * points / possible / items
        yield Term(one, weight, float(one.said == Label.YES), met, "takes away" if points < 0 else "gives")


def _matches(made: Metric, side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[Term]:
    """Won is 1, drawn a half: half of whether this answer is as good, less half of whether the other one is."""
    items = side.items(made.source)

    for one in asked:
        own = one.candidate == candidate
        if (not own and one.opponent != candidate) or one.item not in side.column:
            continue
        matches = len(side.column[one.item].score.matches)
        weight = (0.5 if own else -0.5) * made.scale / matches / items
        yield Term(one, weight, float(one.kind == CONTROL), _holds, "own" if own else "other")


def _own(side: Side, candidate: str, asked: Sequence[Question]) -> Iterator[tuple[Question, ScoredItem]]:
    for one in asked:
        if one.candidate == candidate and one.part == VERDICT and one.item in side.column:
            yield one, side.column[one.item]


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        **{name: _against(name) for name in _CEF},
        **dict.fromkeys(("accuracy", "prompt_strict", "sentence_accuracy", "refusal_rate"), _verdicts),
        **dict.fromkeys(("rs_0", "rs_5", "rs_10", "rs_n"), _reliability),
        "harm": _harm,
        "rubric": _points,
        "win_share": _matches,
    }
)
"""By metric."""
