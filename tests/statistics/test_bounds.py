"""What a sample excludes: one sample by its binomial, strata by a search of all shares and by how often it holds."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from medic_console.statistics.bounds import Sampled, error_bound, percent_up, stratified_bound


def test_a_clean_sample_excludes_what_the_rule_says() -> None:
    assert error_bound(0, 59) == pytest.approx(1 - 0.05 ** (1 / 59)) and error_bound(0, 59) < 0.05 < error_bound(0, 58)
    assert error_bound(0, 0) == error_bound(3, 3) == 1


@pytest.mark.parametrize(
    ("share", "told"), [(0.0495, "5"), (0.0503, "5.1"), (1.0, "100"), (0.0299, "3"), (0.00121, "0.13"), (0.5, "50")]
)
def test_a_bound_is_never_told_lower_than_it_is(share: float, told: str) -> None:
    assert percent_up(share) == told


@given(st.integers(0, 30), st.integers(1, 60))
def test_the_bound_is_the_share_at_which_so_few_errors_have_five_percent(errors: int, more: int) -> None:
    n = errors + more
    p = error_bound(errors, n)
    assert math.fsum(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(errors + 1)) == pytest.approx(0.05)


def test_strata_in_proportion_give_the_bound_of_one_sample() -> None:
    for errors in (0, 1, 2, 7):
        parts = [Sampled(800, 40, errors), Sampled(150, 7.5), Sampled(50, 2.5)]
        assert stratified_bound(parts) == pytest.approx(error_bound(errors, 50))


def test_a_clean_sample_of_strata_excludes_the_greatest_share_that_is_clean_in_five_percent() -> None:
    parts = [Sampled(900, 30), Sampled(100, 29)]
    shares = np.linspace(0, 1, 2001)[:-1]
    most = max(0.9 * p + 0.1 * q for p in shares if (q := 1 - (0.05 / (1 - p) ** 30) ** (1 / 29)) >= 0)
    assert stratified_bound(parts) == pytest.approx(most, abs=2e-4)
    assert stratified_bound(parts) > error_bound(0, 59) + 0.03, "the greater stratum was read thinly"


def test_what_was_not_read_may_be_all_errors() -> None:
    assert stratified_bound([Sampled(90, 60), Sampled(10, 0)]) == pytest.approx(0.9 * error_bound(0, 60) + 0.1)
    assert stratified_bound([]) == stratified_bound([Sampled(5, 0)]) == stratified_bound([Sampled(5, 5, 5)]) == 1


@pytest.mark.parametrize(
    ("sizes", "read"), [((62, 38), (20, 8)), ((76, 24), (20, 2)), ((64, 36), (12, 1)), ((37, 26, 37), (5, 3, 2))]
)
def test_the_bound_holds_in_95_of_100_samples_whatever_the_strata_have(
    sizes: tuple[int, ...], read: tuple[int, ...]
) -> None:
    seen = list(product(*(range(n + 1) for n in read)))
    bounds = np.array(
        [stratified_bound([Sampled(*one) for one in zip(sizes, read, found, strict=True)]) for found in seen]
    )
    for shares in product((0.01, 0.06, 0.3, 0.7, 0.9), repeat=len(sizes)):
        truth = math.fsum(size * share for size, share in zip(sizes, shares, strict=True)) / sum(sizes)
        parts = [binom.pmf([one[h] for one in seen], read[h], shares[h]) for h in range(len(sizes))]
        chances = np.prod(np.array(parts), axis=0)
        assert chances[bounds >= truth - 1e-12].sum() >= 0.947, shares
