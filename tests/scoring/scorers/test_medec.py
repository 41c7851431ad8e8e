"""Rules: MEDIQA-CORR 2024, evaluation script (compute_accuracy, get_nlg_eval_data)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medic_console.core.records import Answer, Item, Score
from medic_console.scoring.scorers.medec import bleu_4, score
from medic_console.scoring.scorers.rouge import rouge_l

ERROR = {"flag": 1, "sentence_id": 4, "correction": "He was given oral iron."}
NO_ERROR = {"flag": 0, "sentence_id": -1, "correction": "NA"}


def scored(gold: dict[str, object], flag: int, sentence: int, correction: str | None = None) -> Score:
    value = {"flag": flag, "sentence_id": sentence, "correction": correction}
    return score(Item("n", {}, gold), Answer(value, ""), {})


def test_the_gold_answer_is_perfect() -> None:
    result = scored(ERROR, 1, 4, "He was given oral iron.")
    assert result.values == pytest.approx({"flag_accuracy": 1, "sentence_accuracy": 1, "rouge_l": 1, "bleu_4": 1})
    assert result.verdict == "right"
    assert scored(NO_ERROR, 0, -1).values == {"flag_accuracy": 1, "sentence_accuracy": 1}


def test_sentences_are_compared_over_all_notes_with_minus_one_for_none() -> None:
    assert scored(ERROR, 0, -1).values == {"flag_accuracy": 0, "sentence_accuracy": 0}
    assert scored(NO_ERROR, 1, 2, "x").values == {"flag_accuracy": 0, "sentence_accuracy": 0}
    wrong = scored(ERROR, 1, 3)
    assert wrong.values == {"flag_accuracy": 1, "sentence_accuracy": 0}
    assert wrong.verdict == "wrong sentence"
    assert wrong.detail == "said error in sentence 3, key error in sentence 4"
    assert scored(ERROR, 1, 0).detail.startswith("said error in sentence 0, ")
    assert scored(ERROR, 1, -1).detail.startswith("said error, no sentence named, ")
    assert scored(NO_ERROR, 0, 0).detail.startswith("said no error, yet sentence 0, ")


def test_a_sentence_beside_flag_0_is_compared_as_given() -> None:
    result = scored(NO_ERROR, 0, 2)
    assert result.values == {"flag_accuracy": 1, "sentence_accuracy": 0}
    assert result.detail == "said no error, yet sentence 2, key no error"


def test_overlap_needs_an_error_and_a_correction() -> None:
    assert "rouge_l" not in scored(ERROR, 1, 4).values
    assert "rouge_l" not in scored(NO_ERROR, 1, 4, "He was given oral iron.").values
    assert "bleu_4" in scored(ERROR, 1, 2, "He was given iron.").values


def test_rouge_l_is_the_f1_of_the_longest_common_subsequence() -> None:
    # 4 of 5 reference words, 4 of 4 given ones: 2 * 1 * 0.8 / 1.8
    assert rouge_l("He was given oral iron.", "He was given iron.") == pytest.approx(8 / 9)
    assert rouge_l("He was given oral iron.", "no match") == 0


@settings(max_examples=30)
@given(st.text(alphabet="ab. ", max_size=30), st.text(alphabet="ab. ", max_size=30))
def test_overlaps_stay_between_0_and_1(reference: str, given_text: str) -> None:
    assert 0 <= rouge_l(reference, given_text) <= 1
    assert 0 <= bleu_4(reference, given_text) <= 1
