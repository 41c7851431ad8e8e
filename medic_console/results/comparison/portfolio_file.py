"""Use cases as data: which tasks, metrics and thresholds a model must meet. Strict, as task files are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from medic_console.core import paths
from medic_console.core.errors import TaskFileError, sentence
from medic_console.core.small_files import read_text
from medic_console.core.toml_schema import Key, SchemaFault, check, line_of, parse
from medic_console.suite.task import Task

FILE_NAME = "portfolio.toml"
"""Beside the task folders; a file of the same name in the config folder goes before it."""
EXAMPLES = "Thresholds are examples: a site sets its own before it decides."

ANSWERED, ITEMS = 0.95, 30
"""What a requirement asks for where it says nothing."""

_TEXT = Key("text")
_SCHEMA: Mapping[str, Key] = {
    "use_cases": Key(
        "tables",
        keys={
            "id": _TEXT,
            "title": _TEXT,
            "why": _TEXT,
            "set_by": Key("text", required=False),
            "set_on": Key("text", required=False),
            "requirements": Key(
                "tables",
                keys={
                    "task": _TEXT,
                    "metric": _TEXT,
                    "threshold": Key("number"),
                    "better": Key("text", choices=("higher", "lower")),
                    "answered": Key("number", required=False, least=0, most=1),
                    "items": Key("integer", required=False, least=1),
                    "reviewed": Key("number", required=False, least=0),
                },
            ),
        },
    )
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One threshold, in the metric's own unit.

    Attributes:
        better: `higher` or `lower` values pass.
        answered: Least share of items with a whole answer, 0 to 1; the lower end of its interval must reach it.
        items: Least number of items.
        reviewed: Least number of questions that people settled, or with `reviewed_share` their share of all, 0 to 1.
    """

    task: str
    metric: str
    threshold: float
    better: str
    answered: float = ANSWERED
    items: int = ITEMS
    reviewed: float = 0
    reviewed_share: bool = False


@dataclass(frozen=True, slots=True)
class UseCase:
    """A job that a model may be given.

    Attributes:
        why: What is at stake, in a sentence.
        set_by: Who set the thresholds; empty where the file does not say.
        set_on: When, as the file says it.
    """

    id: str
    title: str
    why: str
    requirements: tuple[Requirement, ...]
    set_by: str = ""
    set_on: str = ""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Use cases, and where they are written.

    Attributes:
        bundled: The file is the one that came with the console: its thresholds are examples.
    """

    path: Path
    use_cases: tuple[UseCase, ...]
    bundled: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Another threshold for one requirement.

    Attributes:
        case: Id of the use case.
        number: Of the requirement within it, from 0.
        set_on: Day, as `YYYY-MM-DD`.
    """

    case: str
    number: int
    task: str
    metric: str
    threshold: float
    set_by: str
    set_on: str


def load_portfolio(bundled: Path, own: Path, tasks: Mapping[str, Task]) -> Portfolio:
    """Read the site's own file where there is one, else the bundled one.

    Raises:
        TaskFileError: The file cannot be read or breaks the schema; names file, line and key.
    """
    path = own if own.exists() else bundled
    return Portfolio(path, read_use_cases(path, tasks), path == bundled)


def read_use_cases(path: Path, tasks: Mapping[str, Task]) -> tuple[UseCase, ...]:
    """Read one file.

    Raises:
        TaskFileError: As `load_portfolio` does.
    """
    try:
        text = read_text(path)
        record = parse(text)
        check(record, _SCHEMA, text)
        _check_rules(record, text, tasks)
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(path, 0, str(error)) from error
    except SchemaFault as error:
        raise _fault(path, error.line, error.message) from error
    return tuple(_use_case(entry) for entry in record["use_cases"])


