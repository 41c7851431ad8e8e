"""A process beside this one that writes a report's items and findings, then makes figures too: they may be many."""

from __future__ import annotations

import base64
import pickle
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from medic_console.archive.views import RunView
from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import MedicError, UsageError
from medic_console.core.naming import told_apart
from medic_console.reports.evidence import Asked, Helper, RunEvidence, Tell
from medic_console.reports.hazards import Hazard
from medic_console.reports.items import write_rows
from medic_console.reports.reader import EvidenceReader

MANY = 20_000
"""Scores from which on a process of its own is worth its start."""
PATIENCE = 3_600.0
"""Seconds for one run."""
_SERVE = "medic_console.reports.serve"
_ADVICE = "Try again, or name another folder."


@contextmanager
def helped(archive: Path, asked: Asked, folder: Path, tell: Tell) -> Iterator[Helper]:
    """Have the items and findings of runs written below a report's folder, while the body makes figures.

    Raises:
        ArchiveError: A run is not there, or is a qualification of judges.
    """
    with closing(EvidenceReader(archive)) as reader:
        views = [reader.audit(run) for run in dict.fromkeys(asked.runs)]
        models = {one.sha256: one for view in views for one in (*view.candidates, *view.judges)}
        names = told_apart(models.values())
        if sum(_scores(view) for view in views) < MANY:
            yield _Here(reader, views, names, asked, folder, tell)
            return
    wish: dict[str, Any] = {"archive": str(archive), "runs": [view.id for view in views], "names": names}
    wish |= {"by": list(asked.by), "with_words": asked.scope.with_words, "folder": str(folder)}
    child = Child(_SERVE, environment={"OPENBLAS_NUM_THREADS": "1"})
    try:
        child.send(to_line(wish))
        yield _Beside(child, tell)
    finally:
        child.end()


def _scores(view: RunView) -> int:
    return view.counts.scored + view.counts.unscored + view.counts.failed


class _Here:
    """Few scores: their files are written when the figures are made."""

    def __init__(
        self,
        reader: EvidenceReader,
        views: Sequence[RunView],
        names: Mapping[str, str],
        asked: Asked,
        folder: Path,
        tell: Tell,
    ) -> None:
        self._write = partial(write_rows, reader, views, names, asked.scope.with_words, folder, tell)

    def share(self, left: deque[str], made: dict[str, RunEvidence]) -> None:
        """Take none."""

    def log(self) -> Mapping[str, Sequence[Hazard]]:
        """Write the files and return the classes of findings of each run."""
        return self._write()


class _Beside:
    """Speaks with the process in a thread."""

    def __init__(self, child: Child, tell: Tell) -> None:
        self._child, self._tell = child, tell
        self._hazards: Mapping[str, Sequence[Hazard]] = {}
        self._error: MedicError | None = None
        self._thread: threading.Thread | None = None

    def share(self, left: deque[str], made: dict[str, RunEvidence]) -> None:
        """Take runs from the end of those that are left, once the files are written."""
        self._thread = threading.Thread(target=self._work, args=(left, made), daemon=True)
        self._thread.start()

    def log(self) -> Mapping[str, Sequence[Hazard]]:
        """Wait until the process is done; return the classes of findings of each run.

        Raises:
            UsageError: The files cannot be written.
        """
        if self._thread is None:
            self.share(deque(), {})
        assert self._thread is not None
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._hazards

    def _work(self, left: deque[str], made: dict[str, RunEvidence]) -> None:
        try:
            self._hazards = self._answer()
            while left:
                try:
                    run = left.pop()
                except IndexError:  # the last one was taken from the other end meanwhile
                    break
                self._child.send(to_line({"run": run}))
                made[run] = self._answer()
        except MedicError as error:
            self._error = error

    def _answer(self) -> Any:
        """Tell what is told, and return what the process made."""
        while True:
            try:
                told: Mapping[str, Any] = from_line(self._child.receive(PATIENCE))
            except Silent:
                raise UsageError(f"A report's process said nothing within {PATIENCE:,.0f} s.", _ADVICE) from None
            except Ended as ended:
                raise UsageError(f"A report's files cannot be written: {ended}.", _ADVICE) from ended
            if "fault" in told:
                raise UsageError(told["fault"], told["hint"])
            if "made" in told:
                return pickle.loads(base64.b64decode(told["made"]))  # of a process of ours, through its own pipe
            self._tell(str(told["tell"]))
