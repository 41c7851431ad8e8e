"""Which models pass a use case's thresholds, which is best, how sure that is, and what blocks the others.

An unreadable output counts as a wrong answer wherever the metric has a rule for it, as in the official scripts: a model
must not pass because half of what it wrote was left out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from medic_console.archive.measures import Measures
from medic_console.comparison.choosing import best_measures, choose
from medic_console.comparison.pairs import Scored, in_unit, load_scored, scored_by_both, unreadable_counted
from medic_console.comparison.portfolio_file import Requirement, UseCase
from medic_console.comparison.tradeoff import Quality, mean_quality
from medic_console.comparison.values import item_values, points
from medic_console.metrics import METRICS, TaskResult, compute, counts
from medic_console.records import Counts, MetricValue
from medic_console.statistics.comparing import Difference, compare, pair


class Standing(StrEnum):
    """How a model stands against a threshold, best first."""

    PASSES = "passes"
    """The whole interval lies on the right side."""
    NOT_SURE = "not sure"
    """The value lies on the right side, its interval does not, or there is none."""
    MISSING = "no data"
    """The model has no score for the metric."""
    FAILS = "fails"
    """The value lies on the wrong side."""


_ORDER = tuple(Standing)


@dataclass(frozen=True, slots=True)
class Finding:
    """One requirement for one model.

    Attributes:
        value: None when the task was not run.
        counts: Of the items, in the run that stands for the model.
        reasons: Unscored items by reason.
        run: Empty when the task was not run.
        sample: The items are bundled samples.
    """

    requirement: Requirement
    standing: Standing
    value: MetricValue | None
    counts: Counts
    reasons: Mapping[str, int]
    run: str
    sample: bool


@dataclass(frozen=True, slots=True)
class Candidacy:
    """One model for one use case.

    Attributes:
        standing: The worst of its findings.
        quality: Mean of the required metrics on 0 to 100.
    """

    model: str
    standing: Standing
    findings: tuple[Finding, ...]
    quality: Quality

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What keeps the model from passing."""
        return tuple(found for found in self.findings if found.standing is not Standing.PASSES)


@dataclass(frozen=True, slots=True)
class Lead:
    """How far the best model is ahead of the next, in points on 0 to 100.

    Attributes:
        over: The next best model.
        value: Mean paired difference over the required metrics, first the best; None when they share no items.
        low: Lower end of the 95 % interval; None when there is none.
        high: Upper end.
        items: Items that both have, over all requirements.
    """

    over: str
    value: float | None
    low: float | None
    high: float | None
    items: int

    @property
    def sure(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One use case over all models.

    Attributes:
        candidacies: Best first.
        best: sha256 of the best model that neither fails nor lacks data; empty when there is none.
        lead: Over the next of those; None where there is none. The required metrics' errors are taken as independent.
    """

    case: UseCase
    candidacies: tuple[Candidacy, ...]
    best: str
    lead: Lead | None


def evaluate(
    reader: Measures, models: Sequence[str], cases: Sequence[UseCase], runs: Sequence[str] = ()
) -> Iterator[CaseResult]:
    """Yield each use case's result.

    Args:
        models: sha256 of the models.
        runs: Runs to take measures from; empty: all.
    """
    wanted = {requirement.task for case in cases for requirement in case.requirements}
    measures = [measure for measure in reader.measures(models, runs) if measure.task.id in wanted]
    shared = {field.task.id: field.measures for field in choose(measures, models, reader.item_digests)}
    scored: dict[str, dict[str, Scored]] = {task: load_scored(reader, found) for task, found in shared.items()}
    for model in models:
        for task, measure in best_measures(measures, model).items():
            if model not in scored[task]:
                scored[task][model] = Scored(measure, reader.item_scores(measure), reader.provisional(measure))
    for case in cases:
        yield _case(case, models, scored)


def _case(case: UseCase, models: Sequence[str], scored: Mapping[str, Mapping[str, Scored]]) -> CaseResult:
    found = sorted((_candidacy(case, model, scored) for model in models), key=_preference)
    able = [one for one in found if one.standing in (Standing.PASSES, Standing.NOT_SURE)]
    lead = _lead(case, able[0].model, able[1].model, scored) if len(able) > 1 else None
    return CaseResult(case, tuple(found), able[0].model if able else "", lead)


def _preference(one: Candidacy) -> tuple[int, float]:
    return _ORDER.index(one.standing), -(one.quality.value if one.quality.value is not None else -1.0)


def _candidacy(case: UseCase, model: str, scored: Mapping[str, Mapping[str, Scored]]) -> Candidacy:
    findings = tuple(_finding(required, scored.get(required.task, {}).get(model)) for required in case.requirements)
    results = [
        TaskResult(found.requirement.task, (), (), found.value, found.requirement.better)
        for found in findings
        if found.value is not None
    ]
    standing = max((found.standing for found in findings), key=_ORDER.index)
    return Candidacy(model, standing, findings, mean_quality(results))


def _finding(required: Requirement, side: Scored | None) -> Finding:
    if side is None:
        return Finding(required, Standing.MISSING, None, Counts(), {}, "", False)
    items = list(side.items.values())
    scores = [item.score for item in items]
    groups = [item.group for item in items]
    value = compute([required.metric], scores, groups, unreadable_as_wrong=True)[required.metric]
    return Finding(
        requirement=required,
        standing=standing_of(value, required),
        value=value,
        counts=counts(scores),
        reasons=dict(Counter(str(score.reason) for score in scores if score.reason)),
        run=side.measure.run,
        sample=side.measure.origin == "sample",
    )


def standing_of(value: MetricValue, required: Requirement) -> Standing:
    """Return how a metric stands against its threshold; a value at the threshold has not passed it."""
    if value.value is None:
        return Standing.MISSING
    sign = 1.0 if required.better == "higher" else -1.0
    if not sign * value.value > sign * required.threshold:
        return Standing.FAILS
    worst = value.low if required.better == "higher" else value.high
    sure = worst is not None and sign * worst > sign * required.threshold
    return Standing.PASSES if sure else Standing.NOT_SURE


def _lead(case: UseCase, best: str, other: str, scored: Mapping[str, Mapping[str, Scored]]) -> Lead:
    parts = {r: _paired(r, scored[r.task][best], scored[r.task][other]) for r in case.requirements}
    items = sum({required.task: part.n for required, part in parts.items() if part is not None}.values())
    known = [part for part in parts.values() if part is not None and part.value is not None]
    if len(known) < len(parts):
        return Lead(other, None, None, None, items)
    value = math.fsum(part.value or 0.0 for part in known) / len(known)
    halves = [(part.high - part.low) / 2 for part in known if part.low is not None and part.high is not None]
    if len(halves) < len(known):
        return Lead(other, value, None, None, items)
    half = math.hypot(*halves) / len(halves)
    return Lead(other, value, value - half, value + half, items)


def _paired(required: Requirement, best: Scored, other: Scored) -> Difference | None:
    """Return the paired difference on one requirement in points, above 0 when the best is better."""
    if best.measure.rule != other.measure.rule:
        return None
    best, other = (unreadable_counted(required.metric, side) for side in (best, other))
    common = scored_by_both(best, other)
    first, second = (item_values(required.metric, {d: side.items[d].score for d in common}) for side in (best, other))
    groups = {digest: best.items[digest].group for digest in common}
    if required.better == "lower":
        first, second = second, first
    return in_unit(compare(pair(first, second, groups)), points(METRICS[required.metric]))
