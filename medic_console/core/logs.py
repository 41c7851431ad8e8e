"""Logs of what the engines write: one a run, one for what stands outside of runs; old ones go."""

from __future__ import annotations

import contextlib
from pathlib import Path

from medic_console.core import paths

KEPT = 30
"""Logs of runs that are kept, the newest ones."""
LARGEST = 1 << 20
"""Bytes from which the log outside of runs is begun anew; the one before it is kept beside it."""
_NAME = "engine.log"


def usual_log() -> Path:
    """Return the log of what stands outside of runs, such as the check of a file."""
    return begun_anew(paths.private(paths.log_dir()) / _NAME)


def begun_anew(log: Path) -> Path:
    """Return a log; one that is large is put aside before, over the one that was put aside earlier."""
    with contextlib.suppress(OSError):
        if log.stat().st_size > LARGEST:
            log.replace(log.with_name(f"{log.name}.1"))
    return log


def run_log(run: str) -> Path:
    """Return the log of a run, and remove those of runs of long ago."""
    log = paths.private(paths.log_dir()) / f"engine-{run}.log"
    for old in _by_age("engine-*.log")[KEPT - 1 :]:
        if old != log:
            with contextlib.suppress(OSError):
                old.unlink()
    return log


def newest_log() -> Path:
    """Return the log that was written last; the usual one where there is none."""
    return next(iter(_by_age("engine*.log")), paths.log_dir() / _NAME)


def _by_age(names: str) -> list[Path]:
    """Return logs, the newest first."""
    found = []
    for log in paths.log_dir().glob(names):
        with contextlib.suppress(OSError):
            found.append((log.stat().st_mtime_ns, log))
    return [log for _, log in sorted(found, reverse=True)]
