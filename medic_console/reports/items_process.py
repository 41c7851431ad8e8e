"""Files of items and findings written by a process of their own while figures are made: a report may hold a million."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from medic_console.archive.views import RunView
from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import UsageError
from medic_console.core.naming import told_apart
from medic_console.reports.evidence import Tell
from medic_console.reports.hazards import Hazard, hazard_of
from medic_console.reports.items import write_rows
from medic_console.reports.reader import EvidenceReader

MANY = 20_000
"""Scores from which on a process of its own is worth its start."""
PATIENCE = 3_600.0
"""Seconds for the items of one run."""
Log = Callable[[], Mapping[str, Sequence[Hazard]]]
"""Waits for the files, and returns the classes of findings of each run."""
_SERVE = "medic_console.reports.serve_items"


@contextmanager
def rows_written(archive: Path, runs: Sequence[str], with_words: bool, folder: Path, tell: Tell) -> Iterator[Log]:
    """Write the items and findings of runs below a folder while the body goes on; the body waits for them.

    Raises:
        ArchiveError: A run is not there, or is a qualification of judges.
        UsageError: The files cannot be written.
    """
    with closing(EvidenceReader(archive)) as reader:
        views = [reader.audit(run) for run in runs]
        models = {one.sha256: one for view in views for one in (*view.candidates, *view.judges)}
        names = told_apart(models.values())
        if sum(_scores(view) for view in views) < MANY:
            yield lambda: write_rows(reader, views, names, with_words, folder, tell)
            return
    asked = {"archive": str(archive), "runs": list(runs), "names": names}
    child = Child(_SERVE)
    try:
        child.send(to_line({**asked, "with_words": with_words, "folder": str(folder)}))
        yield lambda: _wait(child, tell)
    finally:
        child.end()


def _scores(view: RunView) -> int:
    return view.counts.scored + view.counts.unscored + view.counts.failed


def _wait(child: Child, tell: Tell) -> dict[str, list[Hazard]]:
    """Tell of each run until the process is done; return what it found."""
    advice = "Try again, or name another folder."
    while True:
        try:
            told: Mapping[str, Any] = from_line(child.receive(PATIENCE))
        except Silent:
            raise UsageError(f"The files of items were not written within {PATIENCE:,.0f} s.", advice) from None
        except Ended as ended:
            raise UsageError(f"Files of items cannot be written: {ended}.", advice) from ended
        if "done" in told:
            return {run: list(map(hazard_of, found)) for run, found in told["done"].items()}
        if "fault" in told:
            raise UsageError(f"Files of items cannot be written ({told['fault']}).", advice)
        tell(str(told["tell"]))
