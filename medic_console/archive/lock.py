"""A lock that says that a process works on a run; the system drops it when that process dies."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import IO

from medic_console.core.errors import ArchiveError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[str]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TRIES, _PAUSE = 10, 0.02
"""A look by `is_locked` holds the lock for less than a pause of so many seconds; a run holds it for long."""
_MOST_TOLD = 64 << 10
"""Bytes."""


class RunLock:
    """Held by the one process that works on a run.

    Raises:
        ArchiveError: Another process holds it.
    """

    def __init__(self, archive: Path, run: str) -> None:
        self._path = _path(archive, run)
        tries = 0
        while True:
            self._file = self._path.open("a", encoding="utf-8")
            try:
                _try_lock(self._file)
            except OSError as error:
                self._file.close()
                tries += 1
                if tries < _TRIES:
                    time.sleep(_PAUSE)
                    continue
                raise ArchiveError(
                    f"Run {run} is being worked on by another process.",
                    "Wait until it ends, or stop it there; then resume.",
                ) from error
            if _same_file(self._file, self._path):
                return
            self._file.close()  # its last holder removed it between our opening and our locking

    def tell(self, text: str) -> None:
        """Leave a text for who looks on (`told`); it is gone with the lock. One that cannot be left is no error."""
        with contextlib.suppress(OSError):
            self._file.truncate(0)
            self._file.write(text)
            self._file.flush()

    def release(self) -> None:
        """Give the lock back; a second time does nothing, as the file may be another holder's by then."""
        if self._file.closed:
            return
        self._path.unlink(missing_ok=True)
        self._file.close()


def is_locked(archive: Path, run: str) -> bool:
    """Tell whether a process works on a run now."""
    path = _path(archive, run)
    if not path.exists():
        return False
    try:
        with path.open("a", encoding="utf-8") as file:
            _try_lock(file)
    except OSError:
        return True
    return False


def told(archive: Path, run: str) -> str:
    """Return what the process that works on a run says of it; empty where it says nothing, or there is none."""
    try:
        return _path(archive, run).read_bytes()[:_MOST_TOLD].decode("utf-8", "replace")
    except OSError:
        return ""


def _path(archive: Path, run: str) -> Path:
    return archive.with_name(f"{archive.name}-{run}.lock")


def _same_file(file: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
