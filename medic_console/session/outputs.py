"""Outputs to be scored without a model: from a file of outputs, from an official submission, or from a stored run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from medic_console.archive.views import Call, ModelView
from medic_console.core.errors import ItemsError, UsageError
from medic_console.core.naming import called, full
from medic_console.core.records import Answer, FinishReason, Output
from medic_console.core.run_settings import RunSettings
from medic_console.core.small_files import read_text
from medic_console.core.strange_json import load, whole_text
from medic_console.core.unpacking import most_unpacked
from medic_console.engine.child.thinking import split_thinking
from medic_console.engine.files.named import fitting_or_file
from medic_console.engine.template.loose_marks import unknown_mark
from medic_console.results.reader import Reader
from medic_console.scoring.answers.read import read_answer
from medic_console.scoring.candidate import final_output
from medic_console.session.audit import restore_task
from medic_console.suite.items import LoadedTask

SUBMITTED = "medec"
"""Reader of answers whose benchmark has an official submission file, `text_id flag sentence_id "correction"` a line.

Source of the format: abachaa/MEDIQA-CORR-2024, README and `parse_run_submission_file` of the evaluation scripts. A line
in another form is ignored there, and a note without a line counts as wrong.
"""
_LINE = re.compile(r"(?P<id>\S+)\s+[0-9]+\s+-?[0-9]+\s+\S.*")


@dataclass(frozen=True, slots=True)
class Outputs:
    """Outputs by item id, and what a person should know about where they come from."""

    by_item: Mapping[str, Output]
    notes: tuple[str, ...] = ()


def read_outputs(path: Path, loaded: LoadedTask) -> Outputs:
    """Read JSONL of {"id", "text"}, or for MEDEC a submission.

    Raises:
        ItemsError: The file cannot be read, a line is none, or an id fits no item or is there twice.
    """
    text = _text(path)
    if loaded.task.answer_reader == SUBMITTED and is_submission(text):
        return _submission(path, text, loaded)
    known = {item.id for item in loaded.items}
    found: dict[str, Output] = {}
    for number, record in records(path):
        key, said = record.get("id"), record.get("text")
        if not isinstance(said, str) or not isinstance(key, str | int):
            raise ItemsError(f'{path}, line {number}: expected {{"id": ..., "text": "..."}}.', "Correct that line.")
        _add(found, f"{path}, line {number}", str(key), said, known)
    return _with_thoughts_told(found)


def outputs_of(texts: Mapping[str, object], loaded: LoadedTask) -> Outputs:
    """Return texts by item id as outputs.

    Raises:
        ItemsError: An id fits no item, or something is no text: an empty cell of a table would else be read as words.
    """
    known = {item.id for item in loaded.items}
    found: dict[str, Output] = {}
    for key, text in texts.items():
        where = f"texts for {loaded.task.id}"
        if not isinstance(text, str):
            raise ItemsError(f"{where}: {text!r} for id {key} is no text.", "Leave out items that have none.")
        _add(found, where, str(key), text, known)
    return _with_thoughts_told(found)


def _with_thoughts_told(found: Mapping[str, Output]) -> Outputs:
    thoughtful = sum(bool(output.thinking) for output in found.values())
    apart = f"{thoughtful:,} of {len(found):,} outputs begin with thoughts, which are set apart from the answer."
    unknown = [mark for output in found.values() if output.thinking_closed and (mark := unknown_mark(output.text))]
    strange = (
        f"{len(unknown):,} of {len(found):,} outputs begin with a mark that is not known, such as {unknown[0]}: "
        "what stands behind it is read as the answer."
        if unknown
        else ""
    )
    return Outputs(found, tuple(note for note in (apart if thoughtful else "", strange) if note))


def _submission(path: Path, text: str, loaded: LoadedTask) -> Outputs:
    """The reader of answers finds a note's line by its id, so a line is an output as it is."""
    known = {item.id for item in loaded.items}
    found: dict[str, Output] = {}
    ignored: list[int] = []
    for number, line in enumerate(text.splitlines(), 1):
        key = parse_line(line)
        if key:
            _add(found, f"{path}, line {number}", key, line.strip(), known)
        elif line.strip():
            ignored.append(number)
    if not ignored:
        return Outputs(found)
    lines = f"{len(ignored)} line{'s are' if len(ignored) > 1 else ' is'} not in the submission format and ignored"
    return Outputs(found, (f"{lines}; the first is line {ignored[0]}.",))


