from __future__ import annotations

import evalica
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import binary_distance, interval_distance
from pandas import DataFrame

from medic_console.core.errors import UsageError
from medic_console.statistics.agreement import Agreement, Level, Undefined, alpha

# Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): sections A, B and C to D; 0 is a missing value.
MEG_AND_OWEN = list(zip("0100000010", "1110010000", strict=True))
BEN_AND_GERRY = list(zip("aabbdcccedda", "babbbccceddd", strict=True))
FOUR = ("123321412000", "123322412503", "033323422510", "123324412510")
OBSERVED = [[float(value) or None for value in values] for values in zip(*FOUR, strict=True)]


def test_two_judges_as_published() -> None:
    assert alpha(MEG_AND_OWEN, Level.NOMINAL).value == pytest.approx(0.095, abs=0.0005)
    found = alpha(BEN_AND_GERRY, Level.NOMINAL)
    assert (found.value, found.items, found.values) == pytest.approx((0.692, 12, 24), abs=0.0005)


@pytest.mark.parametrize(("level", "value"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_four_judges_with_missing_values_as_published(level: str, value: float) -> None:
    found = alpha(OBSERVED, Level(level))
    assert (found.value, found.items, found.values) == pytest.approx((value, 11, 40), abs=0.0005)
    assert found.low is not None and found.high is not None
    assert found.low < value < found.high <= 1


RATINGS = st.lists(st.lists(st.integers(1, 5) | st.none(), min_size=3, max_size=3), min_size=2, max_size=15)


@pytest.mark.slow
@given(RATINGS)
def test_alpha_is_that_of_nltk_and_evalica(items: list[list[int | None]]) -> None:
    paired = [values for values in items if sum(value is not None for value in values) > 1]
    assume(len({value for values in paired for value in values if value is not None}) > 1)
    triples = [
        (judge, str(number), value)
        for number, values in enumerate(items)
        for judge, value in enumerate(values)
        if value is not None
    ]
    for level, distance in ((Level.NOMINAL, binary_distance), (Level.INTERVAL, interval_distance)):
        assert alpha(items, level).value == pytest.approx(AnnotationTask(triples, distance).alpha(), abs=1e-9)
    frame = DataFrame(items, dtype=float).T
    for level in Level:
        assert alpha(items, level).value == pytest.approx(evalica.alpha(frame, level.value).alpha, abs=1e-9)


@given(RATINGS, st.permutations(range(3)))
def test_names_of_answers_and_order_of_judges_do_not_matter(items: list[list[int | None]], order: list[int]) -> None:
    renamed = [[None if value is None else f"answer {-value}" for value in values] for values in items]
    turned = [[values[place] for place in order] for values in items]
    found = alpha(items, Level.NOMINAL)
    assert alpha(turned, Level.NOMINAL).value == pytest.approx(found.value)
    assert alpha(renamed, Level.NOMINAL).value == pytest.approx(found.value)
    assert found.value is None or found.low is None or found.low <= found.value <= (found.high or 0)


def test_scores_far_from_zero_lose_nothing_to_rounding() -> None:
    moved = [[None if value is None else value + 1e7 for value in values] for values in OBSERVED]
    assert alpha(moved, Level.INTERVAL).value == pytest.approx(alpha(OBSERVED, Level.INTERVAL).value)


def test_without_pairs_or_spread_there_is_no_alpha() -> None:
    assert alpha([["YES", None], [None, "NO"]], Level.NOMINAL) == Agreement(None, None, None, 0, 0, Undefined.NO_PAIR)
    assert alpha([], Level.INTERVAL).undefined is Undefined.NO_PAIR
    same = alpha([["YES", "YES"], ["YES", None], ["YES", "YES"]], Level.NOMINAL)
    assert same == Agreement(None, None, None, 2, 4, Undefined.NO_SPREAD)


def test_perfect_agreement_and_a_single_note_have_intervals_of_some_width() -> None:
    perfect = alpha([["YES", "YES"], ["NO", "NO"], ["NO", "NO"]], Level.NOMINAL)
    assert perfect.low is not None
    assert (perfect.value, perfect.high) == (1, 1)
    assert perfect.low < 0.5
    single = alpha([["YES", "NO"], ["NO", "NO"]], Level.NOMINAL, ["note", "note"])
    assert single.low is not None and single.high is not None
    assert single.high - single.low > 1


def test_a_resample_of_one_value_alone_does_not_spoil_the_interval() -> None:
    rare = [["YES"] * 3] * 8 + [["NO"] * 3, ["YES", "YES", "NO"]]
    found = alpha(rare, Level.NOMINAL)
    assert found.value is not None and found.low is not None and found.high is not None
    assert found.value == pytest.approx(1 - 29 * 2 / (2 * 4 * 26))
    assert found.low < 0 < found.value < found.high <= 1
    # Of two values, only whether they are the same counts on any scale.
    scores = [[0.1 if value == "YES" else 0.7 for value in values] for values in rare]
    scaled = alpha(scores, Level.INTERVAL)
    assert (scaled.value, scaled.low, scaled.high) == pytest.approx((found.value, found.low, found.high))


def test_items_of_one_note_count_as_one() -> None:
    copies = [values for values in OBSERVED for _ in range(5)]
    notes = [str(number) for number in range(len(OBSERVED)) for _ in range(5)]
    together, apart = alpha(copies, Level.NOMINAL, notes), alpha(copies, Level.NOMINAL)
    assert together.value == apart.value
    assert None not in (together.low, together.high, apart.low, apart.high)
    assert (together.high or 0) - (together.low or 0) > 1.8 * ((apart.high or 0) - (apart.low or 0))


@pytest.mark.parametrize("value", ["high", float("nan"), float("inf")])
def test_a_scale_of_numbers_refuses_what_is_none(value: str | float) -> None:
    with pytest.raises(UsageError, match="ordinal scale needs numbers"):
        alpha([[1.0, 2.0], [value, 3.0]], Level.ORDINAL)
