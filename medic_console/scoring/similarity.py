"""BERTScore of what was scored already: the texts that a scorer compares, by way of an encoder that a person named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from math import fsum
from pathlib import Path

from medic_console.core import paths
from medic_console.core.digest import short
from medic_console.core.errors import UsageError
from medic_console.core.records import ENCODER, Answer, Item, Outcome, Score
from medic_console.engine.parent.encoder import Encoder, EncoderFile, inspect_encoder
from medic_console.scoring.scorers.registry import SCORERS, Pairs
from medic_console.suite.items import LoadedTask


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
    return _pairs_of(loaded.task.scorer) is not None and any(metric.id == "bertscore" for metric in loaded.task.metrics)


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
    compared = _pairs_of(scorer) if ENCODER in resources else None
    pairs = compared(item, answer) if compared else ()
    if score.outcome is not Outcome.SCORED or not pairs:
        return score
    from medic_console.scoring.bertscore import bertscore  # it loads numpy, which most runs need not wait for

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


def _pairs_of(scorer: str) -> Pairs | None:
    return SCORERS[scorer].pairs if scorer in SCORERS else None


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
