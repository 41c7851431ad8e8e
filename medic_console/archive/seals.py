"""Digests of what entries of the ledger name, taken from the rows as they stand: runs, scores, queues, decisions.

The columns are listed, so that one that a later release adds does not change the digest of what is stored.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

from medic_console.archive.ledger import Kind, append, content_digest, leaves_digest
from medic_console.archive.open_calls import COUNTED, count_open, named_calls, open_calls
from medic_console.archive.row_seals import (
    CALLED,
    CALLS,
    ENDED,
    STARTED,
    WITHDRAWN,
    Leaves,
    Row,
    append_sealed,
    each_leaf,
)
from medic_console.scoring.steps import ANSWER, FOLLOW_UP

_CHUNK = 2_000
"""Scores in memory at a time."""
SCORE = (
    "id, run, candidate, judge, task, item, outcome, truncated, reason, answer, verdict, detail, traceback, scorer, "
    "toolchain, created"
)
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "score_values": "score, name, value",
        "sql_results": "score, side, sql, columns, rows, row_count, capped, seconds, error",
        "cef_questions": "score, direction, position, question, gold, predicted, probabilities, raw",
        "question_lists": "score, direction, asked, kept, dropped, repaired",
        "matches": "score, opponent, result, shown_first, shown_second, forfeit",
        "criteria": "score, position, criterion, points, met, probability, tags",
    }
)
"""Columns of the tables of what a score leaves behind."""
_CARD = (
    "queue, position, kind, run, task, item, candidate, judge, part, grouping, question, said, expected, "
    "probability, texts, second"
)
_DECISION = "id, queue, position, reviewer, created, action, undone, answer, reason, severity, comment, seconds"


def run_digest(connection: Any, run: str) -> str:
    """Return the digest of what was asked for in a run; empty when there is no such run."""
    rows = _rows(connection, "SELECT id, created, key, settings, kind FROM runs WHERE id = ?", run)
    return content_digest(rows) if rows else ""


def score_digests(connection: Any, run: str, after: int, to: int) -> Iterator[tuple[int, str]]:
    """Yield id and digest of each score of a run whose id is above `after` and at most `to`, by id.

    A digest is of the score, its values, traces and verdicts, and of the text that was scored. One that was withdrawn
    since has the digest that it had.
    """
    of_range = "WHERE run = ? AND id > ? AND id <= ?"
    while True:
        scores = _rows(
            connection,
            f"SELECT {SCORE} FROM scores {of_range} UNION ALL SELECT {SCORE} FROM withdrawn {of_range} "
            f"ORDER BY id LIMIT {_CHUNK}",
            *(run, after, to, run, after, to),
        )
        if not scores:
            return
        parts: dict[int, list[Sequence[Any]]] = {row[0]: [row] for row in scores}
        first, last = scores[0][0], scores[-1][0]
        for table, columns in PARTS.items():
            for row in _parts(connection, table, columns, run, first, last):
                parts[row[0]].append((table, *row))
        for row in _texts(connection, run, first, last):
            parts[row[0]].append(("text", *row))
        for number, rows in parts.items():
            yield number, content_digest(rows)
        after = last


def set_digest(leaves: Iterable[tuple[int, str]]) -> str:
    """Return the digest of scores, from theirs."""
    return leaves_digest(leaves)


def queue_digest(connection: Any, name: str) -> str:
    """Return the digest of a queue with its cards; empty when there is none."""
    head = _rows(connection, "SELECT name, created, design FROM queues WHERE name = ?", name)
    cards = connection.execute(f"SELECT {_CARD} FROM queue_cards WHERE queue = ? ORDER BY position", [name])
    return content_digest([*head, *map(tuple, cards)]) if head else ""


def decision_digests(connection: Any) -> dict[int, str]:
    """Return the digest of each decision, by id."""
    rows = _rows(connection, f"SELECT {_DECISION} FROM decisions")
    return {row[0]: content_digest([row]) for row in rows}


def decision_digest(connection: Any, number: int) -> str:
    """Return the digest of a decision; empty when there is none."""
    rows = _rows(connection, f"SELECT {_DECISION} FROM decisions WHERE id = ?", number)
    return content_digest(rows) if rows else ""


def reviewer_digest(connection: Any, number: int) -> str:
    """Return the digest of a reviewer; empty when there is none."""
    rows = _rows(connection, "SELECT id, name, salt, pin, created FROM reviewers WHERE id = ?", number)
    return content_digest(rows) if rows else ""


def _parts(connection: Any, table: str, columns: str, run: str, first: int, last: int) -> list[tuple[Any, ...]]:
    order = columns.split(", ")[1]
    second = f", {columns.split(', ')[2]}" if table == "cef_questions" else ""
    return _rows(
        connection,
        f"SELECT {columns} FROM {table} WHERE score >= ? AND score <= ? AND score IN "
        f"(SELECT id FROM scores WHERE run = ? AND id >= ? AND id <= ?) ORDER BY score, {order}{second}",
        *(first, last, run, first, last),
    )


def _texts(connection: Any, run: str, first: int, last: int) -> list[tuple[Any, ...]]:
    model, step, output = CALLED
    return _rows(
        connection,
        "SELECT scores.id, calls.step, outputs.text, outputs.thinking, outputs.finish FROM scores "
        "JOIN calls ON calls.run = scores.run AND calls.task = scores.task AND calls.item = scores.item "
        "AND calls.candidate = scores.candidate AND calls.model = scores.candidate "
        f"AND calls.step IN ('{ANSWER}', '{FOLLOW_UP}') JOIN outputs ON outputs.id = calls.output "
        "WHERE scores.run = ? AND scores.id >= ? AND scores.id <= ? UNION ALL "
        f"SELECT withdrawn.id, {step}, outputs.text, outputs.thinking, outputs.finish "
        f"FROM withdrawn, {CALLS} JOIN outputs ON outputs.id = {output} "
        f"WHERE {model} = withdrawn.candidate AND {step} IN ('{ANSWER}', '{FOLLOW_UP}') "
        "AND withdrawn.run = ? AND withdrawn.id >= ? AND withdrawn.id <= ? ORDER BY 1, 2",
        *(run, first, last, run, first, last),
    )


def _rows(connection: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(sql, list(values))]


def started_rows(connection: Any, run: str, sitting: int) -> Iterator[tuple[Row, str]]:
    """Yield digests of what a sitting of a run begins with."""
    return each_leaf(connection, STARTED, {"run": run, "sitting": sitting})


def ended_rows(connection: Any, subject: Mapping[str, Any]) -> Iterator[tuple[Row, str]]:
    """Yield digests of what a sitting leaves behind.

    Args:
        subject: Of the entry: run, sitting, and the ranges of its scores and outputs.
    """
    first, last = subject["outputs"]
    return each_leaf(connection, ENDED, {**subject, "first": first, "last": last})


def sitting_leaves(connection: Any, kind: str, subject: Mapping[str, Any], entry: int) -> Leaves:
    """Return the digests of rows as they are now, of those that an entry of a sitting's beginning or end names."""
    if kind == Kind.RUN_STARTED:
        return dict(started_rows(connection, str(subject["run"]), int(subject["sitting"])))
    return {**dict(ended_rows(connection, subject)), **named_calls(connection, entry)}


