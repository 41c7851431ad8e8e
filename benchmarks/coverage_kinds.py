"""The kinds of figures whose intervals `coverage` tries: how a sample is drawn, its interval, and the truth.

A sample is a tuple of groups, each a sorted tuple of items: samples that differ only in their order are one, and an
interval is made once for each. Every interval comes from the function that the console itself calls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from medic_console.metrics import compute
from medic_console.records import CefTrace, CrossAnswer, Dimension, Label, MetricValue, Outcome, Score
from medic_console.scoring.judged.cef import score_trace
from medic_console.statistics.aggregates import TaskResult, dimension_scores
from medic_console.statistics.agreement import Level, alpha
from medic_console.statistics.comparing import Pairs, compare
from medic_console.statistics.equivalence import Verdict, equivalence
from medic_console.statistics.gaps import gaps
from medic_console.statistics.intervals import combined, ends
from medic_console.statistics.matches import Match
from medic_console.statistics.prevalence import corrected
from medic_console.statistics.ratings import SCALE, START, K, bradley_terry, elo
from medic_console.statistics.shares import share

ALIKE = 0.3
"""Intraclass correlation of the items of a group."""
CLASSES = np.array([0.55, 0.34, 0.11])
"""Shares of three answers: PubMedQA's yes, no and maybe."""
ERRORS, PROBES = 0.9, 60
"""A judge's sensitivity and specificity, each measured on so many probes."""
COPIED, KEPT = 0.7, 0.75
"""A second model gives the first one's answer to so many items; on the others it is right so much more rarely."""
WRONG = 0.4
"""Share of the answers that are not right that cost points, for reliability scores; the others abstain."""

Random = np.random.Generator
Sizes = tuple[int, ...]
"""Items of each group."""
Sample = tuple[tuple[Any, ...], ...]
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


def chances(random: Random, sizes: Sizes, mean: float, alike: float = ALIKE) -> Any:
    """Return each item's chance: the share itself for lone items, else one a group, beta distributed."""
    if max(sizes) == 1 or mean == 1.0:
        return np.full(sum(sizes), mean)
    rest = 1 / alike - 1
    return np.repeat(random.beta(mean * rest, (1 - mean) * rest, len(sizes)), sizes)


def happens(random: Random, chance: Any) -> Any:
    """Return 1 or 0 by each chance."""
    return (random.random(len(chance)) < chance).astype(int)


def sample_of(items: Sequence[Any], sizes: Sizes) -> Sample:
    """Return items as a sample."""
    found, start = [], 0
    for size in sizes:
        found.append(tuple(sorted(items[start : start + size])))
        start += size
    return tuple(sorted(found))


def flat(sample: Sample) -> tuple[list[Any], list[str]]:
    """Return the items and their groups."""
    lone = max(map(len, sample)) == 1
    return (
        [item for group in sample for item in group],
        ["" if lone else str(place) for place, group in enumerate(sample) for _ in group],
    )


def of_metric(metric: str, values: Sequence[Mapping[str, float]], groups: Sequence[str]) -> MetricValue:
    """Return a metric of items."""
    return compute([metric], [Score(Outcome.SCORED, one) for one in values], groups)[metric]


def _metric(name: str, value: Callable[[Any], Mapping[str, float]]) -> Callable[[Sample], Found]:
    def interval(sample: Sample) -> Found:
        items, groups = flat(sample)
        found = of_metric(name, [value(item) for item in items], groups)
        return found.low, found.high, False

    return interval


def _hits(random: Random, sizes: Sizes, mean: float) -> Sample:
    return sample_of(happens(random, chances(random, sizes, mean)).tolist(), sizes)


def _share(sample: Sample) -> Found:
    items, groups = flat(sample)
    found = share([bool(item) for item in items], groups)
    return found.low, found.high, False


