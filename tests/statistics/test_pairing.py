from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medic_console.core.errors import UsageError
from medic_console.statistics.pairing import opponents, schedule

ITEMS = [f"item-{number}" for number in range(30)]
MODELS = ["delta", "alpha", "charlie", "bravo"]


def test_all_pairs_meet_on_all_items() -> None:
    found = schedule(ITEMS, MODELS, None, seed=1)
    assert list(found) == ITEMS
    assert set(found.values()) == {tuple(combinations(sorted(MODELS), 2))}
    assert found == schedule(ITEMS, MODELS, 30, seed=2) == schedule(ITEMS, MODELS, 1000, seed=3)


@given(st.integers(1, 40), st.integers(2, 7), st.integers(1, 50), st.integers(0, 5))
def test_each_pair_meets_on_as_many_items_and_items_are_used_evenly(
    items: int, models: int, per_pair: int, seed: int
) -> None:
    found = schedule([str(n) for n in range(items)], [str(n) for n in range(models)], per_pair, seed)
    met = Counter(pair for pairs in found.values() for pair in pairs)
    assert set(met) == set(combinations(sorted(str(n) for n in range(models)), 2))
    assert set(met.values()) == {min(per_pair, items)}
    assert all(len(set(pairs)) == len(pairs) for pairs in found.values())
    loads = [len(pairs) for pairs in found.values()]
    assert max(loads) - min(loads) <= 1


def test_the_sample_depends_on_seed_and_names_but_not_on_their_order() -> None:
    found = schedule(ITEMS, MODELS, 10, seed=1)
    assert schedule(ITEMS[::-1], MODELS[::-1], 10, seed=1) == found
    assert schedule(ITEMS, MODELS, 10, seed=2) != found
    assert schedule(ITEMS, ["delta", "alpha", "charlie", "zulu"], 10, seed=1) != found


def test_the_sample_stays_what_it_was_in_earlier_versions() -> None:
    found = schedule("pqrst", ["x", "y", "z"], 2, seed=7)
    assert found == {
        "p": (("x", "y"),),
        "q": (("x", "y"),),
        "r": (("x", "z"), ("y", "z")),
        "s": (("y", "z"),),
        "t": (("x", "z"),),
    }


def test_chance_spreads_a_pair_over_the_items() -> None:
    places = [
        int(item.removeprefix("item-"))
        for seed in range(200)
        for item, pairs in schedule(ITEMS, ["a", "b"], 10, seed).items()
        if pairs
    ]
    assert len(places) == 2000
    # 66.7 expected an item, with a standard deviation of 6.7.
    assert all(35 < count < 100 for count in Counter(places).values())


def test_opponents_agree_from_both_sides() -> None:
    found = schedule(ITEMS, MODELS, 10, seed=1)
    for item in ITEMS:
        sides = {model: opponents(found, item, model) for model in MODELS}
        assert sum(len(others) for others in sides.values()) == 2 * len(found[item])
        assert all(model in sides[other] for model, others in sides.items() for other in others)
    assert opponents(schedule(["i"], MODELS, None, 0), "i", "bravo") == ("alpha", "charlie", "delta")
    assert opponents(found, ITEMS[0], "stranger") == ()


@pytest.mark.parametrize(
    ("items", "models", "per_pair", "message"),
    [
        (["a", "a"], ["x", "y"], 1, "twice"),
        (["a"], ["x", "x", "y"], 1, "twice"),
        (["a"], ["x"], 1, "1 model cannot"),
        (["a"], [], None, "0 model cannot"),
        (["a"], ["x", "y"], 0, "0 matches a pair"),
    ],
)
def test_a_schedule_that_cannot_be_made_says_why(
    items: list[str], models: list[str], per_pair: int | None, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        schedule(items, models, per_pair, seed=0)
