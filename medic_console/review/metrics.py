"""Metrics as the judge or the scorer has them, and as people do.

The reviewed figure is the raw one, moved by what people answered otherwise: each question weighs as it does in the
metric, and what people settled of a kind of answer stands for the rest of that kind. Which question weighs how much is
told by `weighing.py`; ratings are no sums, `imputed.py` has them. Where a review can change nothing, the words say why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from medic_console.core.metrics import Metric, metric_of
from medic_console.review.imputed import reviewed_rating
from medic_console.review.questions import Question, asked_key
from medic_console.review.report import Settled, groups_of
from medic_console.review.weighing import WAYS, Side, Term, way_of
from medic_console.statistics.strata import Rate, Stratum, poststratified
from medic_console.suite.task import Task

OVERLAP = "not reviewable: no judge, a text is compared with a reference"
LENGTHS = "not reviewable: no judge, lengths are compared"
FORM = "not reviewable: no judge, a rule about the form of the answer"
CLASSES = "not reviewable: people say whether a class is right, not which one is"
TOGETHER = "not reviewable: people say of flag and sentence together"
PROMPTS = "not reviewable: people say of a whole prompt, taken strictly"
UNREAD = "no figure: not every kind of answer was reviewed"
NO_SUM = "no reviewed figure: it is no sum of single answers"
UNRATED = "no figure: no match that rates the model"
RATINGS = ("elo", "bradley_terry")
"""That are made of all matches at once."""
NO_CARD = "not reviewable: no card asks about it"
_FIXED: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("rouge_l", "rouge_1", "rouge_2", "bleu_4", "meteor", "bertscore"), OVERLAP),
        "conciseness": LENGTHS,
        "strict_match": FORM,
        "macro_f1": CLASSES,
        "flag_accuracy": TOGETHER,
        "overall": NO_SUM,
        **dict.fromkeys(("prompt_loose", "instruction_strict", "instruction_loose"), PROMPTS),
    }
)
"""Why a review cannot change a metric."""


@dataclass(frozen=True, slots=True)
class ReviewedMetric:
    """One metric, in its own unit.

    Attributes:
        metric: Its id.
        raw: As the judge or the scorer has it; of several judges the mean of theirs, a rating the panel's. None where
            it has no value.
        rate: As people have it, with its 95 % interval; `n` is the settled cards that it rests on.
        why: Why `rate` has no value; empty where it has one.
    """

    metric: str
    title: str
    raw: float | None
    rate: Rate
    why: str = ""


def reviewed_metrics(
    task: Task, sides: Sequence[Side], candidate: str, asked: Sequence[Question], known: Sequence[Settled], rated: Side
) -> tuple[ReviewedMetric, ...]:
    """Return all metrics of a task.

    Args:
        task: As the run had it.
        sides: One a judge whose figures are taken together, with the model's scores under it.
        candidate: sha256 of the model.
        asked: All questions of the task under these judges, those about other models among them.
        known: Those of them that people settled.
        rated: Whose matches make the ratings: the one judge, or the panel.
    """
    answered = {asked_key(one.card): one for one in known}
    return tuple(
        _rating(one.id, one.title, rated, candidate, asked, answered)
        if one.id in RATINGS
        else _metric(task, one.id, one.title, sides, candidate, asked, answered)
        for one in task.metrics
    )


def _rating(
    name: str,
    title: str,
    rated: Side,
    candidate: str,
    asked: Sequence[Question],
    answered: Mapping[tuple[str, ...], Settled],
) -> ReviewedMetric:
    raw = rated.metrics[name].value
    if raw is None:
        return ReviewedMetric(name, title, raw, Rate(None, None, None, 0), UNRATED)
    rate = reviewed_rating(name, rated.matches, candidate, asked, answered)
    return ReviewedMetric(name, title, raw, rate, UNREAD if rate.value is None else "")


def _metric(
    task: Task,
    name: str,
    title: str,
    sides: Sequence[Side],
    candidate: str,
    asked: Sequence[Question],
    answered: Mapping[tuple[str, ...], Settled],
) -> ReviewedMetric:
    raws = [side.metrics[name].value for side in sides]
    raw = None if not raws or None in raws else math.fsum(value or 0.0 for value in raws) / len(raws)
    way = way_of(task, name)
    if way is None or raw is None:
        return ReviewedMetric(name, title, raw, Rate(None, None, None, 0), _FIXED.get(name, NO_CARD))
    metric = metric_of(name)
    terms = [
        term
        for side in sides
        for term in WAYS[way](metric, side, candidate, [one for one in asked if one.judge == side.judge])
    ]
    rate = _moved(raw, terms, answered, len(sides), metric)
    return ReviewedMetric(name, title, raw, rate, UNREAD if rate.value is None else "")


def _moved(
    raw: float, terms: Sequence[Term], answered: Mapping[tuple[str, ...], Settled], judges: int, metric: Metric
) -> Rate:
    """Return a figure as people have it: what does not hang on an answer stays, the rest is estimated by kinds."""
    kinds: dict[tuple[str, ...], list[Term]] = {}
    for term in terms:
        kinds.setdefault((term.asked.judge, term.asked.candidate, term.asked.kind, term.sort), []).append(term)
    strata = [_stratum(found, answered, judges) for found in kinds.values()]
    found = poststratified(strata, whole=1.0)
    if found.value is None or found.low is None or found.high is None:
        return found
    fixed = raw - math.fsum(term.weight * term.said for term in terms) / judges
    value, low, high = (fixed + part for part in (found.value, found.low, found.high))
    if metric.clip:
        value, low, high = (min(metric.scale, max(0.0, part)) for part in (value, low, high))
    return Rate(value, low, high, found.n)


def _stratum(terms: Sequence[Term], answered: Mapping[tuple[str, ...], Settled], judges: int) -> Stratum:
    degrees, weights, read = [], [], []
    for term in terms:
        card = answered.get(asked_key(term.asked))
        degree = term.degree(card) if card is not None else None
        if card is not None and degree is not None:
            degrees.append(degree)
            weights.append(term.weight / judges)
            read.append(card)
    mean = math.fsum(term.weight for term in terms) / len(terms) / judges
    return Stratum(len(terms), degrees, groups_of(read), mean, weights)
