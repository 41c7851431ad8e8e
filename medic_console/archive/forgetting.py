"""Take the texts of a run out of an archive for good: scores, figures and digests stay.

The rows' digests before stay in the ledger's entries; an entry of its own vouches for the rows as they are then, so
that a check tells what was forgotten from what was damaged.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_writable
from medic_console.archive.key_state import ready
from medic_console.archive.ledger import Kind, content_digest
from medic_console.archive.lock import is_locked
from medic_console.archive.row_seals import ENDED, WITHDRAWN, Leaves, append_sealed
from medic_console.archive.seals import queue_digest, run_digest, score_digests
from medic_console.archive.transaction import transaction
from medic_console.archive.withdrawing import last_score
from medic_console.core.errors import ArchiveError

_KEY = 5
"""Characters of an answer or a key that stays: a label, yes, maybe, a number."""
_OUTPUTS = (
    "(SELECT output FROM calls WHERE run = :run UNION SELECT outputs.id FROM outputs "
    "JOIN sittings ON sittings.id = sitting WHERE sittings.run = :run "
    "EXCEPT SELECT output FROM calls WHERE run <> :run)"
)
_SCORES = "(SELECT id FROM scores WHERE run = :run)"
_CHANGES: tuple[tuple[str, str, str], ...] = (
    (
        "prompts",
        "content = blanked(content, 'role', 0)",
        f"digest IN (SELECT prompt FROM outputs WHERE id IN {_OUTPUTS} EXCEPT SELECT prompt FROM outputs "
        f"WHERE id NOT IN {_OUTPUTS})",
    ),
    ("outputs", "text = '', thinking = ''", f"id IN {_OUTPUTS}"),
    (
        "items",
        f"fields = blanked(fields, '-', 0), gold = blanked(gold, 'tags', {_KEY})",
        "digest IN (SELECT digest FROM run_items WHERE run = :run EXCEPT SELECT digest FROM run_items "
        "WHERE run <> :run)",
    ),
    (
        "scores",
        f"answer = CASE WHEN length(answer) > {_KEY} THEN '' ELSE answer END, detail = '', traceback = ''",
        "run = :run",
    ),
    (
        "withdrawn",
        f"answer = CASE WHEN length(answer) > {_KEY} THEN '' ELSE answer END, detail = '', traceback = ''",
        "run = :run",
    ),
    ("cef_questions", "question = '', raw = ''", f"score IN {_SCORES}"),
    ("question_lists", "dropped = blanked(dropped, '-', 0)", f"score IN {_SCORES}"),
    ("criteria", "criterion = ''", f"score IN {_SCORES}"),
    ("sql_results", "sql = '', columns = '[]', rows = '[]', error = ''", f"score IN {_SCORES}"),
    ("queue_cards", "question = ''", "run = :run"),
)
"""By table what becomes of its texts, and of which rows."""
_LEAVES: Mapping[str, str] = {
    "outputs": f"{ENDED['outputs'].partition(' WHERE ')[0]} WHERE id = ?",
    "items": "SELECT digest, id, fields, gold, grouping FROM items WHERE digest = ?",
    "prompts": "SELECT digest, content FROM prompts WHERE digest = ?",
    "withdrawn": f"{WITHDRAWN['withdrawn'].partition(' WHERE ')[0]} WHERE id = ?",
}


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten.

    Attributes:
        rows: Number of rows by table; empty where nothing was left to forget.
        shared: Texts that other runs have too, which stay.
        held: Another program has the archive open, so that old pages may still be in the file or its log.
        copies: Files beside the archive that hold what it held before.
        challenges: Challenges of labels of the run's items. Their reasons and proposed labels stay: they are words of
            reviewers, under the keyed hash of the ledger, which could not be proved without them.
    """

    rows: dict[str, int]
    shared: int
    held: bool
    copies: tuple[str, ...]
    challenges: int


def forget_texts(path: Path, run: str, by: str) -> Forgotten:
    """Forget what was asked and said in a run; its scores, values and digests stay.

    Args:
        by: Who does it; it is in the ledger.

    Raises:
        ArchiveError: There is no such run, a process works on it, or the archive cannot be written.
    """
    ready(path)
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive.", "Name one with --archive FILE.")
    with closing(open_writable(path)) as opened:
        db = opened.conn
        if db.execute("SELECT 1 FROM runs WHERE id = ?", [run]).fetchone() is None:
            raise ArchiveError(f"There is no run {run} in {path}.", "See them: medic-console archive stats")
        if is_locked(path, run):
            raise ArchiveError(f"Run {run} is being worked on by another process.", "Wait until it ends.")
        db.create_function("blanked", 3, _blanked, deterministic=True)
        db.execute("PRAGMA secure_delete = ON")
        with transaction(opened, path):
            rows = _forget(db, run, by)
            shared, disputes = _shared(db, run), _disputes(db, run)
        held = _rewrite(db)
    copies = tuple(sorted(one.name for one in path.parent.glob(f"{path.name}.before-*")))
    return Forgotten(rows, shared, held, copies, disputes)


