"""Greedy matching on vectors whose score is worked out by hand (Zhang et al. 2020, section 3)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.scoring.bertscore import Encoded, bertscore


def encoded(*vectors: tuple[float, float], marks: tuple[int, ...] = ()) -> Encoded:
    own = np.array([index not in marks for index in range(len(vectors))], dtype=np.bool_)
    return np.array(vectors, dtype=np.float32).reshape(-1, 2), own


def test_every_token_is_matched_with_its_nearest() -> None:
    # Given x, (3, 4)/5; reference x, y. Cosines: x-x 1, x-y 0; d-x 0.6, d-y 0.8.
    found = bertscore(encoded((1, 0), (0, 2)), encoded((5, 0), (3, 4)))
    assert found.precision == pytest.approx((1 + 0.8) / 2)
    assert found.recall == pytest.approx((1 + 0.8) / 2)
    # One token more in the reference, the opposite of x: nearest is d with -0.6.
    longer = bertscore(encoded((1, 0), (0, 2), (-1, 0)), encoded((5, 0), (3, 4)))
    assert longer.precision == pytest.approx(0.9)
    assert longer.recall == pytest.approx((1 + 0.8 - 0.6) / 3)
    assert longer.f1 == pytest.approx(2 * 0.9 * 0.4 / 1.3)


def test_two_tokens_may_have_the_same_match() -> None:
    found = bertscore(encoded((1, 0)), encoded((1, 0), (2, 0), (0, 1)))
    assert found.precision == pytest.approx(2 / 3)
    assert found.recall == pytest.approx(1.0)


def test_marks_may_be_a_match_but_do_not_count() -> None:
    # The given token y has no partner but the reference's mark, which does not count in the recall itself.
    found = bertscore(encoded((1, 0), (0, 1), marks=(1,)), encoded((1, 0), (0, 1)))
    assert found.precision == pytest.approx(1.0)
    assert found.recall == pytest.approx(1.0)
    plain = bertscore(encoded((1, 0)), encoded((1, 0), (0, 1)))
    assert plain.precision == pytest.approx(0.5)


def test_a_text_without_a_token_of_its_own_gives_nothing() -> None:
    empty = encoded((1, 0), (0, 1), marks=(0, 1))
    for found in (bertscore(empty, encoded((1, 0))), bertscore(encoded((1, 0)), empty)):
        assert (found.precision, found.recall, found.f1) == (0.0, 0.0, 0.0)


def test_opposite_texts_have_no_harmonic_mean() -> None:
    found = bertscore(encoded((1, 0)), encoded((-1, 0)))
    assert (found.precision, found.recall, found.f1) == (-1.0, -1.0, 0.0)


def test_long_texts_are_compared_in_blocks_with_the_same_result() -> None:
    random = np.random.default_rng(0)
    one, other = (random.normal(size=(length, 8)).astype(np.float32) for length in (2_500, 40))
    own, few = np.ones(2_500, dtype=np.bool_), np.ones(40, dtype=np.bool_)
    found = bertscore((other, few), (one, own))
    unit = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (one, other)]
    cosines = unit[0] @ unit[1].T
    assert found.precision == pytest.approx(cosines.max(axis=1).mean(), abs=1e-6)
    assert found.recall == pytest.approx(cosines.max(axis=0).mean(), abs=1e-6)


COORDINATES = st.floats(-9, 9, width=32).filter(lambda value: value == 0 or abs(value) > 1e-6)
VECTORS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=1, max_size=6)


@given(VECTORS, VECTORS)
def test_every_score_lies_within_the_cosines_range_and_mirrors(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    found, mirrored = (bertscore(encoded(*a), encoded(*b)) for a, b in ((one, other), (other, one)))
    assert all(-1.0001 <= value <= 1 for value in (found.precision, found.recall))
    assert found.precision == pytest.approx(mirrored.recall, abs=1e-5)
