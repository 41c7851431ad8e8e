"""Files of items written by a process of their own while figures are made: a report may hold a million rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from medic_console.archive.views import RunView
from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import from_line, to_line
from medic_console.core.errors import UsageError
from medic_console.core.naming import told_apart
from medic_console.reports.evidence import Tell
from medic_console.reports.items import write_items
from medic_console.reports.reader import EvidenceReader

MANY = 20_000
"""Scores from which on a process of its own is worth its start."""
PATIENCE = 3_600.0
"""Seconds for the items of one run."""
_SERVE = "medic_console.reports.serve_items"


@contextmanager
def items_written(archive: Path, runs: Sequence[str], with_words: bool, folder: Path, tell: Tell) -> Iterator[None]:
    """Write the items of runs below a folder while the body goes on; they are there when it ends.

    Raises:
        ArchiveError: A run is not there, or is a qualification of judges.
        UsageError: The files cannot be written.
    """
    with closing(EvidenceReader(archive)) as reader:
        views = [reader.audit(run) for run in runs]
        models = {one.sha256: one for view in views for one in (*view.candidates, *view.judges)}
        names = told_apart(models.values())
        if sum(_scores(view) for view in views) < MANY:
            yield
            write_items(reader, views, names, with_words, folder, tell)
            return
    asked = {"archive": str(archive), "runs": list(runs), "names": names}
    child = Child(_SERVE)
    try:
        child.send(to_line({**asked, "with_words": with_words, "folder": str(folder)}))
        yield
        _wait(child, tell)
    finally:
        child.end()


def _scores(view: RunView) -> int:
    return view.counts.scored + view.counts.unscored + view.counts.failed


def _wait(child: Child, tell: Tell) -> None:
    """Tell of each run until the process is done."""
    advice = "Try again, or name another folder."
    while True:
        try:
            told: Mapping[str, object] = from_line(child.receive(PATIENCE))
        except Silent:
            raise UsageError(f"The files of items were not written within {PATIENCE:,.0f} s.", advice) from None
        except Ended as ended:
            raise UsageError(f"Files of items cannot be written: {ended}.", advice) from ended
        if "done" in told:
            return
        if "fault" in told:
            raise UsageError(f"Files of items cannot be written ({told['fault']}).", advice)
        tell(str(told["tell"]))
