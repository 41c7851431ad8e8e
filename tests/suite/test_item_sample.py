from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Item
from medic_console.suite.item_sample import first_part, take, taken
from medic_console.suite.items import LoadedTask
from tests.conftest import sample_task


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedTask:
    one = sample_task("medqa", tmp_path_factory.mktemp("cache"), limit=None)
    return replace(one, items=tuple(Item(f"q{n:02}", {}, None) for n in range(40)), notes=("A note.",))


def test_the_first_items_are_said_to_be_no_random_sample(loaded: LoadedTask) -> None:
    first = take(loaded, limit=3)
    assert first.items == loaded.items[:3]
    assert first.notes == ("The first 3 of 40 items, not a random sample.", "A note.")
    assert taken(first.notes) == first.notes[0]


def test_a_sample_is_said_with_its_seed_and_keeps_the_order_of_the_file(loaded: LoadedTask) -> None:
    drawn = take(loaded, sample=7, seed=3)
    assert len(drawn.items) == 7
    assert list(drawn.items) == [item for item in loaded.items if item in drawn.items]
    assert drawn.items != loaded.items[:7]
    assert drawn.notes == ("A random sample of 7 of 40 items, seed 3.", "A note.")
    assert taken(drawn.notes) == drawn.notes[0]


def test_a_sample_is_the_same_everywhere_and_another_with_another_seed(loaded: LoadedTask) -> None:
    assert [item.id for item in take(loaded, sample=4, seed=1).items] == ["q21", "q27", "q31", "q37"]
    assert take(loaded, sample=4, seed=2).items != take(loaded, sample=4, seed=1).items


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 39), st.integers(1, 39), st.integers(), st.randoms())
def test_a_larger_sample_holds_the_smaller_and_the_order_of_the_file_draws_nothing(
    loaded: LoadedTask, one: int, other: int, seed: int, random: object
) -> None:
    small, large = sorted((one, other))
    shuffled = list(loaded.items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    few = {item.id for item in take(loaded, sample=small, seed=seed).items}
    many = {item.id for item in take(replace(loaded, items=tuple(shuffled)), sample=large, seed=seed).items}
    assert few <= many


@pytest.mark.parametrize("number", [40, 41, 1000])
def test_nothing_is_said_where_all_items_are_taken(loaded: LoadedTask, number: int) -> None:
    assert take(loaded, limit=number) == take(loaded, sample=number) == take(loaded) == loaded
    assert taken(loaded.notes) == ""


def test_every_item_is_drawn_about_as_often(loaded: LoadedTask) -> None:
    times = {item.id: 0 for item in loaded.items}
    for seed in range(400):
        for item in take(loaded, sample=10, seed=seed).items:
            times[item.id] += 1
    # 400 draws at 1 in 4: 100 of each expected, standard deviation 8.7.
    assert min(times.values()) > 60 and max(times.values()) < 140


def test_the_samples_of_a_task_can_be_drawn_too(tmp_path: Path) -> None:
    bundled = sample_task("medqa", tmp_path, limit=None)
    assert taken(take(bundled, sample=5).notes) == "A random sample of 5 of 16 items, seed 0."


def test_only_first_items_are_a_part_that_is_no_sample(loaded: LoadedTask) -> None:
    assert first_part(taken(take(loaded, 5).notes)) == f"the first 5 of {len(loaded.items):,} items"
    assert first_part(taken(take(loaded, sample=5).notes)) == first_part("") == ""
