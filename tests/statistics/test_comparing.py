from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from medic_console.core.errors import UsageError
from medic_console.statistics.comparing import Pairs, compare, compare_all, difference_interval, holm, mcnemar, pair
from medic_console.statistics.equivalence import Verdict, equivalence


def pairs_of(first: list[float], second: list[float]) -> Pairs:
    return Pairs(tuple(first), tuple(second), ("",) * len(first))


def test_items_are_matched_by_their_id() -> None:
    pairs = pair({"a": 1, "b": 0, "c": 1}, {"c": 0, "d": 1, "a": 1}, {"a": "note 1", "c": "note 2"})
    assert pairs == Pairs((1, 1), (1, 0), ("note 1", "note 2"), left_out=2)
    assert compare(pairs).left_out == 2


def test_a_difference_counts_wins_losses_and_flips() -> None:
    first, second = [1.0] * 70 + [0.0] * 30, [1.0] * 55 + [0.0] * 15 + [1.0] * 5 + [0.0] * 25
    result = compare(pairs_of(first, second))
    assert (result.wins, result.losses, result.ties, result.flips, result.n) == (15, 5, 80, 20, 100)
    assert result.value == pytest.approx(0.10)
    # Exact McNemar for 15 and 5: 2 x P(X <= 5), X of Bin(20, 1/2) = 2 x 21700 / 2^20.
    assert result.p == pytest.approx(2 * 21700 / 2**20)
    assert result.low is not None and result.high is not None
    # Near the Wald interval of a paired difference: 0.10 +- 1.96 sqrt((0.20 - 0.01) / 100).
    assert result.low == pytest.approx(0.10 - 1.96 * 0.0436, abs=0.015)
    assert result.high == pytest.approx(0.10 + 1.96 * 0.0436, abs=0.015)


