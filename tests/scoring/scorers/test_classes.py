from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, NoAnswer, Reason, Score
from medic_console.scoring.scorers.classes import score, worst
from medic_console.scoring.scorers.unanswered import unanswered
from medic_console.statistics.intervals import ends
from medic_console.statistics.macro_f1 import Pair, draws, macro_f1
from medic_console.statistics.metrics import compute

OPTIONS = {"options": {"yes": "yes", "no": "no", "maybe": "maybe"}}
PAIRS = st.lists(st.tuples(st.sampled_from([0.0, 1.0, 2.0]), st.sampled_from([0.0, 1.0, 2.0])), min_size=1, max_size=8)


def scored(gold: str, chosen: str) -> Score:
    return score(Item("1", OPTIONS, gold), Answer(chosen, chosen), {})


def test_accuracy_and_the_places_of_key_and_answer_are_kept() -> None:
    assert scored("no", "maybe").values == {"accuracy": 0.0, "chance": 1 / 3, "key_class": 1.0, "answer_class": 2.0}
    assert scored("yes", "yes").values == {"accuracy": 1.0, "chance": 1 / 3, "key_class": 0.0, "answer_class": 0.0}


def test_an_item_without_an_answer_has_its_keys_class_and_none_of_its_own() -> None:
    values = worst(Item("1", OPTIONS, "no"), {})
    assert values == {"accuracy": 0.0, "chance": 1 / 3, "key_class": 1.0, "answer_class": -1.0}


def test_a_key_that_is_no_option_leaves_the_item_unscored() -> None:
    assert scored("perhaps", "yes").reason is Reason.GOLD_UNUSABLE


def test_macro_f1_is_the_mean_over_classes_worked_by_hand() -> None:
    # yes: 2 right of 3 keys and 3 answers, F1 2/3. no: 1 of 2 keys and 2 answers, 1/2. maybe: 0 of 1 key, no answer, 0.
    answers = [("yes", "yes"), ("yes", "yes"), ("yes", "no"), ("no", "no"), ("no", "yes"), ("maybe", "maybe")]
    scores = [scored(gold, chosen) for gold, chosen in answers[:5]]
    value = compute(["macro_f1"], scores)["macro_f1"]
    assert value.value == pytest.approx(100 * (2 / 3 + 1 / 2) / 2)
    with_maybe = [*scores, scored("maybe", "maybe"), Score.unscored(Reason.CANCELLED)]
    value = compute(["macro_f1"], with_maybe)["macro_f1"]
    assert value.value == pytest.approx(100 * (2 / 3 + 1 / 2 + 1) / 3)
    assert (value.n, value.unit) == (6, "percent")
    missed = compute(["macro_f1"], [*scores, scored("maybe", "yes")])["macro_f1"]
    assert missed.value == pytest.approx(100 * (4 / 7 + 1 / 2 + 0) / 3)


def test_an_unanswered_item_is_a_key_that_was_not_found_and_no_class_of_its_own() -> None:
    # yes: 1 right of 2 keys and 1 answer, F1 2/3. no: 1 of 1, 1.
    none = unanswered(("classes",), Item("1", OPTIONS, "yes"), {}, NoAnswer(Reason.TRUNCATED))
    value = compute(["macro_f1"], [scored("yes", "yes"), scored("no", "no"), none])["macro_f1"]
    assert value.value == pytest.approx(100 * (2 / 3 + 1) / 2)
    assert value.answered is not None and value.answered.value == 100
    # a class that only unanswered items have counts with 0
    only = unanswered(("classes",), Item("1", OPTIONS, "maybe"), {}, NoAnswer(Reason.UNREADABLE))
    value = compute(["macro_f1"], [scored("yes", "yes"), only])["macro_f1"]
    assert value.value == pytest.approx(50)


def test_a_class_that_no_item_has_may_be_found_or_not() -> None:
    """Eight of eight right, all of one class of three: the other two can only be guessed at."""
    value = compute(["macro_f1"], [scored("yes", "yes")] * 8)["macro_f1"]
    assert value.value == 100
    assert value.low is not None and value.low < 100 / 3
    every = compute(["macro_f1"], [scored(one, one) for one in ("yes", "no", "maybe")] * 8)["macro_f1"]
    assert every.low is not None and every.low > 60


def test_macro_f1_of_nothing_has_no_value_and_perfect_answers_an_interval() -> None:
    assert compute(["macro_f1"], [])["macro_f1"].value is None
    low, high = interval([(0.0, 0.0), (1.0, 1.0)], ["", ""])
    assert low < 0.6
    assert high == 1
    low, high = interval([(0.0, 1.0), (1.0, 1.0)], ["g", "g"])
    assert low < 0.1 < 0.6 < high


def interval(pairs: Sequence[Pair], groups: list[str]) -> tuple[float, float]:
    return ends(draws(pairs, groups), macro_f1(pairs))


@settings(max_examples=15, deadline=None)
@given(PAIRS)
def test_macro_f1_lies_within_its_interval_between_zero_and_one(pairs: list[tuple[float, float]]) -> None:
    value = macro_f1(pairs)
    assert 0 <= value <= 1
    assert (value == 1) == all(key == answer for key, answer in pairs)
    low, high = interval(list(pairs), [""] * len(pairs))
    assert 0 <= low <= value <= high <= 1
    assert low < high


def test_the_interval_narrows_with_more_items_and_widens_with_groups() -> None:
    draw = random.Random(1)
    pairs = [(float(draw.randrange(3)), float(draw.randrange(3))) for _ in range(40)]

    def width(pairs: list[tuple[float, float]], groups: list[str]) -> float:
        low, high = interval(list(pairs), groups)
        return high - low

    alone = width(pairs, [""] * 40)
    assert width(pairs * 4, [""] * 160) < 0.7 * alone
    assert width(pairs * 4, [str(n % 40) for n in range(160)]) == pytest.approx(alone, rel=0.1)
