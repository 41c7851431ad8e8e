"""Metrics that are made of single answers, as the judge has them and as people do: coverage, accuracy and the like.

A question weighs as it does in the metric: an item's questions of one side together as much as those of another item.
What people settled of a kind of answer, on each side, stands for the rest of that kind. Ratings, mean harm, points of a
rubric and overlaps are no shares of answers: they have no such figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.records import Label
from medic_console.review.cards import BAD
from medic_console.review.questions import Question
from medic_console.review.report import Settled, groups_of
from medic_console.scoring.methods.cef.spec import NOTE, PAPER, cef_of
from medic_console.statistics.strata import Rate, Stratum, poststratified
from medic_console.suite.task import Task

_CEF: Mapping[str, tuple[tuple[str, Label], ...]] = MappingProxyType(
    {
        "coverage": (("source", Label.IDK),),
        "conformity": (("source", Label.NO),),
        "consistency": (("generated", Label.IDK),),
        "overall": (("source", Label.IDK), ("source", Label.NO), ("generated", Label.IDK)),
    }
)
"""Which answers to which side count against a metric (`scoring/methods/cef/score.py`, protocol `paper`)."""
_RIGHT: Mapping[str, str] = MappingProxyType(
    {**dict.fromkeys(("choice", "classes", "integer", "gsm8k", "medcalc"), "accuracy"), "ifeval": "prompt_strict"}
)
"""Metric whose value is the verdict of a card, by scorer."""


@dataclass(frozen=True, slots=True)
class ReviewedMetric:
    """One metric over the items that have an answer, in percent.

    Attributes:
        metric: Its id.
        raw: As the judge or the scorer has it.
        rate: As people have it, with its 95 % interval; without a value where a kind of answer has no settled card.
    """

    metric: str
    title: str
    raw: float
    rate: Rate


def reviewed_metrics(task: Task, asked: Sequence[Question], known: Sequence[Settled]) -> tuple[ReviewedMetric, ...]:
    """Return the metrics of a task that are made of single answers.

    Args:
        task: As the run had it.
        asked: All questions of one model under one judge, or under all judges of a panel.
        known: Those of them that people settled.
    """
    titles = {one.id: one.title for one in task.metrics}
    cef = cef_of(task)
    if cef is not None:
        if cef.protocol != PAPER:
            return ()
        names = [name for name in _CEF if name in titles and (name != "overall" or cef.overall == NOTE)]
        return tuple(_metric(name, titles[name], _CEF[name], asked, known) for name in names)
    name = _RIGHT.get(task.scorer, "")
    return (_metric(name, titles[name], (("verdict", Label.NO),), asked, known),) if name in titles else ()


def _metric(
    name: str, title: str, against: Sequence[tuple[str, Label]], asked: Sequence[Question], known: Sequence[Settled]
) -> ReviewedMetric:
    """Return a metric that is one less the mean share of answers that count against it, over its sides and labels."""
    sides = dict.fromkeys(side for side, _ in against)
    raw, strata = 0.0, []
    for side in sides:
        labels = {str(label) for of, label in against if of == side}
        own = [one for one in asked if one.part.partition("-")[0] == side]
        sizes = Counter((one.judge, one.candidate, one.item) for one in own)
        weight = {one: 1 / (sizes[one.judge, one.candidate, one.item] * len(sizes) * len(against)) for one in own}
        raw += sum(weight[one] for one in own if one.said in labels)
        for kind in dict.fromkeys((one.judge, one.kind) for one in own):
            there = [one for one in own if (one.judge, one.kind) == kind]
            read = [
                one
                for one in known
                if (one.card.judge, one.card.kind) == kind and one.card.part.partition("-")[0] == side
            ]
            hits = [one.answer in labels and one.answer != BAD for one in read]
            mean = sum(weight[one] for one in there) / len(there)
            strata.append(Stratum(len(there), hits, groups_of(read), mean))
    rate = poststratified(strata, whole=1.0)
    value, low, high = (None if share is None else 100 * (1 - share) for share in (rate.value, rate.high, rate.low))
    return ReviewedMetric(name, title, 100 * (1 - raw), Rate(value, low, high, rate.n))
