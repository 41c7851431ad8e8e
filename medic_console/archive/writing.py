"""Rows of what a score leaves behind: values, SQL results, cross-examination, matches, criteria."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from medic_console.core.records import CefTrace, CrossAnswer, Score, SqlResult

if TYPE_CHECKING:
    from sqlite_utils import Database


def insert(db: Database, table: str, or_ignore: bool = False, **values: Any) -> int:
    """Insert into an existing table and return the row's id; a wrong table or column is an error, never a new one."""
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    verb = "INSERT OR IGNORE" if or_ignore else "INSERT"
    cursor = db.execute(f"{verb} INTO {table} ({names}) VALUES ({marks})", list(values.values()))
    return int(cursor.lastrowid or 0)


def to_json(value: Any) -> str:
    """Return compact JSON with its characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def add_traces(db: Database, number: int, score: Score) -> None:
    """Insert all that belongs to the score of that row id."""
    for name, value in score.values.items():
        insert(db, "score_values", score=number, name=name, value=float(value))
    for result in score.sql:
        _add_sql(db, number, result)
    if score.cef is not None:
        _add_cef(db, number, score.cef)
    for match in score.matches:
        insert(
            db,
            "matches",
            score=number,
            opponent=match.opponent,
            result=str(match.result),
            shown_first=match.shown_first,
            shown_second=match.shown_second,
            forfeit=int(match.forfeit),
        )
    for position, one in enumerate(score.criteria):
        insert(
            db,
            "criteria",
            score=number,
            position=position,
            criterion=one.criterion,
            points=one.points,
            met=int(one.met),
            probability=one.probability,
            tags=to_json(list(one.tags)),
        )


def _add_sql(db: Database, number: int, result: SqlResult) -> None:
    insert(
        db,
        "sql_results",
        score=number,
        side=result.side,
        sql=result.sql,
        columns=to_json(list(result.columns)),
        rows=to_json([[_cell(value) for value in row] for row in result.rows]),
        row_count=result.row_count,
        capped=int(result.capped),
        seconds=result.seconds,
        error=result.error,
    )


def _add_cef(db: Database, number: int, trace: CefTrace) -> None:
    for one in trace.lists:
        insert(
            db,
            "question_lists",
            score=number,
            direction=one.side,
            asked=one.asked,
            kept=one.kept,
            dropped=to_json([list(entry) for entry in one.dropped]),
            repaired=int(one.repaired),
        )
    _add_questions(db, number, "source", trace.source_questions)
    _add_questions(db, number, "generated", trace.generated_questions)


def _add_questions(db: Database, number: int, direction: str, questions: Iterable[CrossAnswer]) -> None:
    for position, asked in enumerate(questions):
        insert(
            db,
            "cef_questions",
            score=number,
            direction=direction,
            position=position,
            question=asked.question,
            gold=asked.gold and str(asked.gold),
            predicted=asked.predicted and str(asked.predicted),
            probabilities=to_json(dict(asked.probabilities)),
            raw=asked.raw,
        )


def _cell(value: Any) -> Any:
    """JSON has no bytes: a blob is kept as its SQL literal."""
    return f"x'{value.hex()}'" if isinstance(value, bytes) else value