def _add(found: dict[str, Output], where: str, key: str, text: str, known: Set[str]) -> None:
    if key in found:
        raise ItemsError(f"{where}: id {key} was given before.", "Give each id once.")
    if key not in known:
        raise ItemsError(
            f"{where}: no item has the id {key}.",
            "Use the ids of the same items file (--items or --data); they are printed by score --json.",
        )
    split = split_thinking(whole_text(text))
    found[key] = Output(split.answer, FinishReason.STOP, thinking=split.thinking, thinking_closed=split.closed)


def write_submission(path: Path, loaded: LoadedTask, outputs: Mapping[str, Output]) -> int:
    """Write the answers as a submission and return their number; an output without a readable answer has no line.

    Raises:
        UsageError: The task has no official submission file, or the file cannot be written.
    """
    if loaded.task.answer_reader != SUBMITTED:
        raise UsageError(f"{loaded.task.id} has no official submission file.", "Leave --submission out.")
    lines = []
    for item in loaded.items:
        output = outputs.get(item.id)
        answer = read_answer(SUBMITTED, output.text, item) if output is not None else None
        if isinstance(answer, Answer):
            lines.append(submission_line(str(item.fields.get("text_id", item.id)), answer.value) + "\n")
    try:
        path.write_text("".join(lines), "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}).", "Name another file.") from error
    return len(lines)


def of_run(archive: Path, run: str, task: str, model: str) -> tuple[LoadedTask, Outputs]:
    """Return a task of a stored run with the outputs of one candidate.

    Args:
        model: Name or beginning of the sha256 of the candidate; empty when there is one only.

    Raises:
        ArchiveError: There is no such run, or it has no such task.
        UsageError: The candidate is not named, or is none.
    """
    with closing(Reader(archive)) as reader:
        reader.run(run)
        candidate = _candidate(reader.run_models(run, "candidate"), model)
        reader.task(run, task)
        asking = RunSettings(**reader.settings(run)).asking
        row = next(row for row in reader.run_tasks(run) if row["task"] == task)
        loaded = restore_task(reader, run, row, asking)
        loaded = replace(loaded, task=reader.task_of(run, task, candidate.sha256))
        traces = [(item.id, reader.trace(run, task, item.id, candidate.sha256, "")) for item in loaded.items]
    found = {item: _whole(loaded, [c for c in trace.calls if c.of_candidate]) for item, trace in traces}
    note = f"The outputs are those of {called(candidate)} in run {run}."
    return loaded, Outputs({item: output for item, output in found.items() if output is not None}, (note,))


def _candidate(models: Sequence[ModelView], named: str) -> ModelView:
    found = fitting_or_file(named, models) if named else models
    if len(found) != 1:
        names = ", ".join(map(full, models))
        raise UsageError(f"--model {named or '(none)'} names no single candidate of the run.", f"Name one of: {names}.")
    return found[0]


def _whole(loaded: LoadedTask, calls: Sequence[Call]) -> Output | None:
    """Return what the candidate wrote for an item: of a task with a follow-up both texts; None before it is whole."""
    return final_output(loaded, {call.step: call.output for call in calls})


def records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each JSON object of a JSONL file with its line.

    Raises:
        ItemsError: The file cannot be read, or a line is no JSON object.
    """
    for number, line in enumerate(_text(path).split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = load(line)
        except ValueError as error:
            raise ItemsError(f"{path}, line {number}: not JSON ({error}).", "One JSON object a line.") from error
        if not isinstance(record, dict):
            raise ItemsError(f"{path}, line {number}: not a JSON object.", "One JSON object a line.")
        yield number, record


def _text(path: Path) -> str:
    try:
        return read_text(path, "utf-8-sig", most_unpacked())
    except (OSError, UnicodeDecodeError) as error:
        raise ItemsError(f"{path}: cannot be read ({error}).", "Name a JSONL file in UTF-8.") from error


def is_submission(text: str) -> bool:
    """Tell whether a file's first filled line is a line of a submission."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return _LINE.fullmatch(first.strip()) is not None


def parse_line(line: str) -> str:
    """Return the id of the note that a line of a submission speaks of; empty when it is no such line."""
    match = _LINE.fullmatch(line.strip())
    return match["id"] if match else ""


def submission_line(text_id: str, answer: Mapping[str, Any]) -> str:
    """Return the line that states an answer.

    Args:
        answer: As the `medec` reader returns it.
    """
    correction = " ".join(str(answer["correction"] or "").split()).strip('" ')
    stated = f'"{correction}"' if correction and int(answer["flag"]) else "NA"
    return f"{text_id} {answer['flag']} {answer['sentence_id']} {stated}"
