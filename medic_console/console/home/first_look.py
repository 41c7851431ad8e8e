"""Models and runs of an archive, read while the console itself is being loaded; so nothing of Textual is named here."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from medic_console.archive.database import last_written
from medic_console.archive.queries import ArchiveReader

if TYPE_CHECKING:
    from medic_console.archive.views import ModelView, RunView

Found = tuple[list["ModelView"], list["RunView"]]


def look(archive: Path) -> Found:
    """Return all models, and the audits, newest first.

    Raises:
        ArchiveError: There is no archive, or it cannot be used.
    """
    with closing(ArchiveReader(archive)) as reader:
        return reader.models(), reader.runs()


class FirstLook:
    """A look that begins in a thread at once.

    Attributes:
        written: When the archive was last written before the look.
    """

    def __init__(self, archive: Path) -> None:
        self.written = last_written(archive)
        self._found: Future[Found] = Future()
        Thread(target=self._read, args=(archive,)).start()  # the end waits for it: an archive may be brought up to date

    @property
    def found(self) -> bool:
        """There is a result, and no error."""
        return self._found.done() and self._found.exception() is None

    def result(self) -> Found:
        """Wait for the look and return what it found.

        Raises:
            ArchiveError: There is no archive, or it cannot be used.
        """
        return self._found.result()

    def _read(self, archive: Path) -> None:
        try:
            self._found.set_result(look(archive))
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            self._found.set_exception(error)
