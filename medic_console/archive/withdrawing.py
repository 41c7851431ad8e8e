"""Take the scores of failed items out of a run, so that these are asked again: the rows are kept, and sealed."""

from __future__ import annotations

import datetime
from contextlib import closing
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.ledger import Kind
from medic_console.archive.row_seals import append_sealed, rows_digest
from medic_console.archive.seals import PARTS, SCORE, withdrawn_rows
from medic_console.archive.transaction import transaction
from medic_console.core.errors import ArchiveError

_CALLS = (
    "(SELECT coalesce(json_group_array(json_array(model, step, output)), '[]') FROM (SELECT model, step, output "
    "FROM calls WHERE calls.run = scores.run AND calls.task = scores.task AND calls.item = scores.item "
    "AND calls.candidate = scores.candidate AND calls.model IN (scores.candidate, scores.judge) ORDER BY model, step))"
)
_FAILED = "run = ? AND outcome = 'failed'" + "".join(
    f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE {table}.score = scores.id)" for table in PARTS
)
"""An item that failed has no values and no traces; one that a plugin gave some is left as it is."""


def last_score(db: Any) -> int:
    """Return the highest number that a score of the archive has, or had before it was withdrawn; 0 without one."""
    sql = (
        "SELECT max(coalesce((SELECT max(id) FROM main.scores), 0), coalesce((SELECT max(id) FROM main.withdrawn), 0))"
    )
    return int(db.execute(sql).fetchone()[0])


def withdraw_failed(path: Path, run: str, why: str) -> int:
    """Withdraw the scores of a run's failed items and return their number; the caller holds the run's lock.

    A run that was done is `interrupted` from then on: the rest of it can be resumed.

    Args:
        why: Kept with each.

    Raises:
        ArchiveError: No item has failed, the run came from another archive, or the archive cannot be written.
    """
    ready(path)
    path = path.expanduser().absolute()
    with closing(open_writable(path)) as opened:
        db = opened.conn
        with transaction(opened, path):
            if db.execute("SELECT 1 FROM merged_runs WHERE ours = ?", [run]).fetchone():
                raise ArchiveError(
                    f"Run {run} came from another archive, whose ledger vouches for its scores.",
                    "Resume it there with --failed, or start a new run.",
                )
            scores = [row[0] for row in db.execute(f"SELECT id FROM scores WHERE {_FAILED} ORDER BY id", [run])]
            if not scores:
                raise ArchiveError(f"Run {run} has no failed item: nothing is to be tried again.")
            _move(db, run, why)
            db.execute("UPDATE runs SET status = 'interrupted' WHERE id = ? AND status = 'done'", [run])
            (status,) = db.execute("SELECT status FROM runs WHERE id = ?", [run]).fetchone()
            subject = {"run": run, "scores": scores, "why": why, "status": status}
            leaves = dict(withdrawn_rows(db, subject))
            append_sealed(db, Kind.WITHDRAWN, subject, rows_digest(leaves), leaves.items())
    return len(scores)


def _move(db: Any, run: str, why: str) -> None:
    when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    db.execute(
        f"INSERT INTO withdrawn ({SCORE}, calls, withdrawn, why) SELECT {SCORE}, {_CALLS}, ?, ? FROM scores "
        f"WHERE {_FAILED} ORDER BY id",
        [when, why, run],
    )
    db.execute(f"DELETE FROM scores WHERE {_FAILED}", [run])
