from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.statistics.calibration import reliability
from medic_console.statistics.raters import (
    NO_PAIR,
    ONE_CATEGORY,
    many_raters,
    two_raters,
)
from medic_console.statistics.strata import Stratum, poststratified

YES_NO = ("YES", "NO")


def pairs(both_yes: int, yes_no: int, no_yes: int, both_no: int) -> list[tuple[str, str]]:
    return [("YES", "YES")] * both_yes + [("YES", "NO")] * yes_no + [("NO", "YES")] * no_yes + [("NO", "NO")] * both_no


def test_kappa_of_a_table_worked_by_hand() -> None:
    found = two_raters(pairs(20, 5, 10, 15), YES_NO)
    assert found.n == 50 and found.observed == pytest.approx(0.7)
    assert found.kappa == pytest.approx((0.7 - 0.5) / 0.5)
    assert found.pabak == pytest.approx(0.4)
    chance = 2 * 0.55 * 0.45
    assert found.ac1 == pytest.approx((0.7 - chance) / (1 - chance))
    # Fleiss, Cohen and Everitt 1969: the standard error is 0.126 here
    assert found.low == pytest.approx(0.4 - 1.96 * 0.126, abs=0.05)
    assert found.high == pytest.approx(0.4 + 1.96 * 0.126, abs=0.05)


def test_kappa_is_low_and_the_others_high_where_nearly_all_is_one_category() -> None:
    found = two_raters(pairs(95, 3, 2, 0), YES_NO)
    assert found.kappa is not None and found.kappa < 0 and found.low is not None and found.low < found.kappa
    assert found.pabak == pytest.approx(0.9) and found.ac1 is not None and found.ac1 > 0.9


def test_kappa_is_undefined_where_everyone_is_in_one_category_or_nobody_is_there() -> None:
    found = two_raters(pairs(30, 0, 0, 0), YES_NO)
    assert found.kappa is None and found.undefined == ONE_CATEGORY and found.pabak == found.ac1 == 1
    assert two_raters([], YES_NO).undefined == NO_PAIR


def test_what_stands_beside_kappa_has_intervals_too_where_kappa_has_none() -> None:
    found = two_raters(pairs(30, 0, 0, 0), YES_NO)
    assert found.pabak_ends is not None and found.ac1_ends is not None
    # 30 of 30 alike: the mid-p interval of the share is 0.905 to 1, and PABAK is twice that less 1
    assert found.pabak_ends[0] == pytest.approx(2 * 0.905 - 1, abs=0.01) and found.pabak_ends[1] == 1
    assert 0.7 < found.ac1_ends[0] < found.ac1_ends[1] == 1
    table = two_raters(pairs(20, 5, 10, 15), YES_NO)
    # the mid-p interval of 35 of 50 is 0.563 to 0.814
    assert table.pabak_ends == pytest.approx((2 * 0.563 - 1, 2 * 0.814 - 1), abs=0.02)