def save_threshold(portfolio: Portfolio, own: Path, tasks: Mapping[str, Task], change: Change) -> None:
    """Write one threshold into the site's own file, with who set it and when; all else stays, comments too.

    Args:
        portfolio: As it was read. Where it is the bundled one, its text is what the own file begins with.
        own: The site's file, beside the settings.

    Raises:
        TaskFileError: The file cannot be read or written, was changed meanwhile, or would break the schema.
    """
    try:
        document = tomlkit.parse(read_text(own if own.exists() else portfolio.path))
        found: Any = document
        entry = next(one for one in found["use_cases"] if one["id"] == change.case)
        requirement = entry["requirements"][change.number]
        if (requirement["task"], requirement["metric"]) != (change.task, change.metric):
            raise _fault(own, 0, "the file was changed meanwhile, and nothing was written")
        requirement["threshold"] = change.threshold
        entry["set_by"], entry["set_on"] = change.set_by, change.set_on
        text = tomlkit.dumps(document)
        record = parse(text)
        check(record, _SCHEMA, text)
        _check_rules(record, text, tasks)
        paths.write_own(own, text)
    except (OSError, UnicodeDecodeError) as error:
        raise _fault(own, 0, f"not changed: {error}") from error
    except (SchemaFault, TOMLKitError) as error:
        raise _fault(own, 0, f"not changed: {error}") from error
    except (StopIteration, LookupError) as error:
        raise _fault(own, 0, "the file was changed meanwhile, and nothing was written") from error


def _use_case(entry: Mapping[str, Any]) -> UseCase:
    requirements = tuple(
        Requirement(
            r["task"],
            r["metric"],
            float(r["threshold"]),
            r["better"],
            float(r.get("answered", ANSWERED)),
            r.get("items", ITEMS),
            float(r.get("reviewed", 0)),
            isinstance(r.get("reviewed", 0), float),
        )
        for r in entry["requirements"]
    )
    said = (entry["id"], entry["title"], entry["why"].strip())
    return UseCase(*said, requirements, entry.get("set_by", "").strip(), entry.get("set_on", "").strip())


def _check_rules(record: Mapping[str, Any], text: str, tasks: Mapping[str, Task]) -> None:
    seen: set[str] = set()
    for entry in record["use_cases"]:
        if entry["id"] in seen:
            raise SchemaFault(f'the use case "{entry["id"]}" was given before', _line_with(text, "id", entry["id"], 2))
        seen.add(entry["id"])
        if not entry["requirements"]:
            raise SchemaFault(f'the use case "{entry["id"]}" requires nothing', _line_with(text, "id", entry["id"]))
        for requirement in entry["requirements"]:
            _check_requirement(requirement, text, tasks)


def _check_requirement(requirement: Mapping[str, Any], text: str, tasks: Mapping[str, Task]) -> None:
    name, metric = requirement["task"], requirement["metric"]
    if not math.isfinite(requirement["threshold"]):
        raise SchemaFault(f'"threshold" of {name}, {metric} must be finite', _line_with(text, "task", name))
    asked = requirement.get("reviewed", 0)
    if isinstance(asked, float) and not asked <= 1:
        told = f'"reviewed" of {name}, {metric} is a whole number of questions, or a share from 0.0 to 1.0'
        raise SchemaFault(told, _line_with(text, "task", name))
    if name not in tasks:
        raise SchemaFault(f'there is no task "{name}"; tasks: {", ".join(tasks)}', _line_with(text, "task", name))
    specs = {spec.id: spec for spec in tasks[name].metrics}
    if metric not in specs:
        known = ", ".join(specs)
        raise SchemaFault(
            f'the task "{name}" has no metric "{metric}", only {known}', _line_with(text, "metric", metric)
        )
    if specs[metric].better != requirement["better"]:
        better = specs[metric].better
        raise SchemaFault(f'"better" of {name}, {metric} must be "{better}"', _line_with(text, "metric", metric))


def _line_with(text: str, key: str, value: str, nth: int = 1) -> int:
    """Return the line of the n-th `key = "value"`; that of the first use case when there is none."""
    wanted = f'{key} = "{value}"'
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(wanted)]
    return lines[nth - 1] if len(lines) >= nth else line_of(text, ("use_cases",), "")


def _fault(path: Path, line: int, message: str) -> TaskFileError:
    where = f"{path}, line {line}" if line else str(path)
    return TaskFileError(sentence(f"{where}: {message}"), "Correct the file; the bundled one shows the form.")