def withdrawn_rows(connection: Any, subject: Mapping[str, Any]) -> Iterator[tuple[Row, str]]:
    """Yield digests of scores that were withdrawn together.

    Args:
        subject: Of the entry: the numbers of the scores.
    """
    return each_leaf(connection, WITHDRAWN, {"scores": json.dumps(subject["scores"])})


def note_start(connection: Any, run: str, sitting: int) -> None:
    """Enter in the ledger that a sitting of a run starts, in the caller's transaction."""
    leaves = started_rows(connection, run, sitting)
    subject = {"run": run, "sitting": sitting, "newest": _newest_output(connection)}
    append_sealed(connection, Kind.RUN_STARTED, subject, run_digest(connection, run), leaves)


def seal_run(connection: Any, run: str, sitting: int, status: str) -> None:
    """Enter in the ledger that a sitting ends, with digests of the scores and outputs that no earlier entry holds."""
    (after,) = _rows(connection, "SELECT coalesce(max(score), 0) FROM score_digests WHERE run = ?", run)[0]
    (to,) = _rows(connection, "SELECT coalesce(max(id), 0) FROM scores WHERE run = ?", run)[0]
    sealed = set_digest(_kept(connection, run, score_digests(connection, run, after, to)))
    (scores,) = _rows(connection, "SELECT count(*) FROM score_digests WHERE run = ? AND score > ?", run, after)[0]
    last, newest = _sealed_to(connection, run), _newest_output(connection)
    subject = {
        "run": run,
        "status": status,
        "after": after,
        "to": max(after, to),
        "scores": scores,
        "sitting": sitting,
        "outputs": [last, newest],
    }
    subject[COUNTED] = count_open(connection, [run])
    leaves = chain(ended_rows(connection, subject), open_calls(connection, [run]))
    append_sealed(connection, Kind.RUN_ENDED, subject, sealed, leaves)


def _kept(connection: Any, run: str, leaves: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Store the digests of scores as they pass."""
    for number, digest in leaves:
        connection.execute("INSERT INTO score_digests (score, run, digest) VALUES (?, ?, ?)", [number, run, digest])
        yield number, digest


def _newest_output(connection: Any) -> int:
    return int(_rows(connection, "SELECT coalesce(max(id), 0) FROM outputs")[0][0])


def _sealed_to(connection: Any, run: str) -> int:
    """Return the last output that entries of a run vouch for: of its last end, else what there was at its beginning."""
    found = _rows(
        connection,
        "SELECT coalesce(max(json_extract(subject, '$.outputs[1]')), min(json_extract(subject, '$.newest')), 0) "
        "FROM ledger WHERE kind IN (?, ?) AND json_extract(subject, '$.run') = ?",
        *(str(Kind.RUN_STARTED), str(Kind.RUN_ENDED), run),
    )
    return int(found[0][0])


def seal_cards(connection: Any, numbers: Sequence[int]) -> None:
    """Enter cards of judges in the ledger, in the transaction that stores them."""
    for number in numbers:
        append(connection, Kind.CARD, {"card": number}, card_digest(connection, number))


def card_digest(connection: Any, number: int) -> str:
    """Return the digest of a judge's card; empty when there is none."""
    columns = "id, judge, method, wording, build, probes, run, created, verdict, card"
    rows = _rows(connection, f"SELECT {columns} FROM qualifications WHERE id = ?", number)
    return content_digest(rows) if rows else ""
