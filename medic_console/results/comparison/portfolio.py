"""Which models pass a use case's thresholds, which is best, how sure that is, and what blocks the others.

A model passes on the headline figure, in which an item that it left without an answer takes the worst value, and only
with enough items, enough of them answered and, where a judge gave the scores, a qualified judge that is not kin. It
fails where a whole interval lies on the wrong side. Everything else is not sure, and says why.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medic_console.archive.views import ModelView
from medic_console.core.metrics import metric_of
from medic_console.core.records import Counts, MetricValue
from medic_console.results.comparison.choosing import best_measures, choose, measures_for
from medic_console.results.comparison.pairs import ScoredMeasure, in_unit, load_scored, paired, valued_by_both
from medic_console.results.comparison.portfolio_file import Requirement, UseCase
from medic_console.results.comparison.reviewed import HumanReview, Reviews, lacking, no_review, review_of_measure
from medic_console.results.comparison.tasks import value_of
from medic_console.results.comparison.values import AGAINST, is_mean_of_items, points
from medic_console.results.measures import Measures
from medic_console.statistics.aggregates import Aggregate, TaskResult, mean_of
from medic_console.statistics.comparing import Difference, compare
from medic_console.statistics.intervals import combined, ends
from medic_console.statistics.metrics import counts


class CaseStanding(StrEnum):
    """How a model stands against a threshold, best first."""

    PASSES = "passes"
    """The whole interval lies on the right side, and nothing that a pass needs is missing."""
    NOT_SURE = "not sure"
    """Neither a pass nor a failure."""
    MISSING = "no data"
    """The model has no value for the metric."""
    FAILS = "fails"
    """The whole interval of the metric, or of the share answered, lies on the wrong side."""


_ORDER = tuple(CaseStanding)


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement for one model.

    Attributes:
        doubts: What a pass lacks, in words; empty when it passes, and without a value.
        value: None when the task was not run.
        counts: Of the items, in the run that stands for the model.
        reasons: Unscored items by reason.
        run: Empty when the task was not run.
        judged_by: As `Measure` has it.
        taken: Likewise.
        sample: The items are bundled samples.
        review: What people found in that run; None where nobody reviewed it.
    """

    requirement: Requirement
    standing: CaseStanding
    doubts: tuple[str, ...]
    value: MetricValue | None
    counts: Counts
    reasons: Mapping[str, int]
    run: str
    sample: bool
    review: HumanReview | None = None
    judged_by: str = ""
    taken: str = ""


@dataclass(frozen=True, slots=True)
class Candidacy:
    """One model for one use case.

    Attributes:
        model: Its column; without a run, its sha256.
        standing: The worst of its findings.
        quality: Mean of the required metrics on 0 to 100.
        points: The same before it is cut to the scale, as differences are; puts models in order, means nothing alone.
    """

    model: str
    standing: CaseStanding
    findings: tuple[Finding, ...]
    quality: Aggregate
    points: float | None

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What keeps the model from passing."""
        return tuple(found for found in self.findings if found.standing is not CaseStanding.PASSES)


@dataclass(frozen=True, slots=True)
class Lead:
    """How far the best model is ahead of the next, in points on 0 to 100.

    Attributes:
        over: The next best model.
        value: Mean paired difference over the required metrics, first the best; None when a metric has none.
        low: Lower end of the 95 % interval; None when there is none.
        high: Upper end.
        items: Items that both have, over all requirements.
        provisional: Why it is not to be relied on yet; empty when it is.
        apart: Why there is no value; empty when there is one.
        part: Which first items of more it rests on; empty when it does not.
    """

    over: str
    value: float | None
    low: float | None
    high: float | None
    items: int
    provisional: str = ""
    apart: str = ""
    part: str = ""

    @property
    def sure(self) -> bool:
        """Whether the whole interval lies above 0, rests on judges to rely on and not on first items of more."""
        return self.low is not None and self.low > 0 and not self.provisional and not self.part


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One use case over all models.

    Attributes:
        candidacies: Best first: by standing, then by points; of the first two alike the one ahead on common items.
        best: The first model that neither fails nor lacks data; empty when there is none.
        lead: Over the next of those; None where there is none. The required metrics' errors are taken as independent.
    """

    case: UseCase
    candidacies: tuple[Candidacy, ...]
    best: str
    lead: Lead | None

    @property
    def best_passes(self) -> bool:
        """Whether the best model meets every threshold for sure; False without one."""
        return any(one.model == self.best and one.standing is CaseStanding.PASSES for one in self.candidacies)


