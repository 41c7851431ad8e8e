"""A process beside this one that reads a report's rows and writes its items and findings: they may be many."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from medic_console.archive.views import RunView
from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import UsageError
from medic_console.core.naming import told_apart
from medic_console.reports.evidence import Asked, RowsOfRuns, Tell
from medic_console.reports.items import write_rows
from medic_console.reports.reader import EvidenceReader
from medic_console.reports.run_rows import RunRows

MANY = 20_000
"""Scores from which on a process of its own is worth its start."""
PATIENCE = 3_600.0
"""Seconds for one run."""
_SERVE = "medic_console.reports.serve"
_ADVICE = "Try again, or name another folder."


@contextmanager
def rows_beside(archive: Path, asked: Asked, folder: Path, tell: Tell) -> Iterator[RowsOfRuns]:
    """Have the items and findings of runs written below a report's folder, while the body makes figures.

    Raises:
        ArchiveError: A run is not there, or is a qualification of judges.
    """
    with closing(EvidenceReader(archive)) as reader:
        views = [reader.audit(run) for run in dict.fromkeys(asked.runs)]
        models = {one.sha256: one for view in views for one in (*view.candidates, *view.judges)}
        names = told_apart(models.values())
        if sum(_scores(view) for view in views) < MANY:
            yield partial(write_rows, reader, views, names, asked.scope.with_words, folder, tell)
            return
    wish: dict[str, Any] = {"archive": str(archive), "runs": [view.id for view in views], "names": names}
    wish |= {"with_words": asked.scope.with_words, "folder": str(folder)}
    child = Child(_SERVE, environment={"OPENBLAS_NUM_THREADS": "1"})
    try:
        child.send(to_line(wish))
        yield partial(_answer, child, tell)
    finally:
        child.end()


def _scores(view: RunView) -> int:
    return view.counts.scored + view.counts.unscored + view.counts.failed


def _answer(child: Child, tell: Tell) -> Mapping[str, RunRows]:
    """Tell what the process tells, and return what it made.

    Raises:
        UsageError: The files cannot be written.
    """
    while True:
        try:
            told: Mapping[str, Any] = from_line(child.receive(PATIENCE))
        except Silent:
            raise UsageError(f"A report's process said nothing within {PATIENCE:,.0f} s.", _ADVICE) from None
        except Ended as ended:
            raise UsageError(f"A report's files cannot be written: {ended}.", _ADVICE) from ended
        if "fault" in told:
            raise UsageError(told["fault"], told["hint"])
        if "made" in told:
            made: Mapping[str, RunRows] = pickle.loads(base64.b64decode(told["made"]))  # of ours, through its own pipe
            return made
        tell(str(told["tell"]))
