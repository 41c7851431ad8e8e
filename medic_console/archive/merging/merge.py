"""Take the runs of other archives into one: all of them in one transaction, or none."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.archive.database import open_readonly, open_writable, raw_copy
from medic_console.archive.key_state import ready
from medic_console.archive.lock import is_locked
from medic_console.archive.merging.evidence import record, seal
from medic_console.archive.merging.rows import Taking, rows_of
from medic_console.archive.merging.shards import missing_shards, shards_of
from medic_console.archive.transaction import transaction
from medic_console.core.errors import ArchiveError

_REFERENCE = re.compile(r"(,\s*FOREIGN KEY \([^)]*\))?\s+REFERENCES \w+\([^)]*\)")
"""What a table says of others: they are filled in no order."""
_MOST = 10
"""Conflicts that are told."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What one archive gave.

    Attributes:
        name: Of its file.
        runs: By the id of each of its runs the id of the run here.
        scores: Number that was added; 0 where all was here already.
        changed: Whether anything was added.
    """

    name: str
    runs: dict[str, str]
    scores: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """What several archives gave.

    Attributes:
        missing: By run here that is made of shards, those that are not here or not done, such as "3/8".
    """

    merged: tuple[Merged, ...]
    missing: dict[str, list[str]]


@contextmanager
def as_copy(path: Path, folder: Path) -> Iterator[Path]:
    """Give a copy of an archive with the tables of this release; the file itself is left as it is.

    Raises:
        ArchiveError: It is no archive, comes from a newer release, or is damaged.
    """
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no such archive.", "Name the file of another archive.")
    copy = folder / f"{len(list(folder.iterdir()))}.db"
    raw_copy(path, copy)
    try:
        open_writable(copy).close()
    except ArchiveError as error:
        raise ArchiveError(error.message.replace(str(copy), str(path)), error.hint) from error
    yield copy


def take_runs(target: Path, copies: Sequence[tuple[str, Path]]) -> Taken:
    """Take every run of other archives; nothing at all where something stands against one of them.

    Args:
        target: The archive; it is made if it is not there.
        copies: Names of the archives, and copies of them that were checked and have the tables of this release.

    Raises:
        ArchiveError: The archive cannot be written, or one content stands against another.
    """
    ready(target)
    target = target.expanduser().absolute()
    with closing(open_writable(target)) as opened:
        db = opened.conn
        db.execute("ATTACH '' AS other")  # a file of SQLite's own, gone with the connection
        with transaction(opened, target):
            merged = tuple(_take(db, target, name, copy) for name, copy in copies)
            runs = sorted({run for one in merged for run in one.runs.values()})
            missing = {run: missing_shards(shards_of(rows_of(db), run)) for run in runs}
    return Taken(merged, {run: shards for run, shards in missing.items() if shards})


def _take(db: Any, target: Path, name: str, copy: Path) -> Merged:
    _load(db, copy)
    taking = Taking(db, lambda run: is_locked(target, run))
    taking.run()
    if taking.conflicts:
        told = "; ".join(taking.conflicts[:_MOST])
        more = f"; and {len(taking.conflicts) - _MOST} more" if len(taking.conflicts) > _MOST else ""
        raise ArchiveError(
            f"{name} contradicts {target}: {told}{more}. Nothing was taken.",
            "Look which of the two is right: medic-console archive verify --all, with --archive for each.",
        )
    (before,) = db.execute("SELECT coalesce(max(id), 0) FROM main.merged_sources").fetchone()
    statuses: dict[str, str] = {}
    if taking.changed:
        source = record(db, taking, name)
        statuses = taking.settle()
        seal(db, taking, name, statuses, before, source)
    runs = dict(db.execute("SELECT theirs, ours FROM run_map ORDER BY theirs").fetchall())
    first, last = taking.ranges.scores
    return Merged(name, runs, last - first, taking.changed)


def _load(db: Any, copy: Path) -> None:
    """Fill `other` with the tables of an archive."""
    for (table,) in db.execute(
        "SELECT name FROM other.sqlite_master WHERE type = 'table' ORDER BY rowid DESC"
    ).fetchall():
        db.execute(f"DROP TABLE other.{table}")
    with closing(open_readonly(copy)) as source:
        source.row_factory = None
        made = source.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
            "AND tbl_name NOT LIKE 'sqlite^_%' ESCAPE '^' AND tbl_name NOT LIKE '^_%' ESCAPE '^' "
            "ORDER BY type = 'index', rowid"
        ).fetchall()
        for kind, name, sql in made:
            db.execute(_REFERENCE.sub("", sql).replace(name, f"other.{name}", 1))
            if kind == "table":
                _fill(db, source, name)


def _fill(db: Any, source: sqlite3.Connection, table: str) -> None:
    rows = source.execute(f"SELECT * FROM {table}")
    marks = ", ".join("?" * len(rows.description))
    db.executemany(f"INSERT INTO other.{table} VALUES ({marks})", rows)
