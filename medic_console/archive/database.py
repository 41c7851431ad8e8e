"""Open an archive: one SQLite file, mode 0600, write-ahead log, one connection a thread.

Only who writes waits for sqlite_utils to be loaded: readers take the connection as it is, so that the console opens
at once.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.archive.schema import MIGRATIONS, RELEASED, SET
from medic_console.archive.transaction import BUSY_SECONDS
from medic_console.core.errors import ArchiveError

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x4D454443
"""`MEDC`: marks the file as an archive of ours."""
_APPLIED = "_sqlite_migrations"
"""Table in which sqlite_utils writes down what was applied."""


def open_writable(path: Path) -> Database:
    """Open an archive for writing, make it if it is not there and bring its tables up to date.

    Of one that comes from an older release a copy is left beside it first, `NAME.before-MIGRATION`.

    Raises:
        ArchiveError: The file or its folder cannot be written, is not an archive, or comes from a newer release.
    """
    Database = _sqlite_utils()
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
        connection = _connect(f"{path.as_uri()}?mode=rw")
        db = Database(connection)
        if RELEASED - _check_ours(connection, path):
            with _one_at_a_time(path.parent):
                _bring_up_to_date(db, connection, path)
        db.execute("PRAGMA journal_mode = WAL")
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _unusable(path, error) from error
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return db


def _sqlite_utils() -> type[Database]:
    """Return the class of sqlite_utils, which takes pandas where that is installed: 0.3 s and 50 MB for nothing."""
    if "pandas" in sys.modules:
        from sqlite_utils import Database

        return Database
    sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        from sqlite_utils import Database
    finally:
        del sys.modules["pandas"]
    return Database


def open_readonly(path: Path) -> sqlite3.Connection:
    """Open an existing archive for reading; rows can be read by their columns' names.

    One that comes from an older release is brought up to date first (`open_writable`), where it can be written.

    Raises:
        ArchiveError: There is no such file, it is not an archive, comes from a newer release, or from an older one and
            cannot be written.
    """
    path = path.expanduser().absolute()
    if not path.is_file():
        raise ArchiveError(f"{path}: there is no archive yet.", "Start a run; it makes the archive: medic-console demo")
    connection, applied = _reading(path)
    if RELEASED - applied:
        connection.close()
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            raise ArchiveError(
                f"{path}: the archive comes from an older release and cannot be written here.",
                "Copy it into a folder where it can be written, and name the copy with --archive FILE.",
            )
        open_writable(path).close()
        connection, _ = _reading(path)
    connection.row_factory = sqlite3.Row
    return connection


def _reading(path: Path) -> tuple[sqlite3.Connection, frozenset[str]]:
    """Return a connection for reading, and the migrations that were applied."""
    try:
        connection = _connect(_readable_uri(path))
        return connection, _check_ours(connection, path)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _unusable(path, error) from error


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let one process at a time bring archives of a folder up to date; the lock is the folder's own.

    Windows has no such lock: two processes at the same moment may end one of them with an error there.
    """
    if sys.platform == "win32":
        yield
        return
    import fcntl

    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _bring_up_to_date(db: Database, connection: sqlite3.Connection, path: Path) -> None:
    missing = RELEASED - (applied := _check_ours(connection, path))
    if applied and missing:
        _keep_copy(connection, path, missing)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    _migrate(db)


def _keep_copy(connection: sqlite3.Connection, path: Path, missing: Collection[str]) -> None:
    """Leave a whole copy of an archive beside it, named by the first migration that it lacks; an earlier one stays."""
    kept = path.with_name(f"{path.name}.before-{min(missing)}")
    clear_parts(kept)
    if kept.exists():
        return
    part = kept.with_name(f"{kept.name}.part-{os.getpid()}")
    part.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(part)) as target:
            connection.backup(target)
        part.rename(kept)
    finally:
        part.unlink(missing_ok=True)


