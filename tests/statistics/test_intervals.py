"""What draws are made of: weighed groups and one that was not seen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import betainc

from medic_console.statistics.intervals import (
    DRAWS,
    clustered,
    combined,
    drawn,
    ends,
    mean_draws,
    mean_interval,
    ratio_draws,
)

HALF = DRAWS // 2


def test_a_statistic_takes_the_weighed_mean_of_the_groups_sums() -> None:
    row = [2.0, 4.0, 7.0]
    found = drawn([row] * 3, row, row, lambda sums: sums @ [1.0, 10.0, 100.0])
    assert found == pytest.approx(np.full(DRAWS, 742.0))


def test_the_unseen_group_weighs_as_much_as_each_that_was_seen_bad_in_the_first_half_and_good_in_the_other() -> None:
    found = drawn([[1.0], [1.0], [1.0]], [0.0], [2.0], lambda sums: sums[:, 0])
    # One of four weights: a quarter on average, Beta(1, 3) (variance 3 / 80) apart.
    assert found[:HALF].mean() == pytest.approx(0.75, abs=0.02)
    assert found[HALF:].mean() == pytest.approx(1.25, abs=0.02)
    assert found[:HALF].std() == pytest.approx((3 / 80) ** 0.5, abs=0.02)


def test_many_groups_that_differ_are_drawn_in_parts_of_the_same_kind() -> None:
    # 3,000 rows: weights of 666 draws are held at a time.
    found = drawn([[float(n)] for n in range(3_000)], [0.0], [2_999.0], lambda sums: sums[:, 0])
    assert len(found) == DRAWS
    assert found.mean() == pytest.approx(1499.5, abs=5)
    assert found.std() == pytest.approx(2_999 / 12**0.5 / 3_000**0.5, rel=0.1)


def test_a_ratio_weighs_each_item_by_its_whole() -> None:
    # 1 of 1 and 10 of 40: 11 of 41. The unseen item is as large as the mean one.
    found = ratio_draws([1.0, 10.0], [1.0, 40.0], ["", ""])
    assert found[:HALF].max() < 1 and found[HALF:].min() > 0.2
    alone = ratio_draws([10.0], [40.0], [""])
    # Of one item of 40 and an unseen one of 40: weights are uniform, so the halves are 0 to 1/4 and 1/4 to 1.
    assert np.quantile(alone[:HALF], (0.1, 0.5)) == pytest.approx((0.025, 0.125), abs=0.02)
    assert np.quantile(alone[HALF:], (0.5, 0.9)) == pytest.approx((0.625, 0.925), abs=0.03)


@pytest.mark.parametrize("kinds", [3, 290])
def test_a_mean_of_lone_items_is_drawn_as_a_sum_over_a_sum_digit_by_digit(kinds: int) -> None:
    values, scale = [place % kinds / kinds for place in range(300)], (-1.0, 1.0)
    rows = [(value, 1.0) for value in values]
    wanted = drawn(rows, (-1.0, 1.0), (1.0, 1.0), lambda sums: sums[:, 0] / sums[:, 1])
    assert np.array_equal(mean_draws(values, [""] * 300, scale), wanted)
    assert np.array_equal(ratio_draws(values, [1.0] * 300, [""] * 300, scale), wanted)
    notes = [f"note {place // 2}" for place in range(300)]
    assert not np.array_equal(mean_draws(values, notes, scale), wanted), "items of a note go together"


@pytest.mark.parametrize("scale", [(0.0, 1.0), (-5.0, 1.0), (0.0, 100.0)])
def test_right_and_wrong_have_the_mid_p_interval_on_any_scale(scale: tuple[float, float]) -> None:
    low, high = mean_interval([scale[0]] * 2 + [scale[1]] * 8, [""] * 10, scale)
    # Mid-p for 8 of 10 by hand: 0.480 to 0.964.
    width = scale[1] - scale[0]
    assert ((low - scale[0]) / width, (high - scale[0]) / width) == pytest.approx((0.480, 0.964), abs=0.002)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@example((1, 1))
@example((1, 2))
@example((30, 60))
def test_the_interval_of_a_share_is_the_mid_p_one_to_a_tenth_of_a_point(seen: tuple[int, int]) -> None:
    hits, n = seen
    low, high = mean_interval([1.0] * hits + [0.0] * (n - hits), [""] * n)

    def below(share: float) -> float:
        """The mid-p probability that the true share is below, of independent items."""
        return float(betainc(hits, n - hits + 1, share) if hits else 1.0) / 2 + (
            float(betainc(hits + 1, n - hits, share) if hits < n else 0.0) / 2
        )

    exact_low = brentq(lambda x: below(x) - 0.025, 0, 1) if hits else 0.0
    exact_high = brentq(lambda x: below(x) - 0.975, 0, 1) if hits < n else 1.0
    assert (low, high) == pytest.approx((exact_low, exact_high), abs=0.001)


def test_notes_of_one_size_have_the_interval_of_their_means() -> None:
    values, notes = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0], list("aabbcc")
    assert clustered(values, notes) == [1.0, 2.0, 0.0]
    assert ends(mean_draws(values, notes), 0.5) == pytest.approx(
        ends(mean_draws([0.5, 1.0, 0.0], [""] * 3), 0.5), abs=1e-9
    )


def test_the_value_lies_within_its_interval_and_the_level_sets_its_width() -> None:
    draws = np.linspace(0.0, 1.0, DRAWS)
    assert ends(draws, 0.5) == pytest.approx((0.025, 0.975))
    assert ends(draws, 0.5, level=0.9) == pytest.approx((0.05, 0.95))
    assert ends(draws, 0.0) == pytest.approx((0.0, 0.975))
    assert ends(draws, 1.0) == pytest.approx((0.025, 1.0))


def test_independent_figures_add_their_variances_and_those_of_one_name_their_spreads() -> None:
    one, other = mean_draws([0.0, 1.0] * 50, [""] * 100), mean_draws([0.0, 0.0, 1.0, 1.0] * 25, [""] * 100)
    apart = combined([(0.5, lambda: one), (0.5, lambda: other)], ["a", "b"])
    same = combined([(0.5, lambda: one), (0.5, lambda: other)], ["a", "a"])
    lone = combined([(1.0, lambda: one)])
    assert np.quantile(lone, (0.025, 0.975)) == pytest.approx(np.quantile(one, (0.025, 0.975)))
    assert same.std() == pytest.approx(one.std(), rel=0.01)
    assert apart[:HALF].std() == pytest.approx(one[:HALF].std() / 2**0.5, rel=0.05)


def test_a_negative_weight_turns_the_bad_half_into_the_good_one() -> None:
    draws = np.concatenate([np.zeros(HALF), np.ones(HALF)])
    difference = combined([(-1.0, lambda: draws), (1.0, lambda: draws)], ["a", "b"])
    assert difference.tolist() == [-1.0] * HALF + [1.0] * HALF
