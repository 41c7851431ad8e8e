"""EHRSQL: the executed result equals the gold result, or the model abstains where it should.

Source of the rules: EHRSQL 2024 shared task, reliability score (glee4810/ehrsql-2024,
`scoring_program/scoring_utils.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from medic_console.core.errors import ItemsError
from medic_console.core.records import Answer, Item, Outcome, Reason, Score, SqlResult
from medic_console.scoring.scorers.registry import scorer
from medic_console.scoring.sql.normalise import normalise
from medic_console.scoring.sql.sandbox import Sandbox, on_side
from medic_console.scoring.sql.statement import MAX_SQL, Execution

ABSTAINED = "null"
"""The answer, and the gold label, that says: this cannot be answered from the database."""

_ABSTENTIONS = _RIGHTLY, _WRONGLY = "abstained rightly", "abstained wrongly"
"""Verdicts on no query."""


def worst(item: Item, resources: Mapping[str, Path]) -> dict[str, float]:
    """Return the values of an item without an answer: a wrong answer, also to an unanswerable question.

    Raises:
        ItemsError: As `score` does.
        ValueError: The gold query does not run.
    """
    gold_sql = _normalised(str(item.gold))
    gold = _execute(_sandbox_of(resources), gold_sql)
    if gold_sql != ABSTAINED and gold.key is None:
        raise ValueError(f"the gold query fails: {on_side(gold, 'gold').error}")
    return {"rs": -1.0}


@scorer("ehrsql", version="6", worst=worst, libraries=("SQLite",))
def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
    """Return `rs` 1, 0 or -1; the penalty N is applied by the metric.

    Right answer +1; abstained on an answerable question 0; wrong or failing answer to an answerable question
    -1; any answer to an unanswerable question -1; abstained on an unanswerable question +1. A gold query that
    does not run leaves the item unscored, unless the model abstained (0, as nothing is compared) or wrote the
    same query.

    Args:
        item: `gold` is the SQL, or "null" when the question is unanswerable.
        answer: `value` is the SQL, or "null".
        resources: `database` is the SQLite file.

    Raises:
        ItemsError: The database is missing or is not one.
    """
    sandbox = _sandbox_of(resources)
    predicted_sql, gold_sql = _normalised(str(answer.value)), _normalised(str(item.gold))
    predicted, gold = _execute(sandbox, predicted_sql), _execute(sandbox, gold_sql)
    sides = (on_side(predicted, "predicted"), on_side(gold, "gold"))
    if gold_sql == ABSTAINED:
        value, verdict = (1, _RIGHTLY) if predicted_sql == ABSTAINED else (-1, "should have abstained")
    elif predicted_sql == ABSTAINED:
        value, verdict = 0, _WRONGLY
    elif predicted_sql == gold_sql:
        value, verdict = 1, "right"
    elif gold.key is None:
        return Score.unscored(
            Reason.GOLD_UNUSABLE, f"the gold query fails: {sides[1].error}", answer=answer.shown, sql=sides
        )
    elif predicted.key is None:
        value, verdict = -1, "query error"
    else:
        value, verdict = (1, "right") if predicted.key == gold.key else (-1, "wrong rows")
    return Score(
        Outcome.SCORED,
        {"rs": float(value)},
        answer=answer.shown,
        verdict=verdict,
        detail=_detail(verdict, *sides),
        sql=sides,
    )


def abstained(scored: Score) -> bool:
    """Whether the model of a scored item wrote no query."""
    return scored.verdict in _ABSTENTIONS


def _sandbox_of(resources: Mapping[str, Path]) -> Sandbox:
    if "database" not in resources:
        raise ItemsError("EHRSQL items came without a database.", "Put the data set's .sqlite file beside data.json.")
    return _sandbox(resources["database"])


def _normalised(sql: str) -> str:
    # What the sandbox refuses for its length needs no normalisation, which takes seconds on 100 MB.
    return normalise(sql) if len(sql) <= MAX_SQL else sql


def _execute(sandbox: Sandbox, sql: str) -> Execution:
    return Execution(SqlResult("", ""), None) if sql == ABSTAINED else sandbox.execute(sql)


def _detail(verdict: str, predicted: SqlResult, gold: SqlResult) -> str:
    if verdict == "query error":
        return predicted.error
    if verdict == "wrong rows":
        return f"got {_rows(predicted)}, gold {_rows(gold)}"
    return ""


def _rows(result: SqlResult) -> str:
    more = "more than " if result.capped else ""
    return f"{more}{result.row_count:,} row{'' if result.row_count == 1 else 's'}"


def _sandbox(database: Path) -> Sandbox:
    try:
        status = database.stat()
    except OSError:
        raise ItemsError(f"There is no database file {database}.") from None
    return _opened(database.resolve(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _opened(database: Path, modified_ns: int, size: int) -> Sandbox:
    """Return one sandbox a database; a file that was replaced is opened anew."""
    return Sandbox(database)