def test_pairing_narrows_the_interval_that_notes_widen() -> None:
    second = [float(7 * n % 50) for n in range(60)]
    first = [value + 2 + (n // 3) % 3 for n, value in enumerate(second)]
    alone = compare(pairs_of(first, second))
    shared = compare(Pairs(tuple(first), tuple(second), tuple(str(n // 3) for n in range(60))))
    assert alone.low is not None and alone.high is not None and shared.low is not None and shared.high is not None
    assert alone.high - alone.low < 1
    assert 1.4 < (shared.high - shared.low) / (alone.high - alone.low) < 2.6
    assert shared.value == alone.value
    # All differ in one direction: one draw of 4,000 at the most.
    assert alone.p == pytest.approx(1 / 4000)


@pytest.mark.parametrize(
    ("shift", "low", "high"), [(0.0, 0.9, 1.0), (0.05, 0.25, 0.45), (0.1, 0.03, 0.11), (0.3, 0.0, 1e-3)]
)
def test_the_p_value_of_scores_is_twice_the_share_of_draws_beyond_0(shift: float, low: float, high: float) -> None:
    # Differences shift +- 0.4: the standard error of 60 is 0.4 / sqrt(60) = 0.052, so z is shift / 0.052.
    second = [0.5] * 60
    first = [0.5 + shift + (0.4 if n % 2 else -0.4) for n in range(60)]
    there, back = compare(pairs_of(first, second)), compare(pairs_of(second, first))
    assert not there.exact
    assert there.p is not None and low <= there.p <= high
    assert back.p == pytest.approx(there.p, abs=0.06)


def test_nothing_in_common_has_no_figures() -> None:
    result = compare(pair({"a": 1}, {"b": 1}))
    assert (result.value, result.low, result.high, result.n, result.p, result.left_out) == (
        None,
        None,
        None,
        0,
        None,
        2,
    )


def test_models_that_never_differ_have_the_interval_of_an_unseen_flip() -> None:
    result = compare(pairs_of([1.0, 0.0] * 50, [1.0, 0.0] * 50))
    # No event in 100, an unseen one in either direction with equal chance: 1 - 0.05^(1/100) is 2.95 %.
    assert (result.low, result.high) == pytest.approx((-0.0295, 0.0295), abs=2e-3)
    assert (result.value, result.p, result.flips) == (0, 1, 0)
    low, high = difference_interval(pairs_of([0.3, 0.4], [0.3, 0.4]))
    assert low is not None and high is not None
    assert low < -0.5 < 0.5 < high
    always = compare(pairs_of([1.0] * 100, [0.0] * 100))
    assert (always.low, always.high) == pytest.approx((1 - 2 * 0.0295, 1), abs=4e-3)


def test_only_right_and_wrong_of_items_that_share_no_note_are_put_to_mcnemars_test() -> None:
    first, second = {"a": 1.0, "b": 0.0}, {"a": 0.0, "b": 0.0}
    assert compare(pair(first, second)).exact
    assert not compare(pair(first, second, {"a": "note", "b": "note"})).exact
    assert not compare(pair({**first, "b": 0.5}, second)).exact


def test_mcnemar_is_exact() -> None:
    assert mcnemar(0, 0) == 1
    assert mcnemar(6, 0) == pytest.approx(2 / 64)
    assert mcnemar(3, 3) == 1


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_scipys_binomial_test(wins: int, losses: int) -> None:
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1
    assert mcnemar(wins, losses) == pytest.approx(expected, rel=1e-9)


def test_holm_steps_down() -> None:
    # Worked by hand: 0.01 x 4, 0.03 x 3, then 0.04 x 2 held up to 0.09, then 0.5.
    assert holm([0.04, 0.01, 0.5, 0.03]) == pytest.approx([0.09, 0.04, 0.5, 0.09])
    assert holm([]) == []
    with pytest.raises(UsageError, match=r"1\.5"):
        holm([1.5])


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_nor_changes_the_order(values: list[float]) -> None:
    corrected = holm(values)
    assert all(p <= q <= 1 for p, q in zip(values, corrected, strict=True))
    assert all(
        corrected[i] <= corrected[j] for i in range(len(values)) for j in range(len(values)) if values[i] < values[j]
    )


def test_all_pairs_are_compared_and_corrected_together() -> None:
    right = {str(n): 1.0 for n in range(12)}
    models = {"a": right, "b": {**right, **{str(n): 0.0 for n in range(7)}}, "c": {str(n): 0.5 for n in range(12)}}
    found = compare_all(models)
    assert [(c.first, c.second) for c in found] == [("a", "b"), ("a", "c"), ("b", "c")]
    assert found[0].difference.p == pytest.approx(2 / 2**7)
    raw = [c.difference.p for c in found if c.difference.p is not None]
    assert [c.p_holm for c in found] == pytest.approx(holm(raw))
    assert len(raw) == 3
    three = compare_all({"a": right, "b": models["b"], "d": right})
    assert three[0].p_holm == pytest.approx(3 * 2 / 2**7)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=20))
def test_the_other_way_round_only_the_sign_changes(values: list[tuple[bool, bool]]) -> None:
    first, second = [float(a) for a, _ in values], [float(b) for _, b in values]
    there, back = compare(pairs_of(first, second)), compare(pairs_of(second, first))
    assert there.value is not None and back.value == pytest.approx(-there.value)
    assert (there.wins, there.losses, there.p) == (back.losses, back.wins, back.p)
    assert there.low is not None and there.high is not None
    assert -1 <= there.low <= there.value <= there.high <= 1


def test_means_that_are_cut_differ_by_what_is_shown_of_them() -> None:
    good, poor = {"a": 1.0, "b": 0.2}, {"a": 0.4, "b": -0.8}
    whole, cut = (compare(pair(good, poor, span=2.0, limits=limits)) for limits in (None, (0.0, 1.0)))
    assert whole.value == pytest.approx(0.8)
    assert cut.value == pytest.approx(0.6)
    assert cut.low is not None and cut.high is not None
    assert -1.0 <= cut.low < 0.6 < cut.high <= 1.0
    assert (cut.wins, cut.losses) == (2, 0)


def test_means_within_the_range_are_not_touched_by_it() -> None:
    first = {str(n): (n % 5) / 4 for n in range(60)}
    second = {str(n): (n % 3) / 2 for n in range(60)}
    plain, cut = (compare(pair(first, second, limits=limits)) for limits in (None, (0.0, 1.0)))
    assert cut.value == pytest.approx(plain.value)
    assert (cut.low, cut.high) == pytest.approx((plain.low, plain.high), abs=0.02)
    # Notes of twelve items: the unseen one has as many as the others.
    notes = {str(n): str(n // 12) for n in range(60)}
    plain, cut = (compare(pair(first, second, notes, limits=limits)) for limits in (None, (0.0, 1.0)))
    assert (cut.low, cut.high) == pytest.approx((plain.low, plain.high), abs=0.04)


@pytest.mark.parametrize("n", [16, 50])
def test_two_means_beyond_one_end_of_the_scale_are_not_told_apart(n: int) -> None:
    poor = {str(item): -0.9 + 0.5 * item / (n - 1) for item in range(n)}
    better = {str(item): -0.3 + 0.2 * item / (n - 1) for item in range(n)}
    for sides in ((poor, better), (better, poor)):
        pairs = pair(*sides, span=2.0, limits=(0.0, 1.0))
        found = compare(pairs)
        assert pairs.cut
        assert (found.value, found.low, found.high, found.p, found.draws) == (0.0, None, None, None, None)
        assert n in (found.wins, found.losses)
        verdict = equivalence(pairs, 0.02)
        assert (verdict.verdict, verdict.cut) == (Verdict.UNDECIDED, True)
        assert "beyond the scale's end" in verdict.words


def test_two_means_at_0_itself_are_not_cut() -> None:
    zeros = {str(item): 0.0 for item in range(20)}
    found = compare(pair(zeros, zeros, limits=(0.0, 1.0)))
    assert found.low is not None and found.high is not None
    assert found.low < 0 < found.high
