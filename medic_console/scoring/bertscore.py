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

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from math import fsum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from medic_console.core import paths
from medic_console.core.digest import short
from medic_console.core.errors import UsageError
from medic_console.core.records import ENCODER, Answer, Item, Outcome, Score
from medic_console.engine.parent.encoder import Encoder, EncoderFile, inspect_encoder
from medic_console.scoring.scorers.registry import PAIRS
from medic_console.suite.items import LoadedTask

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


def name_encoder(path: Path) -> EncoderFile:
    """Return an encoder that has shown that it can encode.

    Raises:
        ModelFileError: The file is no encoder.
        EngineError: llama.cpp cannot load it.
    """
    encoder = inspect_encoder(path)
    opened(encoder.path).embed(["check"])
    return encoder


def with_encoder(loaded: LoadedTask, encoder: EncoderFile) -> LoadedTask:
    """Return a task whose texts are compared by an encoder too; any other task as it is."""
    if not compares(loaded):
        return loaded
    note = f"BERTScore by {encoder.name} {short(encoder.sha256)}: last layer, no idf, not rescaled."
    return replace(loaded, resources={**loaded.resources, ENCODER: encoder.path}, notes=(*loaded.notes, note))


def compares(loaded: LoadedTask) -> bool:
    """Tell whether a task's scorer compares texts and its file asks for BERTScore."""
    return loaded.task.scorer in PAIRS and any(metric.id == "bertscore" for metric in loaded.task.metrics)


def require_use(tasks: tuple[LoadedTask, ...]) -> None:
    """Check that an encoder has something to do.

    Raises:
        UsageError: No task is scored by BERTScore.
    """
    if not any(map(compares, tasks)):
        raise UsageError("--encoder: none of the tasks is scored by BERTScore.", "Leave the option out.")


def with_bertscore(score: Score, scorer: str, item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return a score with `bertscore` (F1), `bertscore_precision` and `bertscore_recall`, means over the item's texts.

    Unchanged when no encoder was named, the item is not scored or nothing of it is compared. A text that is too long
    for the encoder leaves the value out; the detail says so.

    Raises:
        EngineError: The encoder stopped working.
    """
    pairs = PAIRS[scorer](item, answer) if scorer in PAIRS and ENCODER in resources else ()
    if score.outcome is not Outcome.SCORED or not pairs:
        return score

    found = []
    for pair in pairs:
        reference, given = opened(resources[ENCODER]).embed(pair)
        if reference is None or given is None:
            return replace(score, detail=f"{score.detail}; no BERTScore: a text is too long for the encoder")
        found.append(bertscore(reference, given))
    means = {
        "bertscore": fsum(one.f1 for one in found) / len(found),
        "bertscore_precision": fsum(one.precision for one in found) / len(found),
        "bertscore_recall": fsum(one.recall for one in found) / len(found),
    }
    return replace(score, values={**score.values, **means})


def opened(path: Path) -> Encoder:
    """Return the one encoder of this process; another file, or one that was replaced, takes its place.

    Raises:
        UsageError: The file is gone.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise UsageError(f"{path}: the encoder's file is gone ({error.strerror}).", "Put it back.") from error
    return _opened(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _opened(path: Path, modified_ns: int, size: int) -> Encoder:
    return Encoder(path, paths.private(paths.log_dir()) / "encoder.log")
