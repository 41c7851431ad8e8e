"""What an error that nobody expected is due to, when the archive itself is broken."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from medic_console.archive.health import damaged
from medic_console.archive.verify import verify
from medic_console.core.errors import ArchiveError, MedicError


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
