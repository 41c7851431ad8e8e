from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, NoAnswer, Outcome, Reason
from medic_console.scoring.answers.read import read_answer
from medic_console.scoring.scorers.overlap import meteor, overlaps, score

GOLD = {
    "first": "The patient was admitted with a pneumonia of the right lung.",
    "second": "You had an infection of the lung and took tablets for it.",
}
ITEM = Item("i", {}, GOLD)


def test_the_gold_texts_score_perfectly() -> None:
    found = score(ITEM, Answer(GOLD, ""), {})
    assert found.outcome is Outcome.SCORED
    for name in ("rouge_1", "rouge_2", "rouge_l", "bleu_4"):
        assert found.values[name] == pytest.approx(1.0)
    # Banerjee and Lavie 2005: one chunk still costs 0.5 / matches^3.
    assert found.values["meteor"] == pytest.approx((2 - 0.5 / 12**3 - 0.5 / 13**3) / 2)


def test_texts_without_a_common_word_score_zero() -> None:
    found = score(ITEM, Answer(dict.fromkeys(GOLD, "xyzzy"), ""), {})
    assert set(found.values.values()) == {0.0}


def test_an_item_has_the_mean_of_its_texts() -> None:
    found = score(ITEM, Answer({**GOLD, "second": "xyzzy"}, ""), {})
    assert found.values["rouge_l"] == pytest.approx(0.5)
    assert found.detail == "ROUGE-L of first 1.000, second 0.000"


def test_rouge_counts_words_pairs_and_the_longest_sequence() -> None:
    # Reference a b c d, given a c b d: 4 of 4 words, 0 of 3 pairs, longest common sequence a b d.
    found = overlaps("alpha beta gamma delta", "alpha gamma beta delta")
    assert found["rouge_1"] == pytest.approx(1.0)
    assert found["rouge_2"] == 0.0
    assert found["rouge_l"] == pytest.approx(3 / 4)


def test_rouge_compares_stems() -> None:
    assert overlaps("chest pains", "chest pain")["rouge_2"] == pytest.approx(1.0)


def test_meteor_matches_stems_and_weighs_recall() -> None:
    # Two matches (one by stem) of 2 given and 4 reference words in one chunk: P 1, R 1/2, F = P R / (0.9 P + 0.1 R).
    fmean = 0.5 / (0.9 * 1 + 0.1 * 0.5)
    assert meteor("chest pains came back", "chest pain") == pytest.approx(fmean * (1 - 0.5 * (1 / 2) ** 3))
    assert meteor("aspirin", "salicylate") == 0.0


TEXT = st.text("ab .é\n", min_size=1, max_size=30)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_every_overlap_lies_between_zero_and_one(reference: str, given_text: str) -> None:
    assert all(0.0 <= value <= 1.0 for value in overlaps(reference, given_text).values())


def test_two_texts_are_read_from_an_object() -> None:
    answer = read_answer("texts", json.dumps({**GOLD, "more": 1}), ITEM)
    assert isinstance(answer, Answer)
    assert answer.value == GOLD
    assert answer.shown.startswith("first: The patient")


@pytest.mark.parametrize("text", ["plain text", "[]", '{"first": "a"}', '{"first": "a", "second": " "}', "{" * 9999])
def test_what_is_no_object_of_the_texts_is_unreadable(text: str) -> None:
    answer = read_answer("texts", text, ITEM)
    assert isinstance(answer, NoAnswer)
    assert answer.reason is Reason.UNREADABLE