def clear_parts(target: Path) -> None:
    """Remove what processes that were killed left of a file that they were about to write, `NAME.part-PID`."""
    if sys.platform == "win32":  # where one cannot ask whether a process is there
        return
    start = f"{target.name}.part-"
    for file in target.parent.iterdir():
        pid = file.name.removeprefix(start).partition("-")[0]
        if file.name.startswith(start) and pid.isdecimal() and not _is_there(int(pid)):
            file.unlink(missing_ok=True)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def refuse_empty(path: Path) -> None:
    """Refuse a file of no bytes, which SQLite would take for an archive in which nothing is wrong.

    Raises:
        ArchiveError: It is there and empty.
    """
    if path.is_file() and not path.stat().st_size:
        raise ArchiveError(
            f"{path}: the file is empty: what was in it is gone, or it was not copied whole.",
            "Restore it from a backup; without one remove the file, and a run makes a new archive.",
        )


def raw_copy(path: Path, target: Path) -> None:
    """Copy an archive of any release as it is; the file is not touched.

    Raises:
        ArchiveError: It is empty, cannot be read as one of ours, or comes from a newer release.
    """
    path = path.expanduser().absolute()
    refuse_empty(path)
    connection, _ = _reading(path)
    target.touch(mode=0o600)
    try:
        with closing(connection), closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def applied_migrations(connection: sqlite3.Connection) -> list[str]:
    """Return the names of an archive's migrations, in the order in which they were applied."""
    rows = connection.execute(f"SELECT name FROM {_APPLIED} WHERE migration_set = ? ORDER BY rowid", [SET])
    return [name for (name,) in rows]


def last_written(path: Path) -> tuple[int, ...]:
    """Return what changes when an archive is written to: times and sizes of its file and its write-ahead log."""
    found = []
    for file in (path, Path(f"{path}-wal")):
        try:
            status = file.stat()
        except OSError:
            continue
        found += [status.st_mtime_ns, status.st_size]
    return tuple(found)


def _readable_uri(path: Path) -> str:
    """A file in a folder that cannot be written has no write-ahead log beside it: it is read as it is."""
    frozen = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    return f"{path.as_uri()}?mode=ro" + ("&immutable=1" if frozen else "")


def _connect(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _check_ours(connection: sqlite3.Connection, path: Path) -> frozenset[str]:
    """Return the names of the migrations that were applied to an archive of ours."""
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if found not in (0, APPLICATION_ID) or (found == 0 and tables):
        raise ArchiveError(f"{path}: an SQLite file, but not an archive of medic-console.", "Name another file.")
    applied = frozenset(applied_migrations(connection) if _APPLIED in tables else ())
    if applied - RELEASED and RELEASED - applied:  # a newer release has all of ours
        raise ArchiveError(
            f"{path}: the archive cannot be used (its list of migrations is damaged: "
            f"{', '.join(sorted(applied - RELEASED))}).",
            f"Save what can be read of it: {recovery(path)}",
        )
    if applied - RELEASED:
        raise ArchiveError(
            f"{path}: the archive comes from a newer release ({', '.join(sorted(applied - RELEASED))}).",
            "Update medic-console.",
        )
    return applied


def _migrate(db: Database) -> None:
    """Apply the migrations that are missing, each in a transaction of its own."""
    from sqlite_utils import Migrations

    migrations = Migrations(SET)
    for name, statements in MIGRATIONS.items():

        @migrations(name=name)
        def apply(db: Database, statements: Sequence[str] = statements) -> None:
            for statement in statements:
                db.execute(statement)

    migrations.apply(db)


def recovery(path: Path) -> str:
    """Return the command that saves what can be read of an archive."""
    return f"medic-console archive recover {path.name}.recovered --archive {path}"


def _unusable(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> ArchiveError:
    told = f"{path}: the archive cannot be used ({error})."
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if isinstance(error, UnicodeDecodeError) or code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return ArchiveError(told, f"Check that the file is an archive. Save what can be read of one: {recovery(path)}")
    return ArchiveError(
        told, "Check that the file is an archive, that the disk has room and that its folder can be written."
    )
