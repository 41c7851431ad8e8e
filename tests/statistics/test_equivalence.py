from __future__ import annotations

import pytest

from medic_console.core.errors import UsageError
from medic_console.statistics.comparing import Pairs, difference_interval
from medic_console.statistics.equivalence import LEAST, Verdict, equivalence


def pairs_of(wins: int, losses: int, ties: int) -> Pairs:
    first = (1.0,) * wins + (0.0,) * losses + (1.0,) * ties
    second = (0.0,) * wins + (1.0,) * losses + (1.0,) * ties
    return Pairs(first, second, ("",) * len(first))


@pytest.mark.parametrize(
    ("wins", "losses", "ties", "verdict"),
    [
        # 90 % intervals by the Wald formula: +-0.023; 0.10 +- 0.028; -0.10 +- 0.028; 0 +- 0.16; -0.05 +- 0.021
        (10, 10, 380, Verdict.EQUIVALENT),
        (50, 10, 340, Verdict.NOT_WORSE),
        (10, 50, 340, Verdict.WORSE),
        (5, 5, 20, Verdict.UNDECIDED),
        (4, 24, 372, Verdict.UNDECIDED),
    ],
)
def test_the_place_of_the_90_percent_interval_decides(wins: int, losses: int, ties: int, verdict: Verdict) -> None:
    result = equivalence(pairs_of(wins, losses, ties), margin=0.05)
    assert result.verdict == verdict
    assert result.words.startswith(f"{verdict}: the 90 % interval of the difference")


def test_the_interval_is_the_one_of_90_percent() -> None:
    pairs = pairs_of(20, 10, 70)
    result = equivalence(pairs, margin=0.05)
    assert (result.low, result.high) == difference_interval(pairs, 0.9)
    low, high = difference_interval(pairs)
    assert low is not None and high is not None and result.low is not None and result.high is not None
    assert low < result.low < result.high < high


def test_where_lower_is_better_the_sides_change() -> None:
    more, fewer = pairs_of(50, 10, 340), pairs_of(10, 50, 340)
    assert equivalence(more, 0.05, better="lower").verdict == Verdict.WORSE
    assert equivalence(fewer, 0.05, better="lower").verdict == Verdict.NOT_WORSE


def test_identical_answers_to_few_items_prove_nothing() -> None:
    assert equivalence(pairs_of(0, 0, 10), 0.05).verdict == Verdict.UNDECIDED
    assert equivalence(pairs_of(0, 0, 100), 0.05).verdict == Verdict.EQUIVALENT


def test_without_an_interval_it_is_undecided() -> None:
    result = equivalence(Pairs((), (), ()), margin=5)
    assert (result.verdict, result.low) == (Verdict.UNDECIDED, None)
    assert result.words == "undecided: 0 common items give no interval of the difference"


def test_sixteen_items_that_never_differ_are_not_equivalent_within_a_narrow_margin() -> None:
    same = tuple(float(number) for number in range(16))
    result = equivalence(Pairs(same, same, tuple(str(number // 2) for number in range(16)), span=100.0), margin=2)
    assert result.low is not None and result.high is not None
    assert result.low < -10 < 10 < result.high
    assert result.verdict is Verdict.UNDECIDED


def test_fewer_than_six_notes_decide_nothing_however_far_apart_the_models_are() -> None:
    def of(notes: int, items: int = 1) -> Pairs:
        second = tuple(40.0 + number for number in range(notes * items))
        groups = tuple(f"note {number // items}" for number in range(notes * items))
        return Pairs(tuple(70.0 + 2 * value for value in second), second, groups)

    for pairs in (of(2), of(LEAST - 1), of(LEAST - 1, items=20)):
        result = equivalence(pairs, margin=2)
        assert (result.verdict, result.few) == (Verdict.UNDECIDED, True)
        assert result.words == f"undecided: {result.n} common items from fewer than 6 notes are too few to decide"
    result = equivalence(of(LEAST), margin=2)
    assert (result.verdict, result.few) == (Verdict.NOT_WORSE, False)


@pytest.mark.parametrize("margin", [0.0, -1.0, float("nan")])
def test_a_margin_must_be_above_zero(margin: float) -> None:
    with pytest.raises(UsageError, match="margin"):
        equivalence(pairs_of(1, 1, 1), margin)
