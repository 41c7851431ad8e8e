"""`score`: score outputs that were made elsewhere, or stored ones anew; no model is loaded."""

from __future__ import annotations

import argparse
import traceback
from dataclasses import dataclass
from pathlib import Path

from medic_console.audit.plan import scorer_label
from medic_console.audit.prepare import known_tasks, task_named
from medic_console.commands.options import add_common, archive_of
from medic_console.commands.outputs import Outputs, of_run, read_outputs, write_submission
from medic_console.commands.scored import report
from medic_console.core import paths
from medic_console.core.errors import UsageError
from medic_console.core.records import Item, NoAnswer, Output, Reason, Score
from medic_console.core.run_settings import Asking
from medic_console.scoring.flow import score_output, without_answer
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.scorers.toolchain import versions_of
from medic_console.scoring.similarity import name_encoder, require_use, with_encoder
from medic_console.statistics.metrics import compute, noted
from medic_console.suite.asking import as_asked
from medic_console.suite.items import LoadedTask, load_items


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a person asked to be scored.

    Attributes:
        outputs: File of outputs; None for those of a run.
        run: Id of a stored run; empty for outputs of a file.
        model: Candidate of the run; empty when there is one only.
        items: Items file or folder.
        data: Folder of official files; None takes the bundled samples.
        encoder: GGUF encoder for BERTScore.
        submission: Where the answers are written as an official submission.
    """

    task: str
    archive: Path
    outputs: Path | None = None
    run: str = ""
    model: str = ""
    items: Path | None = None
    data: Path | None = None
    encoder: Path | None = None
    submission: Path | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_common(parser)
    parser.add_argument("task", metavar="TASK")
    parser.add_argument("--items", type=Path, metavar="PATH", help="items file or folder")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--outputs", type=Path, metavar="FILE", help='JSONL of {"id": ..., "text": ...}; for medec also a submission'
    )
    source.add_argument("--run", default="", metavar="RUN", help="outputs of a run in the archive")
    parser.add_argument("--model", default="", metavar="NAME", help="candidate of that run, by name or sha256")
    parser.add_argument("--submission", type=Path, metavar="FILE", help="write the answers as an official submission")
    parser.add_argument("--encoder", type=Path, metavar="FILE", help="GGUF encoder that BERTScore is computed with")
    parser.set_defaults(handler=_score_outputs)


def _score_outputs(arguments: argparse.Namespace) -> int:
    asked = Scoring(
        task=arguments.task,
        archive=archive_of(arguments),
        outputs=arguments.outputs,
        run=arguments.run,
        model=arguments.model,
        items=arguments.items,
        data=arguments.data,
        encoder=arguments.encoder,
        submission=arguments.submission,
    )
    return score_outputs(asked, arguments.json)


def score_outputs(asked: Scoring, as_json: bool) -> int:
    """Score outputs against a task's items; return the exit code.

    Raises:
        UsageError: The task is unknown or judged, a file cannot be read, or an id fits no item.
    """
    loaded, outputs = _loaded(asked)
    task = loaded.task
    sha256 = ""
    if asked.encoder is not None:
        require_use((loaded,))
        named = name_encoder(asked.encoder)
        loaded, sha256 = with_encoder(loaded, named), named.sha256
    notes = [*loaded.notes, *outputs.notes]
    if asked.submission is not None:
        written = write_submission(asked.submission, loaded, outputs.by_item)
        notes.append(f"{written} of {len(loaded.items)} answers were written to {asked.submission}.")
    scores = [_score(loaded, item, outputs.by_item.get(item.id)) for item in loaded.items]
    groups = [item.group for item in loaded.items]
    names = [metric.id for metric in task.metrics]
    metrics = noted(compute(names, scores, groups), loaded.resources)
    head = {
        "task": task.id,
        "task_version": task.version,
        "items_origin": loaded.origin,
        "scorer": scorer_label(loaded, {"encoder": sha256}),
        "libraries": versions_of(task.scorer, bool(sha256)),
        "multiple_choice": task.multiple_choice,
        "notes": notes,
    }
    return report(head, [item.id for item in loaded.items], scores, metrics, as_json)


def _loaded(asked: Scoring) -> tuple[LoadedTask, Outputs]:
    task = as_asked(task_named(asked.task, known_tasks().tasks), Asking("generated"))
    if task.scorer not in SCORERS:
        raise UsageError(
            f"{asked.task} is scored by a judge.",
            "Run it with a judge, or score finished traces: medic-console cef-score",
        )
    if asked.outputs is None:
        return of_run(asked.archive, asked.run, asked.task, asked.model)
    loaded = load_items(task, paths.cache_dir() / "databases", asked.data, asked.items)
    return loaded, read_outputs(asked.outputs, loaded)


def _score(loaded: LoadedTask, item: Item, output: Output | None) -> Score:
    try:
        if output is None:
            return without_answer(loaded, item, NoAnswer(Reason.NO_OUTPUT, "there is no output for this item"))
        score = score_output(loaded, item, output)
    except Exception as error:  # noqa: BLE001 - an item's fault is a row with its traceback
        return Score.failed(f"{type(error).__name__}: {error}", traceback.format_exc())
    assert score is not None
    return score
