"""Rows of the archive's tables to records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from medic_console.archive.views import ModelView, TaskView
from medic_console.metrics import TaskResult
from medic_console.records import CefTrace, CrossAnswer, FinishReason, Label, Outcome, Output, Reason, Score, SqlResult


def model_of(row: Mapping[str, Any]) -> ModelView:
    """Return the model of a row of `models`, with its file and number of runs."""
    return ModelView(
        sha256=row["sha256"],
        name=row["name"],
        size=row["size"],
        architecture=row["architecture"],
        quantisation=row["quantisation"],
        parameters=row["parameters"],
        context=row["context"],
        metadata=json.loads(row["metadata"]),
        file=row["file"],
        runs=row["runs"],
    )


def task_result_of(view: TaskView) -> TaskResult:
    """Return what a task adds to its dimensions."""
    metric = view.task.primary_metric
    return TaskResult(view.task.id, view.task.primary, view.task.secondary, view.primary, metric.better)


def score_of(
    row: Mapping[str, Any],
    values: Mapping[str, float],
    sql: tuple[SqlResult, ...] = (),
    cef: CefTrace | None = None,
) -> Score:
    """Return the score of a row of `scores` and what belongs to it."""
    return Score(
        outcome=Outcome(row["outcome"]),
        values=values,
        answer=row["answer"],
        verdict=row["verdict"],
        reason=Reason(row["reason"]) if row["reason"] else None,
        detail=row["detail"],
        traceback=row["traceback"],
        sql=sql,
        cef=cef,
    )


def sql_result_of(row: Mapping[str, Any]) -> SqlResult:
    """Return the executed query of a row of `sql_results`."""
    return SqlResult(
        side=row["side"],
        sql=row["sql"],
        columns=tuple(json.loads(row["columns"])),
        rows=tuple(tuple(cells) for cells in json.loads(row["rows"])),
        row_count=row["row_count"],
        capped=bool(row["capped"]),
        seconds=row["seconds"],
        error=row["error"],
    )


def cross_answers_of(rows: Iterable[Mapping[str, Any]], direction: str) -> tuple[CrossAnswer, ...]:
    """Return one direction's questions of rows of `cef_questions`."""
    return tuple(
        CrossAnswer(
            question=row["question"],
            predicted=Label(row["predicted"]) if row["predicted"] else None,
            gold=Label(row["gold"]) if row["gold"] else None,
            probabilities=json.loads(row["probabilities"]),
            raw=row["raw"],
        )
        for row in rows
        if row["direction"] == direction
    )


def output_of(row: Mapping[str, Any]) -> Output:
    """Return the output of a row of `outputs`."""
    return Output(
        text=row["text"],
        finish=FinishReason(row["finish"]),
        prompt_tokens=row["prompt_tokens"],
        output_tokens=row["output_tokens"],
        max_tokens=row["max_tokens"],
        context=row["context"],
        seconds=row["seconds"],
        reused_tokens=row["reused_tokens"],
        probabilities=json.loads(row["probabilities"]),
        outside=row["outside"],
        thinking=row["thinking"],
        thinking_closed=bool(row["thinking_closed"]),
        thinking_tokens=row["thinking_tokens"],
    )
