"""Simulations: of many 95 % intervals from known truths, enough hold the truth, and not all."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from medic_console.statistics.agreement import Level, alpha
from medic_console.statistics.comparing import Pairs, difference_interval
from medic_console.statistics.intervals import mean_interval
from medic_console.statistics.prevalence import corrected
from medic_console.statistics.shares import share

pytestmark = pytest.mark.slow

Draw = Callable[[np.random.Generator], tuple[float | None, float | None]]
NOTES, PER_NOTE = 60, 4
GROUPS = [str(note) for note in range(NOTES) for _ in range(PER_NOTE)]


def coverage(draw: Draw, truth: float, repeats: int) -> float:
    random = np.random.default_rng(20_240_907)
    held = 0
    for _ in range(repeats):
        low, high = draw(random)
        held += low is not None and high is not None and low <= truth <= high
    return held / repeats


def hits(random: np.random.Generator) -> tuple[float | None, float | None]:
    return mean_interval((random.random(200) < 0.7).astype(float).tolist(), [""] * 200)


def shared_hits(random: np.random.Generator, groups: list[str] = GROUPS) -> tuple[float | None, float | None]:
    """Notes differ in how easy they are: beta(3.5, 1.5), mean 0.7."""
    ease = np.repeat(random.beta(3.5, 1.5, NOTES), PER_NOTE)
    return mean_interval((random.random(ease.size) < ease).astype(float).tolist(), groups)


def overlaps(random: np.random.Generator) -> tuple[float | None, float | None]:
    """Skewed values between 0 and 1: beta(2, 1), mean 2/3."""
    return mean_interval(random.beta(2, 1, 80).tolist(), [""] * 80)


def shared_overlaps(random: np.random.Generator, groups: list[str] = GROUPS) -> tuple[float | None, float | None]:
    values = np.repeat(random.normal(50, 10, NOTES), PER_NOTE) + random.normal(0, 5, NOTES * PER_NOTE)
    return mean_interval(values.tolist(), groups, (0.0, 100.0))


def differences(random: np.random.Generator) -> tuple[float | None, float | None]:
    """Both right on half of the items, only the first on 0.2, only the second on 0.1."""
    place = random.random(100)
    first, second = place < 0.7, (place < 0.5) | ((place >= 0.7) & (place < 0.8))
    pairs = Pairs(tuple(first.astype(float).tolist()), tuple(second.astype(float).tolist()), ("",) * 100)
    return difference_interval(pairs)


def shared_differences(random: np.random.Generator) -> tuple[float | None, float | None]:
    """Notes differ in how much the first model gains on them; 5 on average."""
    second = random.normal(50, 10, NOTES * PER_NOTE)
    gain = np.repeat(random.normal(5, 4, NOTES), PER_NOTE) + random.normal(0, 4, NOTES * PER_NOTE)
    return difference_interval(Pairs(tuple((second + gain).tolist()), tuple(second.tolist()), tuple(GROUPS), span=50.0))


def answers(random: np.random.Generator, items: int = 80) -> list[list[str | None]]:
    """Three judges give the right one of three answers with probability 0.8, else any; a tenth is missing."""
    shares = (0.6, 0.3, 0.1)
    truth = np.repeat(random.choice(3, (items, 1), p=shares), 3, axis=1)
    given = np.where(random.random((items, 3)) < 0.8, truth, random.choice(3, (items, 3), p=shares))
    missing = random.random((items, 3)) < 0.1
    return [
        [None if lost else "YNI"[value] for value, lost in zip(*row, strict=True)]
        for row in zip(given, missing, strict=True)
    ]


def alphas(random: np.random.Generator) -> tuple[float | None, float | None]:
    found = alpha(answers(random), Level.NOMINAL)
    return found.low, found.high


def corrected_shares(
    truth: float, sensitivity: float, specificity: float, items: int
) -> Callable[[np.random.Generator], tuple[float | None, float | None]]:
    """A judge measured on 60 probes of one kind and 90 of the other."""

    def draw(random: np.random.Generator) -> tuple[float | None, float | None]:
        seen = truth * sensitivity + (1 - truth) * (1 - specificity)
        raw, hit, passed = (
            share((random.random(n) < p).tolist()) for n, p in ((items, seen), (60, sensitivity), (90, specificity))
        )
        found = corrected(raw, hit, passed)
        return found.low, found.high

    return draw


@pytest.mark.parametrize(
    ("draw", "truth", "repeats"),
    [
        (hits, 0.7, 600),
        (shared_hits, 0.7, 300),
        (overlaps, 2 / 3, 300),
        (shared_overlaps, 50, 300),
        (differences, 0.1, 300),
        (shared_differences, 5, 300),
        # (0.8 + 0.2 x chance) squared against chance: 0.8 squared, whatever the shares of the answers.
        (alphas, 0.64, 300),
        (corrected_shares(0.1, 0.9, 0.95, 300), 0.1, 500),
        (corrected_shares(0.3, 0.9, 0.95, 300), 0.3, 500),
        (corrected_shares(0.5, 0.8, 0.85, 300), 0.5, 500),
        (corrected_shares(0.7, 0.9, 0.9, 1000), 0.7, 300),
    ],
)
def test_95_percent_intervals_hold_the_truth_in_92_percent_or_more(draw: Draw, truth: float, repeats: int) -> None:
    assert 0.92 <= coverage(draw, truth, repeats) <= 1.0


def test_taking_items_of_a_note_as_independent_would_hold_it_too_rarely() -> None:
    alone = [""] * len(GROUPS)
    assert coverage(lambda random: shared_hits(random, alone), 0.7, 200) < 0.93
    assert coverage(lambda random: shared_overlaps(random, alone), 50, 100) < 0.85


def test_a_judge_taken_as_measured_without_error_would_hold_it_too_rarely() -> None:
    def naive(random: np.random.Generator) -> tuple[float | None, float | None]:
        """Wilson's interval of the raw share, moved by the formula with the measured errors."""
        hit, passed = ((random.random(n) < 0.9).mean() for n in (60, 90))
        raw = share((random.random(1000) < 0.7 * 0.9 + 0.3 * 0.1).tolist())
        low, high = ((bound + passed - 1) / (hit + passed - 1) for bound in (raw.low or 0.0, raw.high or 0.0))
        return low, high

    assert coverage(naive, 0.7, 400) < 0.85
