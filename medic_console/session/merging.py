"""Archives merged: each file is copied, brought up to date, checked whole, and only then are its runs taken."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from medic_console.archive.key_state import ready
from medic_console.archive.merging.merge import Taken, as_copy, take_runs
from medic_console.archive.verify import verify
from medic_console.core.errors import ArchiveError
from medic_console.session.rederive import rederive


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found before anything was taken.

    Attributes:
        unproved: What could not be said of a file, in sentences.
    """

    taken: Taken
    unproved: tuple[str, ...]


def merge(archive: Path, files: Sequence[Path]) -> Checked:
    """Take the runs of other archives into one; the files are left as they are.

    Args:
        archive: It is made if it is not there.
        files: Archives, or files of `archive export`.

    Raises:
        ArchiveError: A file is no archive, is damaged or was edited, or contradicts the archive; nothing was taken.
    """
    ready(archive)
    unproved: list[str] = []
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        copies = []
        for file in files:
            _check_other(archive, file)
            copy = stack.enter_context(as_copy(file, folder))
            unproved += _check(file, copy)
            copies.append((file.name, copy))
        return Checked(take_runs(archive, copies), tuple(unproved))


def _check_other(archive: Path, file: Path) -> None:
    if archive.exists() and file.exists() and archive.samefile(file):
        raise ArchiveError(f"{file}: this is the archive itself.", "Name the file of another one.")


def _check(file: Path, copy: Path) -> list[str]:
    """Check a file as `archive verify --all` does; return what could not be said of it.

    Raises:
        ArchiveError: It does not hold.
    """
    found = verify(copy)
    wrong = list(found.broken) or list(rederive(copy, every=True).wrong)
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise ArchiveError(
            f"{file}: it was damaged or edited: {wrong[0]}{more}. Nothing was taken.",
            f"See all: medic-console archive verify --all --archive {file}",
        )
    return [f"{file.name}: {one}" for one in found.unproved]
