from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from medic_console.statistics.ranks import Correlation, mean_ranks, ranks, spearman, spearman_matrix


def named(*scores: float | None) -> dict[str, float | None]:
    return {f"m{number}": score for number, score in enumerate(scores)}


def test_ties_share_their_mean_rank_and_one_is_best() -> None:
    assert ranks(named(70, 90, None, 70, 50)) == {"m1": 1, "m0": 2.5, "m3": 2.5, "m4": 4}
    assert ranks(named(1.2, 1.04, 1.4), better="lower") == {"m1": 1, "m0": 2, "m2": 3}
    assert ranks(named(None)) == ranks({}) == {}


def test_spearman_as_worked_by_hand() -> None:
    # d = 1, -1, 1, -1, 0: 1 - 6 x 4 / (5 x 24)
    result = spearman(named(1, 2, 3, 4, 5), named(2, 1, 4, 3, 5))
    assert (result.value, result.n) == pytest.approx((0.8, 5))


def test_only_common_models_count_and_three_at_least() -> None:
    assert spearman(named(1, 2, None, 4), named(1, 2, 3, None)) == Correlation(None, 2)
    assert spearman(named(1, 2, None, 4), {"m0": 1, "m1": 3, "m3": 5, "other": 0}).n == 3
    assert spearman(named(1, 2, 3), named(7, 7, 7)) == Correlation(None, 3)


def test_the_matrix_respects_the_better_direction() -> None:
    tasks = {"medqa": named(60, 70, 80), "med_safety": named(1.5, 1.2, 1.1), "medec": named(3, 2, 1)}
    found = spearman_matrix(tasks, lower_is_better=["med_safety"])
    assert found["medqa", "med_safety"] == found["med_safety", "medqa"] == Correlation(1, 3)
    assert found["med_safety", "med_safety"] == Correlation(1, 3)
    assert found["med_safety", "medec"].value == pytest.approx(-1)
    assert len(found) == 9


@given(st.lists(st.floats(-1e6, 1e6) | st.none(), max_size=12))
def test_ranks_of_n_models_add_up(scores: list[float | None]) -> None:
    found = ranks(named(*scores))
    count = sum(score is not None for score in scores)
    assert sum(found.values()) == count * (count + 1) / 2


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_a_correlation_is_symmetric_and_within_bounds(scores: list[tuple[int, int]]) -> None:
    first, second = named(*(a for a, _ in scores)), named(*(b for _, b in scores))
    there, back = spearman(first, second), spearman(second, first)
    assert there.n == back.n
    assert there.value is None or (-1 <= there.value <= 1 and there.value == pytest.approx(back.value))


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-1e6, 1e6)), min_size=3, max_size=20))
def test_ranks_and_correlations_are_those_of_scipy(scores: list[tuple[int, float]]) -> None:
    first, second = [float(a) for a, _ in scores], [b for _, b in scores]
    assert mean_ranks(second).tolist() == stats.rankdata(second).tolist()
    found = spearman(named(*first), named(*second)).value
    if found is None:
        assert len(set(first)) == 1 or len(set(second)) == 1
    else:
        assert found == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-12)