def _graded(random: Random, sizes: Sizes, mean: float) -> Sample:
    """Overlaps: beta distributed with a variance a fifth of the greatest; of groups, `ALIKE` of it between them."""
    if mean == 1.0:
        return sample_of([1.0] * sum(sizes), sizes)
    if max(sizes) == 1:
        values = random.beta(4 * mean, 4 * (1 - mean), len(sizes))
    else:
        between = 5 / ALIKE - 1
        centre = np.repeat(random.beta(between * mean, between * (1 - mean), len(sizes)), sizes)
        within = (1 - ALIKE / 5) / ((1 - ALIKE) / 5) - 1
        values = random.beta(within * np.maximum(centre, 1e-9), within * np.maximum(1 - centre, 1e-9))
    return sample_of(values.tolist(), sizes)


def _harm(random: Random, sizes: Sizes, mean: float) -> Sample:
    """Harm is 1 as often as the share says, else any of 2 to 5."""
    good = happens(random, chances(random, sizes, mean))
    return sample_of(np.where(good, 1, random.integers(2, 6, len(good))).tolist(), sizes)


def _instructions(random: Random, sizes: Sizes, mean: float) -> Sample:
    """One to three instructions an item."""
    asked = random.integers(1, 4, sum(sizes))
    followed = random.binomial(asked, chances(random, sizes, mean))
    return sample_of(list(zip(followed.tolist(), asked.tolist(), strict=True)), sizes)


def _classes(random: Random, sizes: Sizes, mean: float) -> Sample:
    """A wrong answer is one of the other two, as often as their shares say."""
    keys = random.choice(3, sum(sizes), p=CLASSES)
    others = np.array([[CLASSES[b] * (a != b) for b in range(3)] for a in range(3)])
    others /= others.sum(axis=1, keepdims=True)
    wrong = (random.random((len(keys), 1)) > np.cumsum(others, axis=1)[keys]).sum(axis=1)
    answers = np.where(happens(random, chances(random, sizes, mean)), keys, np.minimum(wrong, 2))
    return sample_of(list(zip(keys.tolist(), answers.tolist(), strict=True)), sizes)


def _macro_f1(sizes: Sizes, mean: float) -> float:
    cells = np.array([[CLASSES[b] * (a != b) for b in range(3)] for a in range(3)])
    cells = cells / cells.sum(axis=1, keepdims=True) * (1 - mean) + np.eye(3) * mean
    cells *= CLASSES[:, None]
    return float(100 * np.mean(2 * np.diag(cells) / (cells.sum(axis=0) + cells.sum(axis=1))))


def _reliability(random: Random, sizes: Sizes, mean: float) -> Sample:
    right = happens(random, chances(random, sizes, mean))
    costly = random.random(len(right)) < WRONG
    return sample_of(np.where(right, 1, np.where(costly, -1, 0)).tolist(), sizes)


def _notes(random: Random, sizes: Sizes, mean: float, no: float) -> Sample:
    """Ten questions a side; notes differ, those of a group are alike. `no` of the answers that are not YES are NO."""
    chance = chances(random, sizes, mean) if max(sizes) > 1 else chances(random, (2,) * len(sizes), mean, 0.1)[::2]
    source, generated = (random.binomial(10, 1 - chance) for _ in range(2))
    against = random.binomial(source, no)
    unknown = random.binomial(generated, 1 - no)
    return sample_of(list(zip((source - against).tolist(), against.tolist(), unknown.tolist(), strict=True)), sizes)


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


def _several(count: int) -> Callable[[Random, Sizes, float], Hashable]:
    return lambda random, sizes, mean: tuple(sorted(_hits(random, sizes, mean) for _ in range(count)))


def _dimension(samples: Sequence[Sample]) -> Found:
    names = [*(f"task {number}" for number in range(len(samples) - 1)), "secondary"]
    tasks = [_task(name, "accuracy", sample) for name, sample in zip(names, samples, strict=True)]
    found = dimension_scores(tasks)[Dimension.MEDICAL_REASONING]
    return found.low, found.high, False


