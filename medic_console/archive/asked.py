"""What was asked of models in a run, as their outputs tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from medic_console.archive.rows import output_of
from medic_console.archive.views import Call

Rows = Callable[..., list[dict[str, Any]]]
"""Runs a query with its values."""


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
    return tuple(json.loads(found[0]["notes"] or "[]")) if found else ()


def calls_of(rows: Rows, run: str, task: str, item: str, candidate: str, judge: str) -> tuple[Call, ...]:
    """Return the requests that were made about an item: the candidate's, then a judge's (empty: none)."""
    found = rows(
        "SELECT calls.step, calls.model AS caller, outputs.*, prompts.content, engines.granted, "
        "templates.text AS template FROM calls "
        "JOIN outputs ON outputs.id = calls.output JOIN prompts ON prompts.digest = outputs.prompt "
        "JOIN engines ON engines.digest = outputs.engine "
        "LEFT JOIN templates ON templates.digest = json_extract(engines.granted, '$.rendering.template') "
        "WHERE calls.run = ? AND calls.task = ? AND calls.item = ? AND calls.candidate = ? "
        "AND (calls.step IN ('answer', 'answer-2') OR calls.model = ?) "
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
