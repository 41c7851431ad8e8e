"""Stage 1: task files (TOML) to tasks. Strict: a file with a fault is unusable, the others still load."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from medic_console.core.digest import digest
from medic_console.core.errors import TaskFileError, sentence
from medic_console.core.records import Dimension
from medic_console.core.small_files import read_text
from medic_console.core.toml_schema import Key, SchemaFault, check, line_of, parse
from medic_console.suite.judging import METHODS, is_gone, judge_keys, judge_spec
from medic_console.suite.prompts import odd_placeholder, placeholders
from medic_console.suite.task import Example, FollowUpSpec, ItemsSpec, LabelNoise, MetricSpec, PromptSpec, Source, Task

_MOST_TOKENS = 1_000_000
"""Above what any model of today reads in one prompt."""
_LETTERS = tuple(str(dimension) for dimension in Dimension)
_TEXT, _TEXTS, _INTEGER = Key("text"), Key("texts"), Key("integer")
SCHEMA: Mapping[str, Key] = {
    "id": _TEXT,
    "title": _TEXT,
    "version": _TEXT,
    "rows": _TEXTS,
    "description": _TEXT,
    "dimensions": Key(
        "table", keys={"primary": Key("texts", choices=_LETTERS), "secondary": Key("texts", choices=_LETTERS)}
    ),
    "source": Key(
        "table",
        keys={
            "name": _TEXT,
            "citation": _TEXT,
            "licence": _TEXT,
            "access": Key("text", choices=("open", "credentialed")),
            "obtain": _TEXT,
        },
    ),
    "items": Key(
        "table",
        keys={"reader": _TEXT, "samples": _TEXT, "files": _TEXTS, "database": Key("text", required=False)},
    ),
    "prompt": Key(
        "table",
        keys={
            "mode": Key("text", choices=("choose", "generate")),
            "system": Key("text", required=False),
            "user": Key("text", required=False),
            "max_tokens": _INTEGER,
            "stop": Key("texts", required=False),
            "labels": Key("text", required=False),
            "conversation": Key("text", required=False),
            "shots": Key("integer", required=False),
            "examples": Key("tables", required=False, keys={"fields": Key("values"), "answer": _TEXT}),
        },
    ),
    "follow_up": Key(
        "table",
        required=False,
        keys={
            "first": _TEXT,
            "second": _TEXT,
            "system": Key("text", required=False),
            "user": _TEXT,
            "max_tokens": _INTEGER,
        },
    ),
    "answer": Key("table", keys={"reader": _TEXT}),
    "scoring": Key("table", keys={"scorer": _TEXT}),
    "label_noise": Key("table", required=False, keys={"share": Key("number"), "labels": _TEXT, "source": _TEXT}),
    "metrics": Key(
        "tables",
        keys={
            "id": _TEXT,
            "title": _TEXT,
            "primary": Key("flag"),
            "better": Key("text", choices=("higher", "lower")),
        },
    ),
}


@dataclass(frozen=True, slots=True)
class TaskSet:
    """All task files of a folder.

    Attributes:
        tasks: Usable tasks by id.
        faults: One error for each unusable file.
    """

    tasks: Mapping[str, Task]
    faults: tuple[TaskFileError, ...]


def load_tasks(folder: Path, *more: Path) -> TaskSet:
    """Read every `*/task.toml` below the folders; a later folder's task replaces one of the same id."""
    tasks: dict[str, Task] = {}
    faults: list[TaskFileError] = []
    for root in (folder, *more):
        for path in sorted(root.glob("*/task.toml")):
            try:
                task = read_task(path)
            except TaskFileError as error:
                faults.append(error)
            else:
                tasks[task.id] = task
    return TaskSet(tasks, tuple(faults))


def read_task(path: Path) -> Task:
    """Read one task file.

    Raises:
        TaskFileError: The file cannot be read or breaks the schema; names file, line and key.
    """
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, 0, str(error)) from error
    task = parse_task(text, path)
    _check_files(task, path)
    return task


def parse_task(text: str, path: Path, stored: bool = False) -> Task:
    """Return the task of a file's text; `path` is where it lies or lay.

    Args:
        stored: The text is an archive's: its judge method may be one of a package that is not installed any more.

    Raises:
        TaskFileError: The text breaks the schema.
    """
    try:
        record = parse(text)
        checked = {key: value for key, value in record.items() if key != "judge" or not (stored and is_gone(value))}
        check(checked, _schema(checked, text), text)
        _check_rules(checked, text)
    except SchemaFault as error:
        raise _fault(path, error.line, error.message) from error
    return _task(record, text, path)


def task_text(record: Mapping[str, Any]) -> str:
    """Return the text of a task file with this content; `parse_task` reads it."""
    return tomlkit.dumps(record)


def _fault(path: Path, line: int, message: str) -> TaskFileError:
    where = f"{path}, line {line}" if line else str(path)
    return TaskFileError(
        sentence(f"{where}: {message}"), f"Correct the file, then check it: medic-console tasks check {path}"
    )


def _schema(record: Mapping[str, Any], text: str) -> Mapping[str, Key]:
    """The judge's table has the keys of its method; a task without a judge needs no method to be known."""
    if "judge" not in record:
        return {**SCHEMA, "judge": Key("table", required=False)}
    judge = record["judge"]
    if is_gone(judge):
        known = f"install the package that brings it, or use one of: {', '.join(METHODS)}"
        raise SchemaFault(
            f'there is no judge method "{judge["method"]}"; {known}', line_of(text, ("judge",), "method"), ("judge",)
        )
    method = judge.get("method") if isinstance(judge, dict) else None
    return {**SCHEMA, "judge": Key("table", required=False, keys=judge_keys(method))}


