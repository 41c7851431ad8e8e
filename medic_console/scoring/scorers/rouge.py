"""ROUGE as the rouge-score package computes it: its words, its F1, and a faster longest common subsequence.

The package's own table for ROUGE-L takes the product of both lengths in time and memory, minutes and gigabytes for an
answer that runs on. Here a bit of one long integer stands for each word of the reference (Hyyrö, Bit-parallel
LCS-length computation revisited, 2004).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol


def rouge_n(reference: str, given: str) -> dict[str, float]:
    """Return the F1 of common words and of common pairs, with Porter stems, 0 to 1."""
    scores = _scorer().score(reference, given)
    return {"rouge_1": float(scores["rouge1"].fmeasure), "rouge_2": float(scores["rouge2"].fmeasure)}


def rouge_l(reference: str, given: str, stem: bool = False) -> float:
    """Return the F1 of the longest common subsequence of words, 0 to 1."""
    tokenizer = _tokenizer(stem)
    expected, written = tokenizer.tokenize(reference), tokenizer.tokenize(given)
    common = longest_common(expected, written)
    if not common:
        return 0.0
    precision, recall = common / len(written), common / len(expected)
    return 2 * precision * recall / (precision + recall)


def longest_common(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence."""
    places: dict[str, int] = {}
    for index, word in enumerate(first):
        places[word] = places.get(word, 0) | 1 << index
    every = (1 << len(first)) - 1
    row = every
    """A bit is 0 where the subsequence grows."""
    for word in second:
        if matching := row & places.get(word, 0):
            row = (row + matching | row - matching) & every
    return len(first) - row.bit_count()


class _Tokenizer(Protocol):
    def tokenize(self, text: str) -> list[str]: ...


@cache
def _tokenizer(stem: bool) -> _Tokenizer:
    from rouge_score.tokenizers import DefaultTokenizer

    tokenizer: _Tokenizer = DefaultTokenizer(stem)
    return tokenizer


class _Scorer(Protocol):
    def score(self, target: str, prediction: str) -> Mapping[str, Any]: ...


@cache
def _scorer() -> _Scorer:
    from rouge_score.rouge_scorer import RougeScorer

    scorer: _Scorer = RougeScorer(["rouge1", "rouge2"], use_stemmer=True)
    return scorer
