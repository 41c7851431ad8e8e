"""Two models on one task: the paired difference, whether it is within a margin, and the items that changed.

The first model is the reference; everything says what changes when the second takes its place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from medic_console.core.metrics import METRICS, Metric, metric_of
from medic_console.core.records import Figure, Outcome, Reason, Score
from medic_console.results.comparison.values import has_value, is_mean_of_items, item_values, points
from medic_console.results.measures import ItemScore, Measure, Measures
from medic_console.statistics.comparing import Difference, Pairs, compare, pair
from medic_console.statistics.equivalence import Equivalence, equivalence
from medic_console.statistics.metrics import percentage, value_range
from medic_console.suite.task import MetricSpec

if TYPE_CHECKING:
    from medic_console.statistics.intervals import Draws, Values

NOT_ASKED = "not asked"
NO_VALUE = "no value of this metric"
NO_SCORE_YET = "no score yet"


@dataclass(frozen=True, slots=True)
class ScoredMeasure:
    """A measure with its scores by item digest, in the items' order.

    Attributes:
        provisional: Why its judge is not to be relied on yet, or is kin; empty when neither, or without a judge.
    """

    measure: Measure
    items: Mapping[str, ItemScore]
    provisional: str = ""


def load_scored(reader: Measures, measures: Mapping[str, Measure]) -> dict[str, ScoredMeasure]:
    """Return measures with their scores, by column."""
    return {
        model: ScoredMeasure(measure, reader.item_scores(measure), reader.provisional(measure))
        for model, measure in measures.items()
    }


class Change(StrEnum):
    """What happened to an item when the second model took the first one's place, gravest first."""

    LOST = "right → wrong"
    DROPPED = "scored → no score"
    WORSE = "worse"
    OTHERWISE = "both wrong, differently"
    GAINED = "wrong → right"
    TAKEN = "no score → scored"
    BETTER = "better"


_ORDER = tuple(Change)


@dataclass(frozen=True, slots=True)
class Flip:
    """One item that changed.

    Attributes:
        digest: Of the item.
        by: Second minus first, in the metric's unit; None where one has no score.
    """

    item: str
    digest: str
    change: Change
    first: Score
    second: Score
    by: float | None

    @property
    def gravity(self) -> tuple[int, float]:
        """Sorts the gravest change first, then the largest."""
        return _ORDER.index(self.change), -abs(self.by or 0.0)


@dataclass(frozen=True, slots=True)
class PairResult:
    """The second model against the first on one task.

    Attributes:
        difference: Second minus first in the metric's unit; None where the metric is no mean of item values. Its
            wins are items with the higher number, whichever is the better one.
        p_holm: The p value corrected for all that were computed together (Holm 1979); None where there is none.
        equivalence: Of the second to the first, within the margin, in the metric's unit.
        better: Items on which the second model does better.
        worse: Items on which it does worse.
        flips: Gravest change first.
        left_out: Items without a pair, counted by model (`first` or `second`) and why; none where items have no part.
        answered: The difference over the items to which both gave a whole answer; None where `difference` is.
        share: Of the items of `difference`, percent with a whole answer of both.
        provisional: Why it is not to be relied on yet; empty when it is.
        part: On which of more items it rests, where those are the first ones: "the first 40 of 2,000 items".
    """

    first: str
    second: str
    difference: Difference | None
    p_holm: float | None
    equivalence: Equivalence | None
    better: int
    worse: int
    flips: tuple[Flip, ...]
    left_out: Mapping[tuple[str, str], int]
    answered: Difference | None = None
    share: Figure | None = None
    provisional: str = ""
    part: str = ""

    def changed(self, *changes: Change) -> int:
        """Return how many items changed in one of these ways."""
        return sum(flip.change in changes for flip in self.flips)


def compare_pair(
    spec: MetricSpec, first: ScoredMeasure, second: ScoredMeasure, margin: float, answered_only: bool = False
) -> PairResult:
    """Compare two models on the items that both have a value for.

    Args:
        margin: Largest difference that does not matter, in points on 0 to 100.
        answered_only: Leave out items that one of them left without a whole answer.
    """
    metric = metric_of(spec.id)
    common = valued_by_both(metric, first, second, answered_only)
    before, after, pairs = paired(spec.id, first, second, common)
    difference = verdict = answered = share = None
    if before:
        difference = in_unit(compare(pairs), metric.scale)
        answered, share = _of_answered(spec.id, first, second, common, difference)
        verdict = _verdict_in_unit(equivalence(pairs, margin / points(metric), spec.better), metric.scale)
    wins, losses = (difference.wins, difference.losses) if difference else (0, 0)
    better, worse = (wins, losses) if spec.better == "higher" else (losses, wins)
    return PairResult(
        first=first.measure.column,
        second=second.measure.column,
        difference=difference,
        p_holm=None,
        equivalence=verdict,
        better=better,
        worse=worse,
        flips=_flips(spec, first, second, before, after),
        left_out=_left_out(metric, first, second, common, answered_only),
        answered=answered,
        share=share,
        provisional="; ".join(dict.fromkeys(side.provisional for side in (first, second) if side.provisional)),
        part="; ".join(dict.fromkeys(side.measure.part for side in (first, second) if side.measure.part)),
    )


