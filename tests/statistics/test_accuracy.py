"""A judge's sensitivity and specificity from a sample of its answers, against values by hand."""

from __future__ import annotations

import pytest

from medic_console.statistics.accuracy import Answered, rates

OTHERS = ("YES", "NO")


def test_each_kind_weighs_as_much_as_was_asked() -> None:
    found = Answered("IDK", 100, ["IDK"] * 8 + ["YES", "bad question"])
    spared = Answered("YES", 400, ["YES"] * 18 + ["NO", "IDK"])
    sensitivity, specificity = rates([found, spared], "IDK", OTHERS)
    assert sensitivity.value == pytest.approx(80 / (80 + 20)), "8 of 10 of 100, and 1 of 20 of 400 missed"
    assert specificity.value == pytest.approx(380 / (380 + 10))
    assert (sensitivity.n, sensitivity.hits) == (9, 7) and specificity.n == 20
    assert sensitivity.low is not None and sensitivity.high is not None
    assert 0.3 < sensitivity.low < 0.6 and 0.95 < sensitivity.high < 1, "one miss of twenty controls says little"
    assert 1 < sensitivity.independent < 20


def test_what_was_read_whole_is_the_value_and_leaves_the_doubt_of_so_many_things() -> None:
    """19 of 20 truly so and 38 of 40 truly not: Clopper and Pearson's intervals are [.75, 1.00] and [.83, .99]."""
    found = Answered("IDK", 21, ["IDK"] * 19 + ["YES"] * 2)
    spared = Answered("YES", 39, ["YES"] * 38 + ["IDK"])
    sensitivity, specificity = rates([found, spared], "IDK", OTHERS)
    assert sensitivity.value == pytest.approx(19 / 20) and specificity.value == pytest.approx(38 / 40)
    for share, low, high, n in ((sensitivity, 0.7513, 0.9987, 20), (specificity, 0.8308, 0.9939, 40)):
        assert share.low == pytest.approx(low, abs=0.03) and share.high == pytest.approx(high, abs=0.03)
        assert share.independent == pytest.approx(n, rel=0.25)


def test_an_answer_that_a_judge_never_gave_may_still_be_wrong_some_day() -> None:
    sensitivity, specificity = rates([Answered("NO", 44, ["NO"] * 30)], "YES", ["NO", "IDK"])
    assert sensitivity.value is None and sensitivity.n == 0
    assert specificity.value == 1 and specificity.low is not None and 0.85 < specificity.low < 0.97


def test_things_of_one_text_tell_less() -> None:
    right = ["IDK"] * 12 + ["YES"] * 8
    alone, together = (
        rates([Answered("IDK", 200, right, groups), Answered("YES", 400, ["YES"] * 20)], "IDK", OTHERS)[1]
        for groups in ((), ["a"] * 12 + ["b"] * 8)
    )
    assert alone.value == together.value
    assert together.low is not None and alone.low is not None and together.low < alone.low - 0.02