def evaluate(
    reader: Measures,
    models: Sequence[ModelView],
    cases: Sequence[UseCase],
    runs: Sequence[str] = (),
    reviews: Reviews = no_review,
) -> Iterator[CaseResult]:
    """Yield each use case's result.

    Args:
        models: Each alone or pinned to a run.
        runs: Runs to take measures of the models from that are not pinned to one; empty: all.
        reviews: What people found.
    """
    wanted = {requirement.task for case in cases for requirement in case.requirements}
    measures = [measure for measure in measures_for(reader, models, runs) if measure.task.id in wanted]
    columns = [model.column for model in models]
    shared = {field.task.id: field.measures for field in choose(measures, columns, reader.item_digests)}
    scored: dict[str, dict[str, ScoredMeasure]] = {task: load_scored(reader, found) for task, found in shared.items()}
    for model in columns:
        for task, measure in best_measures(measures, model).items():
            if model not in scored[task]:
                scored[task][model] = ScoredMeasure(measure, reader.item_scores(measure), reader.provisional(measure))
    for case in cases:
        yield _case(case, columns, scored, reviews)


def _case(
    case: UseCase, models: Sequence[str], scored: Mapping[str, Mapping[str, ScoredMeasure]], reviews: Reviews
) -> CaseResult:
    found = sorted((_candidacy(case, model, scored, reviews) for model in models), key=_preference)
    able = [one for one in found if one.standing in (CaseStanding.PASSES, CaseStanding.NOT_SURE)]
    if len(able) < 2:
        return CaseResult(case, tuple(found), able[0].model if able else "", None)
    first, second = able[:2]
    lead = _lead(case, first.model, second.model, scored)
    if lead.value is not None and lead.value < 0 and first.standing is second.standing:
        # each own mean may rest on other items: those that both have decide
        at = found.index(first)
        found[at], found[found.index(second)] = second, first
        first, lead = second, _lead(case, second.model, first.model, scored)
    return CaseResult(case, tuple(found), first.model, lead)


def _preference(one: Candidacy) -> tuple[int, float]:
    return _ORDER.index(one.standing), math.inf if one.points is None else -one.points


def _candidacy(
    case: UseCase, model: str, scored: Mapping[str, Mapping[str, ScoredMeasure]], reviews: Reviews
) -> Candidacy:
    findings = tuple(
        _finding(required, scored.get(required.task, {}).get(model), reviews) for required in case.requirements
    )
    results = [
        TaskResult(found.requirement.task, (), (), found.value, found.requirement.better)
        for found in findings
        if found.value is not None
    ]
    standing = max((found.standing for found in findings), key=_ORDER.index)
    return Candidacy(model, standing, findings, mean_of(results), _points(findings))


def _points(findings: Sequence[Finding]) -> float | None:
    known = [
        (1.0 if found.requirement.better == "higher" else -1.0) * found.value.value * _unit(found.requirement)
        for found in findings
        if found.value is not None and found.value.value is not None
    ]
    return math.fsum(known) / len(known) if known else None


def _unit(required: Requirement) -> float:
    metric = metric_of(required.metric)
    return points(metric) / metric.scale


def _finding(required: Requirement, side: ScoredMeasure | None, reviews: Reviews) -> Finding:
    if side is None:
        return Finding(required, CaseStanding.MISSING, (), None, Counts(), {}, "", False)
    items = list(side.items.values())
    scores = [item.score for item in items]
    value = value_of(required.metric, items, side)
    standing, doubts = standing_of(value, required)
    measure = side.measure
    review = review_of_measure(measure, reviews)
    unread = lacking(review, required.reviewed, required.reviewed_share)
    if unread and standing in (CaseStanding.PASSES, CaseStanding.NOT_SURE):
        standing, doubts = CaseStanding.NOT_SURE, (*doubts, unread)
    return Finding(
        requirement=required,
        standing=standing,
        doubts=doubts,
        value=value,
        counts=counts(scores),
        reasons=dict(Counter(str(score.reason) for score in scores if score.reason)),
        run=measure.run,
        judged_by=measure.judged_by,
        taken=measure.taken,
        sample=measure.origin == "sample",
        review=review,
    )


