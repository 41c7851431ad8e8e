"""How an archive's file is: its size, its schema, and whether SQLite finds it whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from medic_console.archive.database import applied_migrations, open_readonly, recovery
from medic_console.core.errors import ArchiveError

_STEPS = 10_000
"""Operations of SQLite between two questions whether to stop."""
_MOST = 20
"""Faults that are told."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the file says of itself.

    Attributes:
        size: Bytes of the file.
        log: Bytes of the write-ahead log beside it; 0 without one.
        free: Share of the file that deleted rows left, 0 to 1.
        journal: Journal mode; `wal` is ours.
        migrations: Names of those that were applied.
        sqlite: Version of the library.
    """

    size: int
    log: int
    free: float
    journal: str
    migrations: tuple[str, ...]
    sqlite: str


def health(path: Path) -> Health:
    """Return what an archive's file says of itself; reads a few pages.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """
    log = Path(f"{path}-wal")
    with closing(open_readonly(path)) as db:
        pages, free, journal = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "journal_mode")
        )
        applied = applied_migrations(db)
    return Health(
        size=path.stat().st_size,
        log=log.stat().st_size if log.exists() else 0,
        free=free / pages if pages else 0.0,
        journal=journal,
        migrations=tuple(applied),
        sqlite=sqlite3.sqlite_version,
    )


def damaged(path: Path, said: str) -> ArchiveError:
    """Return what to tell of an archive with damaged pages."""
    return ArchiveError(f"{path}: the archive is damaged ({said}).", f"Save what can be read: {recovery(path)}")


def damage(path: Path, stop: Callable[[], bool] = lambda: False) -> ArchiveError | None:
    """Return what to tell when pages of an archive are damaged; None when none is, or there is no archive.

    It reads the whole file, and checks less than `faults`.

    Args:
        stop: Asked now and then; the check ends without a finding where it says so.
    """
    if not path.is_file():
        return None
    try:
        with closing(open_readonly(path)) as db:
            db.set_progress_handler(stop, _STEPS)
            (said,) = db.execute("PRAGMA quick_check(1)").fetchone()
    except ArchiveError as error:
        return error
    except sqlite3.Error as error:
        return None if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT else damaged(path, str(error))
    return None if said == "ok" else damaged(path, " ".join(said.split()))


def faults(path: Path) -> tuple[str, ...]:
    """Return what SQLite finds wrong in the whole file and its references; empty when nothing is. Reads everything.

    Raises:
        ArchiveError: There is no archive at `path`, or it cannot be used.
    """
    try:
        with closing(open_readonly(path)) as db:
            found = [row[0] for row in db.execute(f"PRAGMA integrity_check({_MOST})").fetchall()]
            broken = db.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
    except sqlite3.Error as error:
        return (f"SQLite cannot check it to its end ({error})",)
    named = [f"{table}, row {row}: names a row of {parent} that is not there" for table, row, parent, _ in broken]
    return (*(() if found == ["ok"] else found), *named)
