"""What was asked of models in a run, as their outputs tell."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from medic_console.archive.rows import output_of
from medic_console.archive.views import Call, LabelMass
from medic_console.core.records import AUDIT
from medic_console.core.run_settings import Asking
from medic_console.scoring.steps import ANSWER, FOLLOW_UP, WEIGHED

if TYPE_CHECKING:
    from medic_console.suite.task import Task

Rows = Callable[..., list[dict[str, Any]]]
"""Runs a query with its values."""
_RUNS = 20
"""Newest audits of a model that say how long its answers are."""


def prompt_notes(rows: Rows, run: str, task: str, candidate: str) -> tuple[str, ...]:
    """Return what a person should know of how a candidate's prompts came about; of any output, as all are alike."""
    found = rows(
        "SELECT json_extract(granted, '$.rendering.notes') AS notes FROM calls "
        "JOIN outputs ON outputs.id = calls.output JOIN engines ON engines.digest = outputs.engine "
        "WHERE calls.run = ? AND calls.task = ? AND calls.candidate = ? AND calls.model = calls.candidate LIMIT 1",
        run,
        task,
        candidate,
    )
    notes = json.loads(found[0]["notes"] or "[]") if found else []
    return (*notes, *served_before(rows, run, task, candidate))


def served_before(rows: Rows, run: str, task: str, candidate: str) -> tuple[str, ...]:
    """Return of which served models another one had answered at the same address in an earlier run.

    Args:
        rows: Runs a query with its values.
        run: Id of the run.
        task: Of the run; its judges count where they judged it.
        candidate: Its sha256, or what stands for one.

    Returns:
        A sentence, without its full stop, for each of candidate and judges that it holds of.
    """
    found = rows(
        "SELECT now.role, now.file, other.run, a.metadata AS is_now, b.metadata AS was FROM run_models now "
        "JOIN runs here ON here.id = now.run JOIN models a ON a.sha256 = now.sha256 "
        "JOIN run_models other ON other.file = now.file AND other.sha256 != now.sha256 "
        "JOIN models b ON b.sha256 = other.sha256 JOIN runs before ON before.id = other.run "
        "WHERE now.run = ?1 AND (before.created, before.id) < (here.created, here.id) AND (now.file LIKE 'http://%' "
        "OR now.file LIKE 'https://%') AND (now.role = 'candidate' AND now.sha256 = ?3 OR now.role = 'judge' AND "
        "EXISTS (SELECT 1 FROM scores WHERE run = ?1 AND task = ?2 AND candidate = ?3 AND judge = now.sha256)) "
        "ORDER BY now.role, now.position, before.created, before.id",
        run,
        task,
        candidate,
    )
    newest = {(row["role"], row["file"]): row for row in found}
    return tuple(
        f"{'its judge at ' if role == 'judge' else ''}{file} stood for another model before, in run {row['run']}: "
        + _otherwise(json.loads(row["was"]), json.loads(row["is_now"]))
        for (role, file), row in newest.items()
    )


