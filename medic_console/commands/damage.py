"""What an error that nobody expected is due to, when the machine refuses or the archive itself is broken."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from medic_console.archive.health import damaged
from medic_console.archive.verify import verify
from medic_console.core.errors import ArchiveError, MedicError, UsageError

_MOVE = "Name folders that can be written: MEDIC_CONSOLE_HOME=DIR moves all of them, --archive FILE the archive."
_REFUSALS: Mapping[int, str] = MappingProxyType(
    {
        errno.ENOSPC: "Make room on the disk; what is finished is kept.",
        errno.EDQUOT: "Make room on the disk; what is finished is kept.",
        errno.EMFILE: "Allow more open files (ulimit -n 256).",
        errno.ENFILE: "Close other programs, or allow more open files.",
        errno.ENOMEM: "Close other programs, or free memory.",
        errno.EAGAIN: "Allow more processes (ulimit -u).",
        errno.EIO: "Look at the disk: it could not be read or written.",
        **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EISDIR, errno.EEXIST), _MOVE),
    }
)
"""What to do where the system refuses, by its number."""


def due_to_machine(error: Exception) -> MedicError | None:
    """Return what to tell where the system refuses a file, a process or memory; None for any other error."""
    if isinstance(error, MemoryError):
        return UsageError("The memory is not enough.", _REFUSALS[errno.ENOMEM])
    if not isinstance(error, OSError):
        return None
    hint = _REFUSALS.get(error.errno or 0)
    if hint is None:
        return None
    where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, str | bytes | os.PathLike) else ""
    return UsageError(f"{where}{error.strerror or os.strerror(error.errno or 0)}.", hint)


def due_to_archive(path: Path, error: Exception) -> MedicError | None:
    """Return what to tell instead of a traceback; None where the archive holds, and the error is a defect of ours."""
    if not path.is_file():
        return None
    if isinstance(error, sqlite3.DatabaseError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT:
        return damaged(path, str(error))
    try:
        broken = verify(path).broken
    except MedicError as found:
        return found
    if not broken:
        return None
    return ArchiveError(
        f"{path}: the archive is broken: {broken[0]} ({type(error).__name__}: {error}).",
        f"See all that is: medic-console archive verify --archive {path}",
    )