def fleiss_table() -> list[list[str]]:
    """Ten things, fourteen raters, five categories."""
    counts = (
        (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1),
        (7, 7, 0, 0, 0), (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
    )  # fmt: skip
    return [[name for name, many in zip("abcde", row, strict=True) for _ in range(many)] for row in counts]


def test_fleiss_kappa_of_a_table_worked_by_hand() -> None:
    found = many_raters(fleiss_table(), "abcde")
    assert found.kappa == pytest.approx((0.378022 - 0.212755) / (1 - 0.212755), abs=1e-5)
    assert found.low is not None and found.high is not None and found.low < 0.21 < found.high
    assert (found.n, found.ratings, found.undefined) == (10, 140, "")
    assert many_raters([*fleiss_table(), ["a"]], "abcde") == found, "what one alone rated tells nothing"


def test_fleiss_kappa_says_why_there_is_none() -> None:
    assert many_raters([["a", "a"], ["a", "a", "a"]], "ab").undefined == ONE_CATEGORY
    assert many_raters([["a"], []], "ab").undefined == NO_PAIR


@given(st.lists(st.lists(st.sampled_from("ABC"), min_size=2, max_size=5), min_size=1, max_size=20))
def test_fleiss_kappa_stays_within_its_scale(things: list[list[str]]) -> None:
    found = many_raters(things, "ABC")
    assert (found.kappa is None) == (len({one for thing in things for one in thing}) == 1)
    if found.kappa is not None and found.low is not None and found.high is not None:
        assert -1 <= found.low <= found.kappa <= found.high <= 1


def test_kappa_of_two_raters_whose_margins_are_alike_has_an_unseen_pair_that_differs() -> None:
    found = two_raters(pairs(10, 0, 0, 10), YES_NO)
    assert found.kappa == 1 and found.low is not None and found.low < 0.9


def test_bins_of_probability_hold_what_was_right_in_them() -> None:
    answers = [(0.55, True), (0.59, False), (0.8, True), (0.85, True), (1.0, True)]
    found = reliability(answers, [""] * 5)
    assert [(one.low, one.right.hits, one.right.n) for one in found] == [(0.5, 1, 2), (0.8, 2, 2), (0.9, 1, 1)]
    assert found[0].mean == pytest.approx(0.57) and not found[0].apart
    (sure,) = reliability([(0.97, False)] * 30, [str(number) for number in range(30)])
    assert sure.apart and sure.right.value == 0
    (grouped,) = reliability([(0.97, False)] * 30, ["one note"] * 30)
    assert grouped.right.high is not None and sure.right.high is not None and grouped.right.high > sure.right.high


def test_things_of_one_note_tell_less() -> None:
    table = pairs(20, 5, 10, 15)
    mixed = random.Random(1).sample(table, len(table))
    lone, grouped = two_raters(table, YES_NO), two_raters(sorted(mixed), YES_NO, [str(n // 10) for n in range(50)])
    assert grouped.kappa == lone.kappa
    assert grouped.high - grouped.low > lone.high - lone.low  # type: ignore[operator]


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABC")), min_size=1, max_size=40))
def test_agreement_stays_within_its_scale(rated: list[tuple[str, str]]) -> None:
    found = two_raters(rated, tuple("ABC"))
    swapped = two_raters([(b, a) for a, b in rated], tuple("ABC"))
    assert (found.kappa is None) == (len({one for pair in rated for one in pair}) == 1)
    if found.kappa is not None and found.low is not None and found.high is not None:
        assert found.low <= found.kappa <= found.high <= 1
        assert swapped.kappa == pytest.approx(found.kappa)


def test_the_rate_weighs_strata_by_their_size() -> None:
    strata = [Stratum(100, [True] * 8 + [False] * 2), Stratum(900, [False] * 19 + [True])]
    found = poststratified(strata)
    assert found.value == pytest.approx((100 * 0.8 + 900 * 0.05) / 1000) and found.n == 30
    assert found.low is not None and found.high is not None and found.low < 0.125 < found.high


def test_a_population_that_was_read_whole_leaves_no_doubt_and_a_stratum_unread_no_figure() -> None:
    found = poststratified([Stratum(4, [True, False, False, False]), Stratum(0, [])])
    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)
    assert poststratified([Stratum(4, [True]), Stratum(10, [])]).value is None


def test_the_interval_of_the_reviewed_rate_covers_as_it_says() -> None:
    """200 reviews of a population whose judge errs at known rates; the seed is fixed, so the figure is too."""
    chance, covered = random.Random(20), 0
    sizes, rates, samples = (120, 80, 1_500), (0.7, 0.55, 0.06), (40, 30, 90)
    for _ in range(200):
        wholes = [[chance.random() < rate for _ in range(size)] for size, rate in zip(sizes, rates, strict=True)]
        truth = sum(map(sum, wholes)) / sum(sizes)
        drawn = [chance.sample(whole, n) for whole, n in zip(wholes, samples, strict=True)]
        found = poststratified([Stratum(size, hits) for size, hits in zip(sizes, drawn, strict=True)])
        assert found.low is not None and found.high is not None
        covered += found.low <= truth <= found.high
    assert 0.93 <= covered / 200 <= 0.97