def _forget(db: Any, run: str, by: str) -> dict[str, int]:
    found: dict[str, int] = {}
    changed: dict[str, list[Any]] = {}
    queues = [row[0] for row in db.execute("SELECT DISTINCT queue FROM queue_cards WHERE run = ?", [run])]
    for table, change, where in _CHANGES:
        differs = " OR ".join(f"{name} IS NOT {value}" for name, value in _assignments(change))
        key = "digest" if table in ("items", "prompts") else "id"
        if table in _LEAVES:
            sql = f"SELECT {key} FROM {table} WHERE ({where}) AND ({differs}) ORDER BY 1"
            changed[table] = [row[0] for row in db.execute(sql, {"run": run})]
        with _open_for_change(db, table):
            cursor = db.execute(f"UPDATE {table} SET {change} WHERE ({where}) AND ({differs})", {"run": run})
        if cursor.rowcount:
            found[table] = cursor.rowcount
    if not found:
        return {}
    leaves: Leaves = {(table, str(name)): _leaf(db, table, name) for table, names in changed.items() for name in names}
    leaves |= {("scores", str(number)): digest for number, digest in score_digests(db, run, 0, last_score(db))}
    leaves |= {("queues", name): queue_digest(db, name) for name in queues}
    append_sealed(db, Kind.FORGOTTEN, {"run": run, "by": by, "changed": found}, run_digest(db, run), leaves.items())
    return found


def _assignments(change: str) -> list[tuple[str, str]]:
    """Return columns and values of a change such as `a = f(b, 0), c = ''`."""
    found: list[tuple[str, str]] = []
    depth, start = 0, 0
    for place, sign in enumerate(f"{change},"):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            name, _, value = change[start:place].strip().partition(" = ")
            found.append((name, value))
            start = place + 1
    return found


@contextmanager
def _open_for_change(db: Any, table: str) -> Iterator[None]:
    """While the block lasts, rows of a table that is only added to can be changed; its trigger comes back as it was."""
    name = f"{table}_no_update"
    row = db.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", [name]).fetchone()
    if row is not None:
        db.execute(f"DROP TRIGGER {name}")
    yield
    if row is not None:
        db.execute(row[0])


def forgotten_leaf(db: Any, table: str, key: str) -> str:
    """Return the digest of a row as it is now, whose texts were forgotten; empty where it is gone."""
    if table == "scores":
        row = db.execute(
            "SELECT run FROM scores WHERE id = ?1 UNION ALL SELECT run FROM withdrawn WHERE id = ?1", [int(key)]
        ).fetchone()
        found = dict(score_digests(db, row[0], int(key) - 1, int(key))) if row else {}
        return found.get(int(key), "")
    return queue_digest(db, key) if table == "queues" else _leaf(db, table, key)


def _leaf(db: Any, table: str, key: Any) -> str:
    rows = [tuple(row) for row in db.execute(_LEAVES[table], [key])]
    return content_digest(rows) if rows else ""


def _shared(db: Any, run: str) -> int:
    """Return the number of items and outputs of a run that others have too."""
    sql = (
        "SELECT (SELECT count(*) FROM (SELECT digest FROM run_items WHERE run = :run INTERSECT "
        "SELECT digest FROM run_items WHERE run <> :run)) + (SELECT count(*) FROM (SELECT output FROM calls "
        "WHERE run = :run INTERSECT SELECT output FROM calls WHERE run <> :run))"
    )
    return int(db.execute(sql, {"run": run}).fetchone()[0])


def _disputes(db: Any, run: str) -> int:
    """Return the number of challenges of labels of a run's items."""
    sql = (
        "SELECT count(*) FROM (SELECT kind, subject FROM ledger UNION ALL SELECT kind, subject FROM merged_ledger) "
        "WHERE kind = :kind AND json_extract(subject, '$.action') = 'challenge' "
        "AND json_extract(subject, '$.content') IN (SELECT digest FROM run_items WHERE run = :run)"
    )
    return int(db.execute(sql, {"kind": str(Kind.CHALLENGE), "run": run}).fetchone()[0])


def _rewrite(db: Any) -> bool:
    """Write the file anew without free pages, and empty its log; return whether another program kept that from it."""
    try:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("VACUUM")
        (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError:
        return True
    return bool(busy)


def _blanked(text: str, kept: str, most: int) -> str:
    """Return JSON with its texts empty, but those under one key, and those of at most so many characters."""

    def blank(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: one if name == kept else blank(one) for name, one in value.items()}
        if isinstance(value, list):
            return [blank(one) for one in value]
        return "" if isinstance(value, str) and len(value) > most else value

    return json.dumps(blank(json.loads(text)), ensure_ascii=False, separators=(",", ":"))