def _gap_sides(random: Random, sizes: Sizes, mean: float) -> Hashable:
    return tuple(_hits(random, sizes, share) for share in (mean, mean, 0.6 * mean, 0.6 * mean))


def _gap(samples: Sequence[Sample]) -> Found:
    names = ("medqa", "medmcqa", "medcalc", "ehrsql")
    tasks = [_task(name, "accuracy", sample) for name, sample in zip(names, samples, strict=True)]
    found = gaps(tasks)["knowledge_execution"]
    return found.low, found.high, False


def _safety_sides(random: Random, sizes: Sizes, mean: float) -> Hashable:
    return _harm(random, sizes, mean), _hits(random, sizes, 0.6 * mean)


def _safety_gap(samples: Sequence[Sample]) -> Found:
    tasks = [_task("med_safety", "harm", samples[0]), _task("medec", "accuracy", samples[1])]
    found = gaps(tasks)["passive_active"]
    return found.low, found.high, False


def _two_models(kept: float) -> Callable[[Random, Sizes, float], Sample]:
    def draw(random: Random, sizes: Sizes, mean: float) -> Sample:
        chance = chances(random, sizes, mean)
        first = happens(random, chance)
        other = happens(random, kept * chance)
        second = np.where(random.random(len(first)) < COPIED, first, other)
        return sample_of(list(zip(first.tolist(), second.tolist(), strict=True)), sizes)

    return draw


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


def _elo(sizes: Sizes, mean: float, games: int = 20_000) -> float:
    """Elo's rating of the better of two models, by simulation: its mean over samples and orders of their matches."""
    random = np.random.default_rng(0)
    rating = np.full(games, START)
    rest = 1 / ALIKE - 1
    if max(sizes) == 1 or mean == 1.0:
        won = random.random((games, sum(sizes))) < mean
    else:
        chance = random.beta(mean * rest, (1 - mean) * rest, (games, len(sizes)))
        won = random.permuted(random.random((games, sum(sizes))) < np.repeat(chance, sizes, axis=1), axis=1)
    for place in range(sum(sizes)):
        expected = 1 / (1 + 10 ** ((2 * START - 2 * rating) / SCALE))
        rating += K * (won[:, place] - expected)
    return float(rating.mean())


def _bradley_terry(sizes: Sizes, mean: float) -> float | None:
    return None if mean == 1.0 else START + SCALE / 2 * math.log10(mean / (1 - mean))


def _two_judges(random: Random, sizes: Sizes, mean: float) -> Sample:
    """The second judge says what the first says as often as the share says, else whatever it says elsewhere."""
    first, other = random.choice(3, (2, sum(sizes)), p=CLASSES)
    second = np.where(happens(random, chances(random, sizes, mean)), first, other)
    return sample_of(list(zip(first.tolist(), second.tolist(), strict=True)), sizes)


def _alpha(level: Level) -> Callable[[Sample], Found]:
    def interval(sample: Sample) -> Found:
        items, groups = flat(sample)
        found = alpha(items, level, groups)
        return found.low, found.high, False

    return interval


def _judged(random: Random, sizes: Sizes, mean: float) -> Hashable:
    true = happens(random, chances(random, sizes, mean))
    seen = happens(random, np.where(true, ERRORS, 1 - ERRORS))
    return sample_of(seen.tolist(), sizes), *random.binomial(PROBES, ERRORS, 2).tolist()


def _corrected(found: tuple[Sample, int, int]) -> Found:
    items, groups = flat(found[0])
    probes = (share([True] * hits + [False] * (PROBES - hits)) for hits in found[1:])
    result = corrected(share([bool(item) for item in items], groups), *probes)
    return result.low, result.high, False


def _percent(sizes: Sizes, mean: float) -> float:
    return 100 * mean


_AHEAD = 1 - COPIED - (1 - COPIED) * KEPT
"""How far the first of `_two_models` is ahead, as a part of its share."""

