"""BERTScore: greedy matching of token vectors (Zhang et al. 2020, ICLR, arXiv 1904.09675).

Every token is matched with the token of the other text whose vector is nearest by cosine. Precision is the mean over
the given text's tokens, recall over the reference's, F1 their harmonic mean. Tokens count alike (no idf weights) and
values are not rescaled to a baseline. As in the authors' package (Tiiiger/bert_score), the encoder's own marks ([CLS],
[SEP]) may be a match but do not count themselves, and a text without a token of its own gives 0.

Figures are comparable with others of the same encoder file only. Two things differ from the authors' package: the
vectors are those of the encoder's last layer, the only ones that llama.cpp gives, where the package takes a middle
layer chosen for each model; and a text longer than the encoder's context is encoded in parts of equal length, where
the package cuts it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Encoded = tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]
"""One vector a token, and which tokens count: False for the encoder's own marks."""
_BLOCK = 1_024
"""Tokens of the given text that are compared at a time, so that long texts need little memory."""


@dataclass(frozen=True, slots=True)
class BertScore:
    """Each 0 to 1 for all practical texts; cosines may be negative."""

    precision: float
    recall: float
    f1: float


def bertscore(reference: Encoded, given: Encoded) -> BertScore:
    """Return the score of a text against its reference."""
    wanted, said = _unit(reference[0]), _unit(given[0])
    if not reference[1].any() or not given[1].any():
        return BertScore(0.0, 0.0, 0.0)
    best_said = np.empty(len(said), dtype=np.float32)
    best_wanted = np.full(len(wanted), -1.0, dtype=np.float32)
    for start in range(0, len(said), _BLOCK):
        cosines = said[start : start + _BLOCK] @ wanted.T
        best_said[start : start + _BLOCK] = cosines.max(axis=1)
        np.maximum(best_wanted, cosines.max(axis=0), out=best_wanted)
    precision = min(1.0, float(best_said[given[1]].mean(dtype=np.float64)))
    recall = min(1.0, float(best_wanted[reference[1]].mean(dtype=np.float64)))
    both = precision + recall
    return BertScore(precision, recall, 2 * precision * recall / both if both > 0 else 0.0)


def _unit(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), dtype=np.float32)
