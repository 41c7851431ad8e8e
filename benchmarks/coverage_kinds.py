"""The kinds of figures whose intervals `coverage` tries, each with its samples, its interval and its truth.

Every interval comes from the function that the console itself calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from benchmarks.coverage_samples import (
    ASKED,
    CLASSES,
    COPIED,
    FINDINGS,
    KEPT,
    KINDS_OF_FINDING,
    MISSED,
    PROBES,
    WRONG,
    Random,
    Sample,
    Sizes,
    bradley_terry_rating,
    classes,
    elo_rating,
    findings,
    flat,
    gap_sides,
    graded,
    harm,
    hits,
    instructions,
    judged,
    macro_f1,
    notes,
    percent,
    reliability,
    reviewed,
    safety_sides,
    settled,
    several,
    three_readers,
    two_judges,
    two_models,
)
from medic_console.core.records import CefTrace, CrossAnswer, Dimension, Label, MetricValue, Outcome, Score
from medic_console.scoring.methods.cef.score import score_trace
from medic_console.statistics.accuracy import Answered, rates
from medic_console.statistics.aggregates import TaskResult, dimension_scores
from medic_console.statistics.agreement import Level, alpha
from medic_console.statistics.bounds import Sampled, stratified_bound
from medic_console.statistics.comparing import Pairs, compare
from medic_console.statistics.equivalence import Verdict, equivalence
from medic_console.statistics.gaps import gaps
from medic_console.statistics.intervals import combined, ends
from medic_console.statistics.matches import Match
from medic_console.statistics.metrics import compute
from medic_console.statistics.prevalence import corrected
from medic_console.statistics.raters import TwoRaters, many_raters, two_raters
from medic_console.statistics.ratings import bradley_terry, elo
from medic_console.statistics.shares import share
from medic_console.statistics.strata import Stratum, poststratified

Found = tuple[float | None, float | None, bool]
"""An interval, and whether a false decision was made on it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of figure.

    Attributes:
        truth: Takes sizes of the groups and share; None where there is none.
        draw: Returns a sample.
        interval: Takes it.
        level: Percent of intervals that should hold the truth.
        decides: A false decision can be made on the interval.
    """

    title: str
    truth: Callable[[Sizes, float], float | None]
    draw: Callable[[Random, Sizes, float], Hashable]
    interval: Callable[[Any], Found]
    level: float = 95.0
    decides: bool = False


def of_metric(metric: str, values: Sequence[Mapping[str, float]], groups: Sequence[str]) -> MetricValue:
    """Return a metric of items."""
    return compute([metric], [Score(Outcome.SCORED, one) for one in values], groups)[metric]


def _metric(name: str, value: Callable[[Any], Mapping[str, float]]) -> Callable[[Sample], Found]:
    def interval(sample: Sample) -> Found:
        items, groups = flat(sample)
        found = of_metric(name, [value(item) for item in items], groups)
        return found.low, found.high, False

    return interval


def _share(sample: Sample) -> Found:
    items, groups = flat(sample)
    found = share([bool(item) for item in items], groups)
    return found.low, found.high, False


@cache
def _cef_values(note: tuple[int, int, int]) -> dict[str, float]:
    unknown, against, invented = note
    source = [Label.IDK] * unknown + [Label.NO] * against + [Label.YES] * (10 - unknown - against)
    generated = [Label.IDK] * invented + [Label.YES] * (10 - invented)
    asked = [tuple(CrossAnswer("?", answer) for answer in side) for side in (source, generated)]
    return score_trace(CefTrace("note", "a b", "a", *asked), "paper").percent()


@lru_cache(maxsize=20_000)
def _task(name: str, metric: str, sample: Sample) -> TaskResult:
    items, groups = flat(sample)
    found = of_metric(metric, [{metric: float(item)} for item in items], groups)
    draws = found.draws
    kept = found if draws is None else replace(found, draws=cache(draws))
    medical = (Dimension.MEDICAL_REASONING,)
    primary, secondary = ((), medical) if name == "secondary" else (medical, ())
    return TaskResult(name, primary, secondary, kept, "lower" if metric == "harm" else "higher")


def _dimension(samples: Sequence[Sample]) -> Found:
    names = [*(f"task {number}" for number in range(len(samples) - 1)), "secondary"]
    tasks = [_task(name, "accuracy", sample) for name, sample in zip(names, samples, strict=True)]
    found = dimension_scores(tasks)[Dimension.MEDICAL_REASONING]
    return found.low, found.high, False


def _gap(samples: Sequence[Sample]) -> Found:
    names = ("medqa", "medmcqa", "medcalc", "ehrsql")
    tasks = [_task(name, "accuracy", sample) for name, sample in zip(names, samples, strict=True)]
    found = gaps(tasks)["knowledge_execution"]
    return found.low, found.high, False


def _safety_gap(samples: Sequence[Sample]) -> Found:
    tasks = [_task("med_safety", "harm", samples[0]), _task("medec", "accuracy", samples[1])]
    found = gaps(tasks)["passive_active"]
    return found.low, found.high, False


@lru_cache(maxsize=20_000)
def _pairs(sample: Sample, swapped: bool = False) -> Pairs:
    items, groups = flat(sample)
    first, second = (tuple(float(item[side]) for item in items) for side in (0, 1))
    return Pairs(second, first, tuple(groups)) if swapped else Pairs(first, second, tuple(groups))


def _difference(sample: Sample) -> Found:
    found = compare(_pairs(sample))
    return found.low, found.high, (found.p or 1.0) < 0.05


def _equivalence(margin: float) -> Callable[[Sample], Found]:
    def interval(sample: Sample) -> Found:
        found = equivalence(_pairs(sample, swapped=True), margin)
        return found.low, found.high, found.verdict in (Verdict.EQUIVALENT, Verdict.NOT_WORSE)

    return interval


def _lead(samples: Sequence[Sample]) -> Found:
    made = [compare(_pairs(sample)) for sample in samples]
    value = math.fsum(one.value or 0.0 for one in made) / len(made)
    low, high = ends(combined([(1 / len(made), one.draws) for one in made if one.draws is not None]), value)
    return low, high, False


def _rating(method: Callable[..., Any]) -> Callable[[Sample], Found]:
    def interval(sample: Sample) -> Found:
        items, groups = flat(sample)
        matches = [Match("a", "b", "a" if won else "b", group) for won, group in zip(items, groups, strict=True)]
        found = method(matches)["a"]
        return found.low, found.high, False

    return interval


def _alpha(level: Level) -> Callable[[Sample], Found]:
    def interval(sample: Sample) -> Found:
        items, groups = flat(sample)
        found = alpha(items, level, groups)
        return found.low, found.high, False

    return interval


_ANSWERS = ("0", "1", "2")


@lru_cache(maxsize=20_000)
def _two_readers(sample: Sample) -> TwoRaters:
    items, groups = flat(sample)
    return two_raters([(str(one), str(other)) for one, other in items], _ANSWERS, groups)


def _kappa(sample: Sample) -> Found:
    found = _two_readers(sample)
    return found.low, found.high, False


def _pabak(sample: Sample) -> Found:
    return *(_two_readers(sample).pabak_ends or (None, None)), False


def _ac1(sample: Sample) -> Found:
    return *(_two_readers(sample).ac1_ends or (None, None)), False


def _fleiss(sample: Sample) -> Found:
    items, groups = flat(sample)
    found = many_raters([tuple(map(str, item)) for item in items], _ANSWERS, groups)
    return found.low, found.high, False


def _above(by_chance: float) -> Callable[[Sizes, float], float]:
    """Return what a coefficient truly is that takes this share to be alike by chance."""

    def truth(_: Sizes, mean: float) -> float:
        alike = mean + (1 - mean) * float((CLASSES**2).sum())
        return (alike - by_chance) / (1 - by_chance)

    return truth


def _reviewed(samples: tuple[Sample, Sample]) -> Found:
    strata = []
    for part, sample in zip((FINDINGS, 1 - FINDINGS), samples, strict=True):
        items, groups = flat(sample)
        strata.append(Stratum(round(part * _QUESTIONS), [bool(item) for item in items], groups))
    found = poststratified(strata)
    return found.low, found.high, False


def _claimed(sample: Sequence[tuple[int, int]]) -> Found:
    parts = [Sampled(round(100 * part), *read) for read, (part, *_) in zip(sample, KINDS_OF_FINDING, strict=True)]
    return 0.0, stratified_bound(parts), False


def _accuracy(which: int) -> Callable[[tuple[int, Sample, Sample]], Found]:
    """Return the interval of the sensitivity (0) or the specificity (1)."""

    def interval(sample: tuple[int, Sample, Sample]) -> Found:
        answered = []
        for said, size, cards in (("IDK", sample[0], sample[1]), ("YES", ASKED - sample[0], sample[2])):
            items, groups = flat(cards)
            read = len(items) if size >= len(items) else size
            right = ["IDK" if item else "YES" for item in items[:read]]
            answered += [Answered(said, size, right, groups[:read])] if read else []
        found = rates(answered, "IDK", ["YES", "NO"])[which]
        return found.low, found.high, False

    return interval


def _corrected(found: tuple[Sample, int, int]) -> Found:
    items, groups = flat(found[0])
    probes = (share([True] * hits + [False] * (PROBES - hits)) for hits in found[1:])
    result = corrected(share([bool(item) for item in items], groups), *probes)
    return result.low, result.high, False


_QUESTIONS = 1_000_000
"""So many that the sample is no part of them worth naming."""
_AHEAD = 1 - COPIED - (1 - COPIED) * KEPT
"""How far the first of `two_models` is ahead, as a part of its share."""


KINDS: dict[str, Kind] = {
    "share": Kind("Share", lambda _, mean: mean, hits, _share),
    "mean": Kind("Mean of overlaps", percent, graded, _metric("rouge_l", lambda item: {"rouge_l": item})),
    "harm": Kind(
        "Mean harm", lambda _, mean: 3.5 - 2.5 * mean, harm, _metric("harm", lambda item: {"harm": float(item)})
    ),
    "ratio": Kind(
        "Ratio of instructions",
        percent,
        instructions,
        _metric("instruction_strict", lambda item: {"followed_strict": item[0], "instructions": item[1]}),
    ),
    "macro_f1": Kind(
        "Macro-F1",
        macro_f1,
        classes,
        _metric(
            "macro_f1", lambda item: {"key_class": float(item[0]), "answer_class": float(item[1]), "chance": 1 / 3}
        ),
    ),
    "rs_10": Kind(
        "RS(10)",
        lambda _, mean: 100 * (mean - 10 * WRONG * (1 - mean)),
        reliability,
        _metric("rs_10", lambda item: {"rs": float(item)}),
    ),
    "rs_n": Kind(
        "RS(N)",
        lambda sizes, mean: 100 * (mean - sum(sizes) * WRONG * (1 - mean)),
        reliability,
        _metric("rs_n", lambda item: {"rs": float(item)}),
    ),
    "cef_coverage": Kind(
        "CEF coverage",
        percent,
        lambda random, sizes, mean: notes(random, sizes, mean, 0.0),
        _metric("coverage", _cef_values),
    ),
    "cef_overall": Kind(
        "CEF overall",
        lambda _, mean: 100 - 100 * (1 - mean) * (0.7 + 0.3 + 0.7) / 3,
        lambda random, sizes, mean: notes(random, sizes, mean, 0.3),
        _metric("overall", _cef_values),
    ),
    "dimension_2": Kind("Dimension of 2 tasks", percent, several(2), _dimension),
    "dimension_4": Kind("Dimension of 4 tasks", percent, several(4), _dimension),
    "dimension_8": Kind("Dimension of 8 tasks", percent, several(8), _dimension),
    "gap": Kind("Gap, two tasks a side", lambda _, mean: -40 * mean, gap_sides, _gap),
    "gap_harm": Kind("Gap, harm against accuracy", lambda _, mean: -37.5 - 2.5 * mean, safety_sides, _safety_gap),
    "difference": Kind(
        "Paired difference",
        lambda _, mean: _AHEAD * mean,
        two_models(KEPT),
        _difference,
    ),
    "difference_none": Kind(
        "Paired difference of none",
        lambda _, mean: 0.0,
        two_models(1.0),
        _difference,
        decides=True,
    ),
    "lead": Kind(
        "Lead over two tasks",
        lambda _, mean: _AHEAD * mean,
        lambda random, sizes, mean: tuple(two_models(KEPT)(random, sizes, mean) for _ in range(2)),
        _lead,
    ),
    "elo": Kind("Elo", elo_rating, hits, _rating(elo)),
    "bradley_terry": Kind("Bradley-Terry", bradley_terry_rating, hits, _rating(bradley_terry)),
    "alpha": Kind("Alpha, nominal", lambda _, mean: mean, two_judges, _alpha(Level.NOMINAL)),
    "alpha_ordinal": Kind("Alpha, ordinal", lambda _, mean: mean, two_judges, _alpha(Level.ORDINAL)),
    "kappa": Kind("Kappa of two readers", lambda _, mean: mean, two_judges, _kappa),
    "pabak": Kind("PABAK of two readers", _above(1 / len(_ANSWERS)), two_judges, _pabak),
    "ac1": Kind("AC1 of two readers", _above(float((CLASSES * (1 - CLASSES)).sum()) / 2), two_judges, _ac1),
    "fleiss": Kind("Fleiss' kappa of three readers", lambda _, mean: mean, three_readers, _fleiss),
    "reviewed": Kind(
        "Reviewed rate, n cards of each of two strata",
        lambda _, mean: FINDINGS * mean + (1 - FINDINGS) * MISSED,
        reviewed,
        _reviewed,
    ),
    "claim": Kind(
        "Bound of wrong findings, one-sided, n cards of three kinds",
        lambda _, mean: sum(part * times for part, _, times in KINDS_OF_FINDING) * (1 - mean),
        findings,
        _claimed,
    ),
    "sensitivity": Kind(
        "Judge's sensitivity, n cards of each of two kinds", lambda _, mean: mean, settled(True), _accuracy(0)
    ),
    "specificity": Kind(
        "Judge's specificity, n cards of each of two kinds", lambda _, mean: mean, settled(False), _accuracy(1)
    ),
    "corrected": Kind("Corrected rate", lambda _, mean: mean, judged, _corrected),
}


def equivalence_at(mean: float) -> Kind:
    """Return the kind whose margin is what the models truly differ by: every decision of "not worse" is false."""
    ahead = _AHEAD * mean
    return Kind(
        "Equivalence, at the margin", lambda *_: -ahead, two_models(KEPT), _equivalence(ahead), 90.0, decides=True
    )
