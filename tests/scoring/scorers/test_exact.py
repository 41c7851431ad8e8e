from __future__ import annotations

import pytest

from medic_console.core.records import Answer, Item, Outcome, Reason
from medic_console.scoring.answers.read import read_answer
from medic_console.scoring.scorers.exact import score_gsm8k, score_integer


@pytest.mark.parametrize("gold", [33, "33", "033"])
def test_aime_integers_are_equal_whatever_their_leading_zeros(gold: object) -> None:
    item = Item("1", {}, gold)
    assert score_integer(item, Answer(33, "33"), {}).values == {"accuracy": 1.0}
    assert score_integer(item, Answer(34, "34"), {}).values == {"accuracy": 0.0}
    assert score_integer(item, Answer(34, "34"), {}).detail == "gave 34, key 33"


@pytest.mark.parametrize("gold", ["", "1/2", "-1", 1000, None])
def test_an_aime_key_out_of_range_leaves_the_item_unscored(gold: object) -> None:
    assert score_integer(Item("1", {}, gold), Answer(1, "1"), {}).reason is Reason.GOLD_UNUSABLE


# Strict: `#### (\-?[0-9\.\,]+)`, commas and a final dot removed, compared as text (harness, gsm8k.yaml).
@pytest.mark.parametrize(
    ("text", "flexible", "strict"),
    [
        ("So 2,125.\n#### 2,125", 1, 1),
        ("#### 2125.", 1, 1),
        ("2125", 1, 0),
        ("It costs $2,125.00.", 1, 0),
        ("#### 2125.00", 1, 0),
        ("#### 2125\nChecked twice, 2 ways", 0, 1),
        ("#### $2125", 1, 0),
        ("#### 2124", 0, 0),
        ("#### -2125", 0, 0),
        ("#### 2125\n\n#### 7", 0, 1),
        ("**2125** euros...", 1, 0),
        (r"\boxed{2125}", 1, 0),
    ],
)
def test_gsm8k_is_read_flexibly_and_strictly(text: str, flexible: int, strict: int) -> None:
    item = Item("1", {}, "2125")
    answer = read_answer("gsm8k", text, item)
    assert isinstance(answer, Answer)
    score = score_gsm8k(item, answer, {})
    assert score.values == {"accuracy": flexible, "strict_match": strict}
    assert score.verdict == ("right" if flexible else "wrong")


def test_a_gsm8k_key_that_is_no_number_leaves_the_item_unscored() -> None:
    score = score_gsm8k(Item("1", {}, "many"), Answer({"flexible": "1", "strict": None}, "1"), {})
    assert (score.outcome, score.reason) == (Outcome.UNSCORED, Reason.GOLD_UNUSABLE)
