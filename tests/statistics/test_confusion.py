from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import UsageError
from medic_console.statistics.comparing import mcnemar
from medic_console.statistics.confusion import Probe, confusion
from medic_console.statistics.intervals import mean_interval
from medic_console.statistics.shares import Share, share

CLASSES = ("YES", "NO", "IDK")


def probes(**cells: int) -> list[Probe]:
    """Cells are named GOLD_ANSWER; NONE is an unreadable answer."""
    found = []
    for name, count in cells.items():
        gold, answered = name.split("_")
        found += [Probe(gold, None if answered == "NONE" else answered)] * count
    return found


def test_rates_of_each_class_as_worked_by_hand() -> None:
    found = confusion(
        probes(YES_YES=40, YES_NO=3, YES_IDK=5, YES_NONE=2, NO_NO=30, NO_YES=8, NO_NONE=2, IDK_IDK=20, IDK_YES=10),
        CLASSES,
    )
    assert found.table["NO", "YES"] == 8 and found.table["YES", None] == 2 and ("IDK", "NO") not in found.table
    assert (found.accuracy.hits, found.accuracy.n) == (90, 120)
    assert (found.unreadable.hits, found.unreadable.n) == (4, 120)
    counts = {
        name: (one.sensitivity.hits, one.sensitivity.n, one.specificity.hits, one.specificity.n)
        for name, one in found.classes.items()
    }
    assert counts == {"YES": (40, 48, 50, 68), "NO": (30, 38, 75, 78), "IDK": (20, 30, 81, 86)}
    yes = found.classes["YES"]
    assert (yes.sensitivity.low, yes.sensitivity.high) == pytest.approx(
        mean_interval([1.0] * 40 + [0.0] * 8, [""] * 48)
    )


def test_yes_bias_is_the_share_of_yes_answers_minus_that_of_right_ones() -> None:
    bias = confusion(probes(YES_YES=40, YES_NO=2, NO_NO=30, NO_YES=10, YES_NONE=5), CLASSES).classes["YES"].bias
    # 50 of 82 readable answers are YES, 42 should be.
    assert bias.value == pytest.approx(8 / 82)
    assert (bias.n, bias.wins, bias.losses) == (82, 10, 2)
    assert bias.p == mcnemar(10, 2)
    assert bias.low is not None and bias.high is not None
    assert 0 < bias.low < 8 / 82 < bias.high < 0.2


def test_a_judge_that_always_says_yes() -> None:
    found = confusion(probes(YES_YES=50, NO_YES=50), CLASSES).classes
    assert (found["YES"].sensitivity.value, found["YES"].specificity.value, found["YES"].bias.value) == (1, 0, 0.5)
    assert (found["NO"].sensitivity.value, found["NO"].specificity.value, found["NO"].bias.value) == (0, 1, -0.5)


def test_a_perfect_judge_has_no_bias_but_an_interval_of_it() -> None:
    bias = confusion(probes(YES_YES=30, NO_NO=30), CLASSES).classes["YES"].bias
    assert (bias.value, bias.p) == (0, 1)
    assert bias.low is not None and bias.low < 0 < (bias.high or 0)


def test_a_class_without_probes_has_no_rate() -> None:
    found = confusion(probes(YES_YES=3, YES_NONE=1), CLASSES)
    assert found.classes["IDK"].sensitivity == Share(0, 0, None, None, None, 0)
    assert found.classes["YES"].specificity.value is None
    empty = confusion([], CLASSES)
    assert (empty.accuracy.value, empty.classes["YES"].bias.value, empty.table) == (None, None, {})


def test_probes_of_one_note_widen_the_interval() -> None:
    apart = probes(YES_YES=30, YES_NO=10)
    together = [Probe(one.gold, one.answered, str(number // 10)) for number, one in enumerate(apart)]
    alone, shared = (confusion(some, CLASSES).classes["YES"].sensitivity for some in (apart, together))
    assert shared.value == alone.value
    assert shared.independent < 5 < alone.independent
    assert (shared.low or 1) < (alone.low or 0)


def test_an_answer_that_is_no_class_is_refused() -> None:
    with pytest.raises(UsageError, match="'MAYBE' is none of YES, NO, IDK"):
        confusion([Probe("YES", "MAYBE")], CLASSES)


@given(st.lists(st.tuples(st.sampled_from(CLASSES), st.sampled_from([*CLASSES, None])), max_size=30))
def test_every_probe_is_counted_once(pairs: list[tuple[str, str | None]]) -> None:
    found = confusion([Probe(gold, answered) for gold, answered in pairs], CLASSES)
    assert sum(found.table.values()) == found.accuracy.n == found.unreadable.n == len(pairs)
    readable = len(pairs) - found.unreadable.hits
    rates = found.classes.values()
    assert {one.sensitivity.n + one.specificity.n for one in rates} == {readable}
    assert sum(one.sensitivity.hits for one in rates) == found.accuracy.hits
    assert sum(one.bias.value or 0 for one in rates) == pytest.approx(0)


@given(st.lists(st.booleans(), min_size=1, max_size=50))
def test_a_share_lies_within_its_interval(hits: list[bool]) -> None:
    found = share(hits)
    assert (found.hits, found.n, found.independent) == (sum(hits), len(hits), len(hits))
    assert found.low is not None and found.value is not None and found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
