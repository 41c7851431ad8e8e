from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.statistics.prevalence import Uncorrected, corrected
from medic_console.statistics.shares import Share, share


def of(hits: int, n: int) -> Share:
    return share([True] * hits + [False] * (n - hits))


def test_the_estimate_and_its_interval_as_worked_by_hand() -> None:
    found = corrected(of(60, 200), of(54, 60), of(81, 90))
    # Rogan and Gladen: (0.3 + 0.9 - 1) / (0.9 + 0.9 - 1).
    assert found.value == pytest.approx(0.25)
    assert not found.clipped and found.reason is None
    # Lang and Reiczigel, z^2 = 3.841459: raw 61.920729 / 203.841459 = 0.303769, sensitivity 55 / 62 = 0.887097,
    # specificity 82 / 92 = 0.891304; centre 0.195073 / 0.778401 = 0.250608; p (1 - p) / n: 0.00103754, 0.00161542,
    # 0.00105307. Shift 2 z^2 (0.250608 x 0.00161542 - 0.749392 x 0.00105307) = -0.002953; variance
    # (0.00103754 + 0.062804 x 0.00161542 + 0.561588 x 0.00105307) / 0.605908 = 0.0028558, root 0.053440.
    assert (found.low, found.high) == pytest.approx((0.142915, 0.352396), abs=2e-5)


def test_a_flawless_judge_changes_nothing_but_the_certainty() -> None:
    found = corrected(of(30, 100), of(50, 50), of(50, 50))
    assert found.value == pytest.approx(0.3)
    assert (found.low or 1) < (found.raw.low or 0) and (found.high or 0) > 0.37
    many = corrected(of(30, 100), of(50_000, 50_000), of(50_000, 50_000))
    assert (many.low, many.high) == pytest.approx((many.raw.low, many.raw.high), abs=0.01)


@pytest.mark.parametrize(("hits", "value"), [(1, 0.0), (99, 1.0)])
def test_what_the_judges_errors_cannot_explain_is_clipped_and_marked(hits: int, value: float) -> None:
    found = corrected(of(hits, 100), of(45, 50), of(45, 50))
    assert (found.value, found.clipped) == (value, True)
    assert found.low is not None and found.high is not None
    assert found.low <= value <= found.high


@pytest.mark.parametrize(
    ("raw", "sensitivity", "specificity", "reason"),
    [
        (of(0, 0), of(9, 10), of(9, 10), Uncorrected.NO_ITEM),
        (of(5, 10), of(0, 0), of(9, 10), Uncorrected.UNMEASURED),
        (of(5, 10), of(9, 10), of(0, 0), Uncorrected.UNMEASURED),
        (of(5, 10), of(5, 10), of(5, 10), Uncorrected.USELESS),
        (of(5, 10), of(2, 10), of(7, 10), Uncorrected.USELESS),
    ],
)
def test_where_nothing_can_be_corrected_it_says_why(
    raw: Share, sensitivity: Share, specificity: Share, reason: Uncorrected
) -> None:
    found = corrected(raw, sensitivity, specificity)
    assert (found.value, found.low, found.high, found.reason) == (None, None, None, reason)


def test_too_few_probes_give_a_share_without_an_interval() -> None:
    # The one probe of its kind was right: 2/3 after the adjustment; with 11 of 1000 that is no better than chance.
    found = corrected(of(995, 1000), of(1, 1), of(11, 1000))
    assert (found.low, found.high, found.reason) == (None, None, Uncorrected.FEW_PROBES)
    assert found.value == pytest.approx((0.995 + 0.011 - 1) / 0.011)


def test_items_of_one_note_widen_the_interval() -> None:
    hits = ([True] * 30 + [False] * 70) * 2
    notes = [str(number // 10) for number in range(200)]
    apart, together = (corrected(share(hits, groups), of(54, 60), of(81, 90)) for groups in (None, notes))
    assert together.value == apart.value
    assert (together.high or 0) - (together.low or 0) > 1.5 * ((apart.high or 0) - (apart.low or 0))


@given(*[st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))) for _ in range(3)])
def test_a_corrected_share_lies_within_its_interval_and_0_to_1(
    raw: tuple[int, int], sensitivity: tuple[int, int], specificity: tuple[int, int]
) -> None:
    found = corrected(of(*raw), of(*sensitivity), of(*specificity))
    assert (found.value is None) == (
        sensitivity[0] * specificity[1] + specificity[0] * sensitivity[1] <= (sensitivity[1] * specificity[1])
    ) or found.reason is not None
    assert (found.low is None) == (found.reason is not None)
    if found.low is not None:
        assert found.value is not None and found.high is not None
        assert 0 <= found.low <= found.value <= found.high <= 1