def _otherwise(was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Return what of a served model is otherwise, by what its record says."""
    first, second = (f"{one.get('server', '')} {one.get('build', '')}".strip() for one in (was, now))
    told = [f"the server was {first} and is {second}"] if first != second else []
    if was.get("fingerprint") != now.get("fingerprint"):
        told.append("its answers to fixed questions are others")
    return ", and ".join(told)


def shapes(rows: Rows, run: str, task: str, candidate: str) -> tuple[str, ...]:
    """Return in which shapes of the computation a candidate answered: several where a run was resumed otherwise."""
    found = rows(
        "SELECT DISTINCT granted FROM calls JOIN outputs ON outputs.id = calls.output "
        "JOIN engines ON engines.digest = outputs.engine "
        "WHERE calls.run = ? AND calls.task = ? AND calls.candidate = ? AND calls.model = calls.candidate "
        "ORDER BY engines.digest",
        run,
        task,
        candidate,
    )
    return tuple(dict.fromkeys(shape_in_words(json.loads(row["granted"])) for row in found))


def shape_in_words(granted: Mapping[str, Any]) -> str:
    """Return "8 sequences, streams", or "one sequence, nothing shared"; and on how many engines, or behind a server."""
    if granted.get("served"):
        number = granted.get("parallel", 1)
        return f"behind a server, {'one request at a time' if number == 1 else f'up to {number} requests together'}"
    number, workers = granted.get("parallel", 1), granted.get("workers", 1)
    spread = f", on {workers} engines" if workers > 1 else ""
    if number == 1:
        return ("one sequence" if granted.get("shares_prefixes", True) else "one sequence, nothing shared") + spread
    return f"{number} sequences, {granted.get('cache', 'unified')}{spread}"


def at_once(granted: Mapping[str, Any]) -> int:
    """Return how many prompts are decoded at the same time, on all engines."""
    return int(granted["parallel"]) * int(granted.get("workers", 1))


def asked_of(rows: Rows, run: str, task: Task, candidate: str) -> Task:
    """Return a task as a candidate was asked: for text, where its labels held too little to choose by them.

    Args:
        task: As the run asks.
    """
    if task.multiple_choice != "likelihood":
        return task
    found = rows(
        "SELECT scorer FROM scores WHERE run = ? AND task = ? AND candidate = ? LIMIT 1", run, task.id, candidate
    )
    written = bool(found) and "generated" in found[0]["scorer"].split(", ")
    if not written:
        return task
    from medic_console.suite.ask_options import as_asked

    return as_asked(task, Asking("generated"))


def label_mass(rows: Rows, run: str, task: str, candidate: str) -> LabelMass | None:
    """Return what the labels of a task hold under a candidate; None where none were weighed."""
    found = rows(
        "SELECT calls.step = ? AS first, avg(1 - outside) AS held, count(*) AS n FROM calls "
        "JOIN outputs ON outputs.id = calls.output WHERE calls.run = ? AND calls.task = ? AND calls.candidate = ? "
        "AND calls.model = calls.candidate AND calls.step IN (?, ?) AND probabilities <> '{}' "
        "GROUP BY calls.step ORDER BY first LIMIT 1",
        WEIGHED,
        run,
        task,
        candidate,
        ANSWER,
        WEIGHED,
    )
    return LabelMass(found[0]["held"], found[0]["n"], bool(found[0]["first"])) if found else None


def calls_of(rows: Rows, run: str, task: str, item: str, candidate: str, judge: str) -> tuple[Call, ...]:
    """Return the requests that were made about an item: the candidate's, then a judge's (empty: none)."""
    found = rows(
        "SELECT calls.step, calls.model AS caller, outputs.*, prompts.content, engines.granted, "
        "templates.text AS template FROM calls "
        "JOIN outputs ON outputs.id = calls.output JOIN prompts ON prompts.digest = outputs.prompt "
        "JOIN engines ON engines.digest = outputs.engine "
        "LEFT JOIN templates ON templates.digest = json_extract(engines.granted, '$.rendering.template') "
        "WHERE calls.run = ? AND calls.task = ? AND calls.item = ? AND calls.candidate = ? "
        "AND (calls.step IN ('answer', 'answer-2') OR calls.model = ?) AND NOT (calls.step = 'labels' AND EXISTS "
        "(SELECT 1 FROM calls AS again WHERE again.run = calls.run AND again.task = calls.task "
        "AND again.item = calls.item AND again.candidate = calls.candidate AND again.step = 'answer' "
        "AND again.output = calls.output)) "
        "ORDER BY calls.step NOT IN ('answer', 'answer-2'), calls.step",
        run,
        task,
        item,
        candidate,
        judge or candidate,
    )
    return tuple(
        Call(
            step=row["step"],
            model=row["model"],
            output=output_of(row),
            prompt=json.loads(row["content"]),
            granted=json.loads(row["granted"]),
            created=row["created"],
            sitting=row["sitting"],
            template=row["template"] or "",
        )
        for row in found
    )


def written_of(rows: Rows, sha256: str) -> dict[str, tuple[float, int]]:
    """Return the mean tokens and the number of the answers that a candidate wrote in its newest audits, by task."""
    found = rows(
        "SELECT calls.task, avg(output_tokens) AS mean, count(*) AS n FROM calls JOIN outputs ON outputs.id = output "
        "WHERE calls.run IN (SELECT run FROM run_models JOIN runs ON runs.id = run WHERE sha256 = ? "
        "AND role = 'candidate' AND kind = ? ORDER BY run DESC LIMIT ?) "
        "AND candidate = ? AND calls.model = candidate AND step IN (?, ?) AND probabilities = '{}' GROUP BY calls.task",
        *(sha256, AUDIT, _RUNS, sha256, ANSWER, FOLLOW_UP),
    )
    return {row["task"]: (float(row["mean"]), int(row["n"])) for row in found}