def _of_answered(
    metric_id: str, first: ScoredMeasure, second: ScoredMeasure, common: Sequence[str], headline: Difference
) -> tuple[Difference, Figure]:
    """Return the difference over the common items with a whole answer of both models, and their share."""
    whole = [all(side.items[digest].score.answered for side in (first, second)) for digest in common]
    share = percentage(whole, [first.items[digest].group for digest in common])
    if all(whole):
        return headline, share
    _, _, pairs = paired(metric_id, first, second, [d for d, answered in zip(common, whole, strict=True) if answered])
    return in_unit(compare(pairs), metric_of(metric_id).scale), share


def paired(
    metric_id: str, first: ScoredMeasure, second: ScoredMeasure, common: Sequence[str]
) -> tuple[dict[str, float], dict[str, float], Pairs]:
    """Return both models' values of their common items, and the pairs, second minus first."""
    before, after = (item_values(metric_id, {d: side.items[d].score for d in common}) for side in (first, second))
    values = [*before.values(), *after.values()]
    least, most = value_range(metric_of(metric_id), values) if values else (0.0, 1.0)
    groups = {digest: first.items[digest].group for digest in common}
    limits = (0.0, 1.0) if METRICS[metric_id].clip else None
    return before, after, pair(after, before, groups, most - least, limits)


def valued_by_both(
    metric: Metric, first: ScoredMeasure, second: ScoredMeasure, answered_only: bool = False
) -> list[str]:
    """Return the digests of the items for which both have a value, in the first one's order."""
    return [
        digest
        for digest in first.items
        if all(_is_valued(metric, side, digest, answered_only) for side in (first, second))
    ]


def _is_valued(metric: Metric, side: ScoredMeasure, digest: str, answered_only: bool) -> bool:
    score = side.items[digest].score if digest in side.items else None
    return score is not None and has_value(metric, score) and (score.answered or not answered_only)


def in_unit(difference: Difference, scale: float) -> Difference:
    """Return a difference of item values in another unit."""
    if difference.value is None:
        return difference
    low, high, draws = difference.low, difference.high, difference.draws
    if low is not None and high is not None:
        low, high = low * scale, high * scale
    made = None if draws is None else partial(_scaled, draws, scale)
    return replace(difference, value=difference.value * scale, low=low, high=high, draws=made)


def _scaled(draws: Draws, scale: float) -> Values:
    return draws() * scale


def _verdict_in_unit(found: Equivalence, scale: float) -> Equivalence:
    low, high = found.low, found.high
    if low is not None and high is not None:
        low, high = low * scale, high * scale
    return replace(found, margin=found.margin * scale, low=low, high=high)


def _flips(
    spec: MetricSpec,
    first: ScoredMeasure,
    second: ScoredMeasure,
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> tuple[Flip, ...]:
    metric, found = metric_of(spec.id), []
    sign = 1.0 if spec.better == "higher" else -1.0
    for digest, item in first.items.items():
        if digest not in second.items:
            continue
        one, other = item.score, second.items[digest].score
        by = None
        if digest in before and digest in after:
            by = (after[digest] - before[digest]) * metric.scale
        change = _change(one, other, None if by is None else by * sign, metric.proportion, before.get(digest) == 1)
        if change is not None:
            found.append(Flip(item.item, digest, change, one, other, by))
    return tuple(sorted(found, key=lambda flip: flip.gravity))


def _change(first: Score, second: Score, gain: float | None, proportion: bool, right: bool) -> Change | None:
    """Return how an item changed; None when it did not.

    Args:
        gain: Above 0 when the second does better; None where one of them has no value.
        proportion: Values are right or wrong.
        right: The first model's value is 1.
    """
    scored = [score.outcome is Outcome.SCORED for score in (first, second)]
    if gain is None:
        return None if scored[0] == scored[1] else Change.DROPPED if scored[0] else Change.TAKEN
    if gain == 0:
        changed = proportion and not right and first.answer != second.answer
        return Change.OTHERWISE if changed else None
    if proportion:
        return Change.GAINED if gain > 0 else Change.LOST
    return Change.BETTER if gain > 0 else Change.WORSE


def _left_out(
    metric: Metric, first: ScoredMeasure, second: ScoredMeasure, common: list[str], answered_only: bool
) -> dict[tuple[str, str], int]:
    if not is_mean_of_items(metric):
        return {}
    kept = set(common)
    missing = [digest for digest in {**first.items, **second.items} if digest not in kept]
    found = Counter(
        (name, why)
        for digest in missing
        for name, side in (("first", first), ("second", second))
        if (why := _why_not(metric, side, digest, answered_only))
    )
    return dict(found.most_common())


def _why_not(metric: Metric, side: ScoredMeasure, digest: str, answered_only: bool) -> str:
    """Return why an item has no value; empty when it has one."""
    if digest not in side.items:
        return NO_SCORE_YET if not side.measure.done else NOT_ASKED
    if _is_valued(metric, side, digest, answered_only):
        return ""
    score = side.items[digest].score
    return str(Reason.TRUNCATED) if score.truncated else str(score.reason or NO_VALUE)
