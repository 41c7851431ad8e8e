"""`score`: score outputs that were made elsewhere, or stored ones anew; no model is loaded."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from medic_console.commands.options import add_common, archive_of
from medic_console.commands.scored import report
from medic_console.scoring.scorers.toolchain import versions_of
from medic_console.session.outputs import of_run, read_outputs, write_submission
from medic_console.session.scoring import ScoredTask, scorable, score_all, score_given


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
    scored = _scored(asked)
    loaded, notes = scored.loaded, list(scored.notes)
    if asked.submission is not None:
        written = write_submission(asked.submission, loaded, scored.outputs)
        notes.append(f"{written} of {len(loaded.items)} answers were written to {asked.submission}.")
    head = {
        "task": loaded.task.id,
        "task_version": loaded.task.version,
        "items_origin": loaded.origin,
        "scorer": scored.scorer,
        "libraries": versions_of(loaded.task.scorer, asked.encoder is not None),
        "multiple_choice": loaded.task.multiple_choice,
        "notes": notes,
    }
    return report(head, [item.id for item in loaded.items], scored.scores, scored.metrics, as_json)


def _scored(asked: Scoring) -> ScoredTask:
    task = scorable(asked.task)
    if asked.outputs is None:
        return score_all(*of_run(asked.archive, asked.run, asked.task, asked.model), asked.encoder)
    return score_given(task, partial(read_outputs, asked.outputs), asked.data, asked.items, asked.encoder)
