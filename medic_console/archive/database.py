"""Open an archive: one SQLite file, mode 0600, write-ahead log, one connection a thread."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from medic_console.archive.schema import RELEASED, migrations
from medic_console.errors import ArchiveError

BUSY_SECONDS = 30.0
APPLICATION_ID = 0x4D454443
"""`MEDC`: marks the file as an archive of ours."""


def open_writable(path: Path) -> Database:
    """Open an archive for writing, make it if it is not there and bring its tables up to date.

    Raises:
        ArchiveError: The file or its folder cannot be written, is not an archive, or comes from a newer release.
    """
    path = path.expanduser().absolute()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise ArchiveError(
            f"{path}: the archive cannot be written ({error.strerror}).",
            "Name another file with --archive FILE, or correct the permissions of the file and its folder.",
        ) from error
    try:
        db = Database(_connect(f"{path.as_uri()}?mode=rw"))
        _check_ours(db, path)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrations.apply(db)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return db


def open_readonly(path: Path) -> Database:
    """Open an existing archive for reading.

    Raises:
        ArchiveError: There is no such file, it is not an archive, or comes from a newer release.
    """
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive yet.", "Start a run; it makes the archive: medic-console demo")
    try:
        db = Database(_connect(_readable_uri(path)))
        _check_ours(db, path)
        pending = migrations.pending(db)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    if pending:
        db.close()
        raise ArchiveError(f"{path}: the archive comes from an older release.", "Open it once where it can be written.")
    return db


def _readable_uri(path: Path) -> str:
    """A file in a folder that cannot be written has no write-ahead log beside it: it is read as it is."""
    frozen = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    return f"{path.as_uri()}?mode=ro" + ("&immutable=1" if frozen else "")


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _check_ours(db: Database, path: Path) -> None:
    with closing(db.execute("PRAGMA application_id")) as cursor:
        (found,) = cursor.fetchone()
    if found not in (0, APPLICATION_ID) or (found == 0 and db.table_names()):
        raise ArchiveError(f"{path}: an SQLite file, but not an archive of medic-console.", "Name another file.")
    newer = [migration.name for migration in migrations.applied(db) if migration.name not in RELEASED]
    if newer:
        raise ArchiveError(
            f"{path}: the archive comes from a newer release ({', '.join(newer)}).", "Update medic-console."
        )


def _unusable(path: Path, error: sqlite3.Error) -> ArchiveError:
    return ArchiveError(
        f"{path}: the archive cannot be used ({error}).",
        "Check that the file is an archive, that the disk has room and that its folder can be written.",
    )
