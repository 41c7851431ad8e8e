from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from medic_console.scoring.scorers.rouge import longest_common, rouge_l

WORDS = st.lists(st.sampled_from(["pain", "pains", "no", "Fever", "38.5", "ache", "é"]), max_size=30)


@pytest.mark.parametrize(
    ("first", "second", "length"),
    [("", "a", 0), ("abc", "abc", 3), ("abcbdab", "bdcaba", 4), ("ab", "ba", 1), ("aaa", "aa", 2), ("a" * 200, "b", 0)],
)
def test_the_longest_common_subsequence(first: str, second: str, length: int) -> None:
    assert longest_common(first, second) == longest_common(second, first) == length


@given(WORDS, WORDS, st.booleans())
def test_rouge_l_is_that_of_the_package(first: list[str], second: list[str], stem: bool) -> None:
    reference, text = " ".join(first), " ".join(second)
    package = RougeScorer(["rougeL"], use_stemmer=stem).score(reference, text)["rougeL"].fmeasure
    assert rouge_l(reference, text, stem) == package


def test_an_answer_of_ten_thousand_lines_is_compared_in_seconds() -> None:
    reference = "He was admitted with pneumonia and treated with ceftriaxone . " * 80
    started = time.monotonic()
    assert 0 < rouge_l(reference, "The patient was treated with a drug and came home again .\n" * 10_000) < 0.1
    assert time.monotonic() - started < 10