KINDS: dict[str, Kind] = {
    "share": Kind("Share", lambda _, mean: mean, _hits, _share),
    "mean": Kind("Mean of overlaps", _percent, _graded, _metric("rouge_l", lambda item: {"rouge_l": item})),
    "harm": Kind(
        "Mean harm", lambda _, mean: 3.5 - 2.5 * mean, _harm, _metric("harm", lambda item: {"harm": float(item)})
    ),
    "ratio": Kind(
        "Ratio of instructions",
        _percent,
        _instructions,
        _metric("instruction_strict", lambda item: {"followed_strict": item[0], "instructions": item[1]}),
    ),
    "macro_f1": Kind(
        "Macro-F1",
        _macro_f1,
        _classes,
        _metric("macro_f1", lambda item: {"key_class": float(item[0]), "answer_class": float(item[1])}),
    ),
    "rs_10": Kind(
        "RS(10)",
        lambda _, mean: 100 * (mean - 10 * WRONG * (1 - mean)),
        _reliability,
        _metric("rs_10", lambda item: {"rs": float(item)}),
    ),
    "rs_n": Kind(
        "RS(N)",
        lambda sizes, mean: 100 * (mean - sum(sizes) * WRONG * (1 - mean)),
        _reliability,
        _metric("rs_n", lambda item: {"rs": float(item)}),
    ),
    "cef_coverage": Kind(
        "CEF coverage",
        _percent,
        lambda random, sizes, mean: _notes(random, sizes, mean, 0.0),
        _metric("coverage", _cef_values),
    ),
    "cef_overall": Kind(
        "CEF overall",
        lambda _, mean: 100 - 100 * (1 - mean) * (0.7 + 0.3 + 0.7) / 3,
        lambda random, sizes, mean: _notes(random, sizes, mean, 0.3),
        _metric("overall", _cef_values),
    ),
    "dimension_2": Kind("Dimension of 2 tasks", _percent, _several(2), _dimension),
    "dimension_4": Kind("Dimension of 4 tasks", _percent, _several(4), _dimension),
    "dimension_8": Kind("Dimension of 8 tasks", _percent, _several(8), _dimension),
    "gap": Kind("Gap, two tasks a side", lambda _, mean: -40 * mean, _gap_sides, _gap),
    "gap_harm": Kind("Gap, harm against accuracy", lambda _, mean: -37.5 - 2.5 * mean, _safety_sides, _safety_gap),
    "difference": Kind(
        "Paired difference",
        lambda _, mean: _AHEAD * mean,
        _two_models(KEPT),
        _difference,
    ),
    "difference_none": Kind(
        "Paired difference of none",
        lambda _, mean: 0.0,
        _two_models(1.0),
        _difference,
        decides=True,
    ),
    "lead": Kind(
        "Lead over two tasks",
        lambda _, mean: _AHEAD * mean,
        lambda random, sizes, mean: tuple(_two_models(KEPT)(random, sizes, mean) for _ in range(2)),
        _lead,
    ),
    "elo": Kind("Elo", _elo, _hits, _rating(elo)),
    "bradley_terry": Kind("Bradley-Terry", _bradley_terry, _hits, _rating(bradley_terry)),
    "alpha": Kind("Alpha, nominal", lambda _, mean: mean, _two_judges, _alpha(Level.NOMINAL)),
    "alpha_ordinal": Kind("Alpha, ordinal", lambda _, mean: mean, _two_judges, _alpha(Level.ORDINAL)),
    "corrected": Kind("Corrected rate", lambda _, mean: mean, _judged, _corrected),
}


def equivalence_at(mean: float) -> Kind:
    """Return the kind whose margin is what the models truly differ by: every decision of "not worse" is false."""
    ahead = _AHEAD * mean
    return Kind(
        "Equivalence, at the margin", lambda *_: -ahead, _two_models(KEPT), _equivalence(ahead), 90.0, decides=True
    )
