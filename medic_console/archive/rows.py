"""Rows of the archive's tables to records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from medic_console.archive.views import ModelView, TaskView
from medic_console.core.records import CrossAnswer, FinishReason, Label, Outcome, Output, Reason, Score, SqlResult
from medic_console.core.traces import CriterionVerdict, JudgedMatch, MatchResult, QuestionList

if TYPE_CHECKING:
    from medic_console.statistics.aggregates import TaskResult

_OUTCOMES = {str(one): one for one in Outcome}
_REASONS: Mapping[str, Reason | None] = {"": None, **{str(one): one for one in Reason}}
NEWEST_RUN = "substr(id, 1, 10) DESC, length(id) DESC, id DESC"
"""Order of `runs`, the newest first: the 1,000th of a day has a digit more."""
_CHANGED = "changed"
"""Begins the status of a sitting in which a served model became another."""


def run_order(run: str) -> tuple[str, int, str]:
    """Return what a run's id is sorted by: its day, then its number, which has three digits or more."""
    return run[:10], len(run), run


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
    from medic_console.statistics.aggregates import TaskResult  # home lists runs without it

    metric = view.task.primary_metric
    return TaskResult(view.task.id, view.task.primary, view.task.secondary, view.primary, metric.better)


def score_of(
    row: Mapping[str, Any],
    values: Mapping[str, float],
    **traces: Any,
) -> Score:
    """Return the score of a row of `scores`; `traces` are the fields of `Score` that belong to it."""
    words = [row[name] for name in ("answer", "verdict", "reason", "detail", "traceback", "truncated")]
    return score_from(row["outcome"], values, *words, **traces)


def score_from(
    outcome: str,
    values: Mapping[str, float],
    answer: str,
    verdict: str,
    reason: str,
    detail: str,
    traceback: str,
    truncated: int,
    **traces: Any,
) -> Score:
    """Return the score of the columns of a row of `scores`; `traces` are the fields of `Score` that belong to it."""
    ended, why = _OUTCOMES[outcome], _REASONS[reason]
    return Score(ended, values, answer, verdict, why, detail, traceback, bool(truncated), **traces)


def libraries_of(row: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the versions of libraries of a row with a score's toolchain; None when none was stored."""
    return json.loads(row["versions"]) if row["versions"] is not None else None


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


def question_list_of(row: Mapping[str, Any]) -> QuestionList:
    """Return how a judge's questions came about, of a row of `question_lists`."""
    dropped = tuple((text, reason) for text, reason in json.loads(row["dropped"]))
    return QuestionList(row["direction"], row["asked"], row["kept"], dropped, bool(row["repaired"]))


def match_of(row: Mapping[str, Any]) -> JudgedMatch:
    """Return the pairwise comparison of a row of `matches`."""
    return JudgedMatch(
        row["opponent"], MatchResult(row["result"]), row["shown_first"], row["shown_second"], bool(row["forfeit"])
    )


def criterion_of(row: Mapping[str, Any]) -> CriterionVerdict:
    """Return the verdict of a row of `criteria`."""
    tags = tuple(json.loads(row["tags"]))
    return CriterionVerdict(row["criterion"], row["points"], bool(row["met"]), row["probability"], tags)


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
        rendered=row["rendered"],
    )


def changed_status(sha256: str, words: str) -> str:
    """Return the status of a sitting in which a served model became another.

    Args:
        words: What was noticed.
    """
    return f"{_CHANGED} {sha256} {words}"


def change_in(status: str) -> tuple[str, str]:
    """Return which model became another in a sitting, and what was noticed; empty where none did."""
    kind, _, rest = status.partition(" ")
    sha256, _, words = rest.partition(" ") if kind == _CHANGED else ("", "", "")
    return sha256, words
