from __future__ import annotations

import pytest

from medic_console.core.errors import UsageError
from medic_console.statistics.panel import Majority, Median, Votes, deviations, majority, median
from medic_console.statistics.shares import share


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (["YES", "YES", "NO"], Majority("YES", 2, 3)),
        (["IDK", None, None], Majority("IDK", 1, 1)),
        (["YES", "NO", "IDK"], Majority(None, 1, 3)),
        (["YES", "NO", "YES", "NO", "IDK"], Majority(None, 2, 5)),
        (["NO", "YES", "IDK", "NO"], Majority("NO", 2, 4)),
        ([None, None], Majority(None, 0, 0)),
    ],
)
def test_the_answer_with_most_votes_wins_and_a_tie_has_none(votes: Votes, expected: Majority) -> None:
    assert majority(votes) == expected
    assert majority(votes[::-1]) == expected


def test_the_median_leaves_out_missing_scores() -> None:
    assert median([1.0, None, 5.0, 2.0]) == Median(2.0, 3)
    assert median([1.0, 4.0]) == Median(2.5, 2)
    assert median([None]) == Median(None, 0)


def test_answers_that_leave_the_majority_are_counted_for_each_judge() -> None:
    items: list[Votes] = [
        ["YES", "YES", "NO"],
        ["NO", "NO", "NO"],
        ["IDK", "YES", "YES"],
        ["YES", "NO", "IDK"],  # tied
        ["YES", "YES", None],  # two votes are no panel
        [None, None, "NO"],
    ]
    found = deviations(["a", "b", "c"], items)
    assert [(found[judge].share.hits, found[judge].share.n, found[judge].no_majority) for judge in "abc"] == [
        (1, 3, 2),
        (0, 3, 2),
        (1, 3, 2),
    ]
    assert found["a"].share == share([False, False, True])


def test_two_judges_have_no_deviation() -> None:
    found = deviations(["a", "b"], [["YES", "YES"], ["YES", "NO"]])
    assert [(one.share.value, one.no_majority) for one in found.values()] == [(None, 2), (None, 2)]


def test_items_of_one_note_widen_the_interval() -> None:
    items: list[Votes] = [["YES", "YES", answer] for answer in ("NO", "YES", "YES", "YES") for _ in range(10)]
    notes = [note for note in "wxyz" for _ in range(10)]
    together, apart = deviations("abc", items, notes)["c"].share, deviations("abc", items)["c"].share
    assert (together.value, together.n, apart.independent) == (0.25, 40, 40)
    assert together.independent < 5
    assert (together.high or 0) > (apart.high or 1)


def test_votes_that_lack_a_judge_are_refused() -> None:
    with pytest.raises(UsageError, match="lacks a judge's place"):
        deviations(["a", "b", "c"], [["YES", "NO"]])
