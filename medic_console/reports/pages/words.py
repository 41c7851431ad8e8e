"""What several pages say in the same words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from medic_console.archive.views import ModelResult, ModelView, RunView, TaskView
from medic_console.core.naming import answered_here, has_file
from medic_console.reports.document import Link
from medic_console.reports.evidence import Evidence, RunEvidence
from medic_console.results.tasks import PANEL

NOT_MEASURED = "not measured"
SAMPLES = (
    "BUNDLED SAMPLES: invented items for trying the program were used. No figure that rests on them says anything "
    "about a model for use, or is comparable with a published one."
)


def items_file(run: str, task: str) -> str:
    """Return the name of the file of a task's items in a report's folder."""
    return f"items/{run}/{task}.csv"


def items_link(run: str, task: str, n: int) -> Link:
    """Return a number of items as a link to their file."""
    return Link(f"{n:,}", items_file(run, task))


def models_said(evidence: Evidence, models: Sequence[str]) -> str:
    """Return titles of models by sha256, with commas between."""
    return ", ".join(evidence.names[one] for one in models)


def judge_said(evidence: Evidence, judge: str) -> str:
    """Return who judged."""
    return "panel" if judge == PANEL else evidence.names.get(judge, judge) if judge else "–"


def views(evidence: Evidence) -> Iterator[tuple[RunEvidence, ModelResult, TaskView]]:
    """Yield each task of each model of each run."""
    for run in evidence.runs:
        for result in run.results:
            for view in result.tasks:
                yield run, result, view


def answered_elsewhere(run: RunEvidence) -> bool:
    """Tell whether the answers of a run were had by another program, of which nothing is known here."""
    return not all(map(answered_here, run.view.candidates))


def without_file(model: ModelView) -> str:
    """Return what is known of a model that is no file here, in a sentence; empty where it is one."""
    if has_file(model):
        return ""
    if not answered_here(model):
        return f"Not run here: another program had the answers that {Path(model.file).name} holds."
    return f"Behind a server: {model.file}; its file is not known here."


def forgotten_said(run: RunEvidence) -> str:
    """Return that the texts of a run were forgotten; empty where they were not."""
    if not run.forgotten:
        return ""
    left = "scores, figures and digests stand; what was asked and said cannot be looked at or scored again"
    return f"The texts of run {run.view.id} were forgotten {run.forgotten}: {left}."


def state(view: RunView) -> str:
    """Return how far a run is."""
    return f"{view.status}, {view.counts.total:,} of {view.total:,} scores"
