"""What the run screen reads, in a thread: a run with its figures, then the items of one task."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.archive.views import ItemRow, ModelResult, RunView, TaskView
from medic_console.results.item_kinds import ItemKind, item_kinds
from medic_console.review.accuracy import Corrected, corrected_by_people
from medic_console.review.beside import Beside, beside
from medic_console.review.reader import ReviewReader

if TYPE_CHECKING:
    from medic_console.results.reader import Reader
    from medic_console.results.result_cache import ResultCache
    from medic_console.suite.task import Task


@dataclass(frozen=True, slots=True)
class Results:
    """A run with its figures, and what people found of it."""

    run: RunView
    models: tuple[ModelResult, ...]
    reviewed: tuple[Beside, ...] = ()
    corrected: tuple[Corrected, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """Whose items are listed: a task's, under a candidate and a judge."""

    candidate: str
    task: str
    judge: str

    @classmethod
    def of(cls, view: TaskView) -> Key:
        """Return the key of a task's results."""
        return cls(view.candidate, view.task.id, view.judge)


@dataclass(frozen=True, slots=True)
class Items:
    """A task's items in their order, and of which kinds they are."""

    of: Key
    rows: list[ItemRow]
    kinds: list[ItemKind]


def read_results(run: str, known: ResultCache, archive: Path, reader: Reader) -> Results:
    """Read a run's figures.

    Args:
        known: Figures that were computed before.
        archive: What `reader` reads, for what people said.

    Raises:
        ArchiveError: There is no such run, or the archive cannot be used.
    """
    with closing(ReviewReader(archive)) as people:
        said = tuple(beside(people, run)), tuple(corrected_by_people(people, run))
        return Results(reader.run(run), tuple(reader.results(run, known)), *said)


def read_items(run: str, key: Key, task: Task, reader: Reader) -> Items:
    """Read the items of a task, scored or not."""
    rows = reader.items(run, key.task, key.candidate, key.judge)
    return Items(key, rows, item_kinds(task, rows))
