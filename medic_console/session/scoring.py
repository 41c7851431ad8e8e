"""Outputs to figures without a model: each is read and scored as in a run, against the items of its task."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from medic_console.audit.plan import scorer_label
from medic_console.audit.prepare import known_tasks, task_named
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.core.records import Item, MetricValue, NoAnswer, Output, Reason, Score
from medic_console.core.run_settings import Asking
from medic_console.scoring.flow import score_output, without_answer
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.similarity import name_encoder, require_use, with_encoder
from medic_console.session.outputs import Outputs
from medic_console.statistics.metrics import compute, noted
from medic_console.suite.ask_options import as_asked
from medic_console.suite.items import LoadedTask, load_items
from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class ScoredTask:
    """A task's items with the scores of outputs that were given for them.

    Attributes:
        loaded: With the encoder, where one was named.
        outputs: By item id; an item without one is unscored ("no output").
        scores: One an item, in the items' order.
        metrics: By metric id.
        scorer: Name and version of the scorer, and what else decides the scores.
        notes: What a person should know of the items and of the outputs, in sentences.
    """

    loaded: LoadedTask
    outputs: Mapping[str, Output]
    scores: tuple[Score, ...]
    metrics: Mapping[str, MetricValue]
    scorer: str
    notes: tuple[str, ...]


def scorable(name: str) -> Task:
    """Return a task that can be scored without a judge, as it asks for text.

    Raises:
        UsageError: The task is unknown, or a judge has to score it.
    """
    task = as_asked(task_named(name, known_tasks().tasks), Asking("generated"))
    if task.scorer not in SCORERS:
        raise UsageError(
            f"{name} is scored by a judge.", "Run it with a judge, or score finished traces: medic-console cef-score"
        )
    return task


def score_given(
    task: Task,
    read: Callable[[LoadedTask], Outputs],
    data: Path | None = None,
    items: Path | None = None,
    encoder: Path | None = None,
) -> ScoredTask:
    """Score outputs that were made elsewhere.

    Args:
        task: As `scorable` returns it.
        read: Returns the outputs for the task's items.
        data: Folder of official files; None takes the bundled samples.
        items: Items file or folder; goes before `data`.
        encoder: GGUF encoder for BERTScore.

    Raises:
        UsageError: A file cannot be read, an id fits no item, or the task has no use for an encoder.
    """
    loaded = load_items(task, paths.cache_dir() / "databases", data, items)
    return score_all(loaded, read(loaded), encoder)


def score_all(loaded: LoadedTask, outputs: Outputs, encoder: Path | None = None) -> ScoredTask:
    """Score outputs against the items of a loaded task.

    Raises:
        UsageError: The encoder cannot be used, or the task has no use for one.
    """
    sha256 = ""
    if encoder is not None:
        require_use((loaded,))
        named = name_encoder(encoder)
        loaded, sha256 = with_encoder(loaded, named), named.sha256
    scores = tuple(_score(loaded, item, outputs.by_item.get(item.id)) for item in loaded.items)
    metrics = compute([metric.id for metric in loaded.task.metrics], scores, [item.group for item in loaded.items])
    return ScoredTask(
        loaded=loaded,
        outputs=outputs.by_item,
        scores=scores,
        metrics=noted(metrics, loaded.resources),
        scorer=scorer_label(loaded, {"encoder": sha256}),
        notes=(*loaded.notes, *outputs.notes),
    )


def _score(loaded: LoadedTask, item: Item, output: Output | None) -> Score:
    try:
        if output is None:
            return without_answer(loaded, item, NoAnswer(Reason.NO_OUTPUT, "there is no output for this item"))
        score = score_output(loaded, item, output)
    except Exception as error:  # noqa: BLE001 - an item's fault is a row with its traceback
        return Score.failed(f"{type(error).__name__}: {error}", traceback.format_exc())
    assert score is not None
    return score