def _check_rules(record: Mapping[str, Any], text: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", record["id"]):
        raise SchemaFault(
            f'"id" is "{record["id"]}", it must be lower-case letters, digits and _', line_of(text, (), "id")
        )
    if sum(metric["primary"] for metric in record["metrics"]) != 1:
        raise SchemaFault('exactly one of "metrics" must be primary', line_of(text, ("metrics",), ""))
    for table in ("prompt", "follow_up"):
        if table in record and not 1 <= record[table]["max_tokens"] <= _MOST_TOKENS:
            must = f"must be at least 1 and at most {_MOST_TOKENS:,}"
            raise SchemaFault(f'"{table}.max_tokens" {must}', line_of(text, (table,), "max_tokens"))
        for key in ("system", "user"):
            if odd := odd_placeholder(record.get(table, {}).get(key, "")):
                said = f'"{table}.{key}" holds {odd}: a placeholder is a name in braces; a brace itself is {{{{'
                raise SchemaFault(said, line_of(text, (table,), key))
    prompt = record["prompt"]
    if prompt["mode"] == "choose" and not prompt.get("labels"):
        raise SchemaFault('"prompt.labels" is needed in mode choose', line_of(text, ("prompt",), ""))
    if bool(prompt.get("user")) == bool(prompt.get("conversation")):
        raise SchemaFault('"prompt" needs either "user" or "conversation"', line_of(text, ("prompt",), ""))
    _check_examples(record, text)
    if "follow_up" in record:
        _check_follow_up(record, text)
    if not 0 <= record.get("label_noise", {}).get("share", 0) <= 1:
        raise SchemaFault('"label_noise.share" must be 0 to 1', line_of(text, ("label_noise",), "share"))
    if "judge" in record:
        _check_judge(record, text)


def _check_examples(record: Mapping[str, Any], text: str) -> None:
    prompt = record["prompt"]
    examples, shots = prompt.get("examples", []), prompt.get("shots", 0)
    if not 0 <= shots <= len(examples):
        line = line_of(text, ("prompt",), "shots")
        raise SchemaFault(f'"prompt.shots" is {shots}, it must be 0 to {len(examples)}, the number of examples', line)
    first = line_of(text, ("prompt", "examples"), "")
    if examples and ("follow_up" in record or not prompt.get("user")):
        raise SchemaFault('"prompt.examples" goes with "prompt.user" and no "follow_up"', first)
    for number, example in enumerate(examples, 1):
        labels = example["fields"].get(prompt.get("labels", ""))
        if labels is not None and example["answer"] not in labels:
            named = ", ".join(labels)
            raise SchemaFault(f'"answer" of example {number} is "{example["answer"]}", its labels are {named}', first)


def _check_follow_up(record: Mapping[str, Any], text: str) -> None:
    judge = record.get("judge")
    if record["prompt"]["mode"] != "generate" or (judge and not METHODS[judge["method"]].two_texts):
        fit = ", ".join(name for name, form in METHODS.items() if form.two_texts)
        raise SchemaFault(
            f'"follow_up" goes with mode generate, and with no judge but {fit}', line_of(text, ("follow_up",), "")
        )
    if record["follow_up"]["first"] == record["follow_up"]["second"]:
        line = line_of(text, ("follow_up",), "second")
        raise SchemaFault('"follow_up.first" and "follow_up.second" must differ', line)


def _check_judge(record: Mapping[str, Any], text: str) -> None:
    judge = record["judge"]
    for key, names in METHODS[judge["method"]].placeholders.items():
        if odd := sorted(placeholders(judge[key]) ^ names):
            known = ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
            raise SchemaFault(
                f'"judge.{key}" must hold the placeholders {known} and no others ({odd[0]})',
                line_of(text, ("judge",), key),
            )
    for key in ("questions", "max_tokens"):
        if judge.get(key, 1) < 1:
            raise SchemaFault(f'"judge.{key}" must be at least 1', line_of(text, ("judge",), key))


def _check_files(task: Task, path: Path) -> None:
    for name in (task.items.samples, task.items.database):
        if name and not (path.parent / name).is_file():
            raise _fault(path, line_of(task.text, ("items",), ""), f'"items" names {name}, which is not beside it')


def _task(record: Mapping[str, Any], text: str, path: Path) -> Task:
    items, judge = record["items"], record.get("judge")
    follow_up = record.get("follow_up")
    keys = ("id", "version", "prompt", "follow_up", "answer", "scoring")
    deciding = {key: record[key] for key in keys if key in record}
    return Task(
        id=record["id"],
        title=record["title"],
        version=record["version"],
        rows=tuple(record["rows"]),
        description=record["description"].strip(),
        primary=tuple(Dimension(letter) for letter in record["dimensions"]["primary"]),
        secondary=tuple(Dimension(letter) for letter in record["dimensions"]["secondary"]),
        source=Source(**record["source"]),
        items=ItemsSpec(items["reader"], items["samples"], tuple(items["files"]), items.get("database", "")),
        prompt=_prompt(record["prompt"]),
        answer_reader=record["answer"]["reader"],
        scorer=record["scoring"]["scorer"],
        metrics=tuple(MetricSpec(**metric) for metric in record["metrics"]),
        judge=judge_spec(judge) if judge else None,
        text=text,
        digest=digest({**deciding, "judge": judge}),
        folder=str(path.parent),
        follow_up=FollowUpSpec(**follow_up) if follow_up else None,
        label_noise=LabelNoise(**record["label_noise"]) if "label_noise" in record else None,
    )


def _prompt(record: Mapping[str, Any]) -> PromptSpec:
    examples = tuple(Example(example["fields"], example["answer"].strip()) for example in record.get("examples", ()))
    return PromptSpec(**{"user": "", **record, "stop": tuple(record.get("stop", ())), "examples": examples})
