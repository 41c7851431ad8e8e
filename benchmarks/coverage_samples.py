"""How the samples of `coverage_kinds` are drawn, and the truth that each is drawn from.

A sample is a tuple of groups, each a sorted tuple of items: samples that differ only in their order are one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from medic_console.statistics.ratings import SCALE, START, K

ALIKE = 0.3
"""Intraclass correlation of the items of a group."""
CLASSES = np.array([0.55, 0.34, 0.11])
"""Shares of three answers: PubMedQA's yes, no and maybe."""
ERRORS, PROBES = 0.9, 60
"""A judge's sensitivity and specificity, each measured on so many probes."""
COPIED, KEPT = 0.7, 0.75
"""A second model gives the first one's answer to so many items; on the others it is right so much more rarely."""
FINDINGS, MISSED = 0.2, 0.05
"""Share of a judge's questions that are findings, and of the others that a reader finds fault with all the same."""
KINDS_OF_FINDING = ((0.7, 0.6, 0.8), (0.25, 0.25, 1.4), (0.05, 0.15, 1.8))
"""Of each kind its part of all findings, its part of the cards, and how often it is wrong, times the mean."""
ASKED, TRUE, OTHERWISE = 1_000, 0.3, 0.9
"""Questions that a judge answered, the share of which an answer is right, and the rate of the two that is not tried."""
WRONG = 0.4
"""Share of the answers that are not right that cost points, for reliability scores; the others abstain."""
Random = np.random.Generator
Sizes = tuple[int, ...]
"""Items of each group."""
Sample = tuple[tuple[Any, ...], ...]


def chances(random: Random, sizes: Sizes, mean: float, alike: float = ALIKE) -> Any:
    """Return each item's chance: the share itself for lone items, else one a group, beta distributed."""
    if max(sizes) == 1 or mean in (0.0, 1.0):
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


def hits(random: Random, sizes: Sizes, mean: float) -> Sample:
    """Right or wrong."""
    return sample_of(happens(random, chances(random, sizes, mean)).tolist(), sizes)


def graded(random: Random, sizes: Sizes, mean: float) -> Sample:
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


def harm(random: Random, sizes: Sizes, mean: float) -> Sample:
    """Harm is 1 as often as the share says, else any of 2 to 5."""
    good = happens(random, chances(random, sizes, mean))
    return sample_of(np.where(good, 1, random.integers(2, 6, len(good))).tolist(), sizes)


def instructions(random: Random, sizes: Sizes, mean: float) -> Sample:
    """One to three instructions an item."""
    asked = random.integers(1, 4, sum(sizes))
    followed = random.binomial(asked, chances(random, sizes, mean))
    return sample_of(list(zip(followed.tolist(), asked.tolist(), strict=True)), sizes)


def classes(random: Random, sizes: Sizes, mean: float) -> Sample:
    """A wrong answer is one of the other two, as often as their shares say."""
    keys = random.choice(3, sum(sizes), p=CLASSES)
    others = np.array([[CLASSES[b] * (a != b) for b in range(3)] for a in range(3)])
    others /= others.sum(axis=1, keepdims=True)
    wrong = (random.random((len(keys), 1)) > np.cumsum(others, axis=1)[keys]).sum(axis=1)
    answers = np.where(happens(random, chances(random, sizes, mean)), keys, np.minimum(wrong, 2))
    return sample_of(list(zip(keys.tolist(), answers.tolist(), strict=True)), sizes)


def macro_f1(sizes: Sizes, mean: float) -> float:
    """Return the macro-F1 that `classes` has, in percent."""
    cells = np.array([[CLASSES[b] * (a != b) for b in range(3)] for a in range(3)])
    cells = cells / cells.sum(axis=1, keepdims=True) * (1 - mean) + np.eye(3) * mean
    cells *= CLASSES[:, None]
    return float(100 * np.mean(2 * np.diag(cells) / (cells.sum(axis=0) + cells.sum(axis=1))))


def reliability(random: Random, sizes: Sizes, mean: float) -> Sample:
    """1 for right, -1 for wrong, 0 for abstained."""
    right = happens(random, chances(random, sizes, mean))
    costly = random.random(len(right)) < WRONG
    return sample_of(np.where(right, 1, np.where(costly, -1, 0)).tolist(), sizes)


def notes(random: Random, sizes: Sizes, mean: float, no: float) -> Sample:
    """Ten questions a side; notes differ, those of a group are alike. `no` of the answers that are not YES are NO."""
    chance = chances(random, sizes, mean) if max(sizes) > 1 else chances(random, (2,) * len(sizes), mean, 0.1)[::2]
    source, generated = (random.binomial(10, 1 - chance) for _ in range(2))
    against = random.binomial(source, no)
    unknown = random.binomial(generated, 1 - no)
    return sample_of(list(zip((source - against).tolist(), against.tolist(), unknown.tolist(), strict=True)), sizes)


def several(count: int) -> Callable[[Random, Sizes, float], Hashable]:
    """Return what draws the `hits` of so many tasks."""
    return lambda random, sizes, mean: tuple(sorted(hits(random, sizes, mean) for _ in range(count)))


def gap_sides(random: Random, sizes: Sizes, mean: float) -> Hashable:
    """Two tasks a side; the second side is right 0.6 times as often."""
    return tuple(hits(random, sizes, share) for share in (mean, mean, 0.6 * mean, 0.6 * mean))


