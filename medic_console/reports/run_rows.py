"""What is told of a run's rows beside its figures, read and folded row by row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from medic_console.archive.views import RunView
from medic_console.reports.hazards import Hazard, hazards
from medic_console.reports.reader import EvidenceReader, Rows
from medic_console.review.findings import Found


class RunRows(NamedTuple):
    """Of one run; see `RunEvidence` for each field."""

    tasks: tuple[Mapping[str, Any], ...]
    engines: tuple[tuple[str, Mapping[str, Any]], ...]
    libraries: tuple[Mapping[str, str], ...]
    waiting: Mapping[str, int]
    rows: Rows
    hazards: tuple[Hazard, ...]


def run_rows(reader: EvidenceReader, view: RunView, found: Iterable[Found]) -> RunRows:
    """Return what is told of the rows of a run.

    Args:
        found: The run's findings; each is looked at once.
    """
    return RunRows(
        tasks=tuple(reader.task_rows(view.id)),
        engines=tuple(reader.engines(view.id)),
        libraries=tuple(reader.libraries(view.id)),
        waiting={task: n for task in view.tasks if (n := reader.waiting(view.id, task))},
        rows=reader.rows_of(view.id),
        hazards=tuple(hazards(found)),
    )