def standing_of(value: MetricValue, required: Requirement) -> tuple[CaseStanding, tuple[str, ...]]:
    """Return how a metric stands against a requirement, and what a pass lacks."""
    if value.value is None:
        return CaseStanding.MISSING, ()
    higher = required.better == "higher"
    worst, best = (value.low, value.high) if higher else (value.high, value.low)
    sign = 1.0 if higher else -1.0
    limit = sign * required.threshold
    wanted, share = 100 * required.answered, value.share
    beyond = best is not None and sign * best < limit
    few = share is not None and share.high is not None and share.high < wanted
    failing = {
        "the whole interval lies on the wrong side": beyond,
        f"fewer than {wanted:g} % of the items are answered": few,
    }
    failed = tuple(words for words, so in failing.items() if so)
    if failed and not value.part:
        return CaseStanding.FAILS, failed[:1]
    lacking = {
        "the interval holds the threshold": not beyond and (worst is None or sign * worst <= limit),
        f"fewer than {required.items} items": value.n < required.items,
        f"not sure that {wanted:g} % of the items are answered": not few
        and (share is None or (share.low or 0.0) < wanted),
        f"provisional: {value.provisional}": bool(value.provisional),
        f"only {value.part}, not a random sample": bool(value.part),
    }
    doubts = (*failed, *(words for words, lacks in lacking.items() if lacks))
    return (CaseStanding.NOT_SURE if doubts else CaseStanding.PASSES), doubts


def _lead(case: UseCase, best: str, other: str, scored: Mapping[str, Mapping[str, ScoredMeasure]]) -> Lead:
    parts = {r: _paired(r, scored[r.task][best], scored[r.task][other]) for r in case.requirements}
    apart = [_apart(r, scored[r.task][best], scored[r.task][other]) for r in case.requirements]
    items = sum({required.task: part.n for required, part in parts.items() if part is not None}.values())
    sides = [scored[r.task][model] for r in case.requirements for model in (best, other)]
    provisional = "; ".join(dict.fromkeys(side.provisional for side in sides if side.provisional))
    first = "; ".join(dict.fromkeys(side.measure.part for side in sides if side.measure.part))
    known = [part for part in parts.values() if part is not None and part.value is not None]
    if len(known) < len(parts):
        why = next(filter(None, apart), "they share no items")
        return Lead(other, None, None, None, items, provisional, why, part=first)
    value = math.fsum(part.value or 0.0 for part in known) / len(known)
    made = [(1 / len(known), part.draws) for part in known if part.draws is not None]
    if len(made) < len(known):
        return Lead(other, value, None, None, items, provisional, part=first)
    names = [required.task for required in parts]
    return Lead(other, value, *ends(combined(made, names), value), items, provisional, part=first)


def _paired(required: Requirement, best: ScoredMeasure, other: ScoredMeasure) -> Difference | None:
    """Return the paired difference on one requirement in points, above 0 when the best is better."""
    if _apart(required, best, other):
        return None
    metric = metric_of(required.metric)
    common = valued_by_both(metric, best, other)
    sides = (other, best) if required.better == "higher" else (best, other)
    _, _, pairs = paired(required.metric, *sides, common)
    return in_unit(compare(pairs), points(metric))


def _apart(required: Requirement, best: ScoredMeasure, other: ScoredMeasure) -> str:
    """Return why two models have no paired difference on one requirement; empty where common items give one."""
    metric = metric_of(required.metric)
    if best.measure.rule != other.measure.rule:
        return f"{required.task} was measured under another rule"
    if metric.against and best.measure.run != other.measure.run:
        return f"{metric.title} {AGAINST}"
    return "" if is_mean_of_items(metric) else f"{metric.title} is no mean of item values"