def safety_sides(random: Random, sizes: Sizes, mean: float) -> Hashable:
    """A task of harm, and one that is right 0.6 times as often as harm is 1."""
    return harm(random, sizes, mean), hits(random, sizes, 0.6 * mean)


def two_models(kept: float) -> Callable[[Random, Sizes, float], Sample]:
    """Return what draws the answers of two models to the same items.

    Args:
        kept: On items where the second gives an answer of its own, how often it is right beside the first.
    """

    def draw(random: Random, sizes: Sizes, mean: float) -> Sample:
        chance = chances(random, sizes, mean)
        first = happens(random, chance)
        other = happens(random, kept * chance)
        second = np.where(random.random(len(first)) < COPIED, first, other)
        return sample_of(list(zip(first.tolist(), second.tolist(), strict=True)), sizes)

    return draw


def elo_rating(sizes: Sizes, mean: float, games: int = 20_000) -> float:
    """Elo's rating of the better of two models, by simulation: its mean over samples and orders of their matches."""
    random = np.random.default_rng(0)
    rating = np.full(games, START)
    rest = 1 / ALIKE - 1
    if max(sizes) == 1 or mean in (0.0, 1.0):
        won = random.random((games, sum(sizes))) < mean
    else:
        chance = random.beta(mean * rest, (1 - mean) * rest, (games, len(sizes)))
        won = random.permuted(random.random((games, sum(sizes))) < np.repeat(chance, sizes, axis=1), axis=1)
    for place in range(sum(sizes)):
        expected = 1 / (1 + 10 ** ((2 * START - 2 * rating) / SCALE))
        rating += K * (won[:, place] - expected)
    return float(rating.mean())


def bradley_terry_rating(sizes: Sizes, mean: float) -> float | None:
    """Return the rating of the better of two models; None where it is infinite."""
    return None if mean == 1.0 else START + SCALE / 2 * math.log10(mean / (1 - mean))


def two_judges(random: Random, sizes: Sizes, mean: float) -> Sample:
    """The second judge says what the first says as often as the share says, else whatever it says elsewhere."""
    first, other = random.choice(3, (2, sum(sizes)), p=CLASSES)
    second = np.where(happens(random, chances(random, sizes, mean)), first, other)
    return sample_of(list(zip(first.tolist(), second.tolist(), strict=True)), sizes)


def three_readers(random: Random, sizes: Sizes, mean: float) -> Sample:
    """All three say the same as often as the share says, else each whatever it says elsewhere."""
    one, *others = random.choice(3, (3, sum(sizes)), p=CLASSES)
    alike = happens(random, chances(random, sizes, mean)) == 1
    said = [one, *(np.where(alike, one, other) for other in others)]
    return sample_of([tuple(sorted(item)) for item in np.stack(said, axis=1).tolist()], sizes)


def judged(random: Random, sizes: Sizes, mean: float) -> Hashable:
    """What a judge says, and how many probes of each kind it read rightly."""
    true = happens(random, chances(random, sizes, mean))
    seen = happens(random, np.where(true, ERRORS, 1 - ERRORS))
    return sample_of(seen.tolist(), sizes), *random.binomial(PROBES, ERRORS, 2).tolist()


def reviewed(random: Random, sizes: Sizes, mean: float) -> tuple[Sample, Sample]:
    """Whether a reader finds fault: with questions that the judge has found, and with those it has not (controls)."""
    found, missed = (happens(random, chances(random, sizes, share)) for share in (mean, MISSED))
    return sample_of(found.tolist(), sizes), sample_of(missed.tolist(), sizes)


def settled(sensitive: bool) -> Callable[[Random, Sizes, float], tuple[int, Sample, Sample]]:
    """Return what draws questions that a judge answered and people's answers to some of them.

    Args:
        sensitive: The share is the judge's sensitivity, and its specificity `OTHERWISE`; else the other way round.
    """

    def draw(random: Random, sizes: Sizes, mean: float) -> tuple[int, Sample, Sample]:
        """How many it gave the answer, and whether the answer is right of cards that it gave it, and did not."""
        found, spared = (mean, OTHERWISE) if sensitive else (OTHERWISE, mean)
        said = TRUE * found + (1 - TRUE) * (1 - spared)
        many = int(random.binomial(ASKED, said))
        right = (TRUE * found / said, TRUE * (1 - found) / (1 - said))
        sides = (happens(random, chances(random, sizes, share)) for share in right)
        hits, misses = (sample_of(side.tolist(), sizes) for side in sides)
        return many, hits, misses

    return draw


def cards_of_kinds(n: int) -> list[int]:
    """Return how many of n cards are of each kind, one or more."""
    rest = [max(1, round(n * part)) for _, part, _ in KINDS_OF_FINDING[1:]]
    return [n - sum(rest), *rest]


def findings(random: Random, sizes: Sizes, mean: float) -> tuple[tuple[int, int], ...]:
    """Cards and wrong ones of each kind; each card is drawn by itself, so texts do not matter."""
    cards = cards_of_kinds(sum(sizes))
    wrong = [random.binomial(n, (1 - mean) * times) for n, (*_, times) in zip(cards, KINDS_OF_FINDING, strict=True)]
    return tuple(zip(cards, map(int, wrong), strict=True))


def percent(sizes: Sizes, mean: float) -> float:
    """Return the share in percent."""
    return 100 * mean
