"""What the run screen reads, in a thread: a run with its figures, then the items of one task."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from medic_console.archive.views import ItemRow, ModelResult, RunView, TaskView
from medic_console.results.item_kinds import ItemKind, item_kinds
from medic_console.results.task_lines import figure_lines
from medic_console.review.accuracy import Corrected, corrected_by_people
from medic_console.review.beside import Beside, beside
from medic_console.review.reader import ReviewReader

if TYPE_CHECKING:
    from medic_console.results.reader import Reader
    from medic_console.results.result_cache import ResultCache
    from medic_console.suite.task import Task

MANY = 10_000
"""Items of a task from which its list does not wait for the run's figures."""


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


def read_first(run: str, known: ResultCache, archive: Path, reader: Reader) -> Results | Items:
    """Read the items of a run's first task where they are many, as the figures over them take longer; else the figures.

    Args:
        known: Figures that were computed before.
        archive: What `reader` reads.

    Raises:
        ArchiveError: There is no such run, or the archive cannot be used.
    """
    first = reader.first_task(run, at_least=MANY)
    if first is None:
        return read_results(run, known, archive, reader)
    task, candidate, judge = first
    return read_items(run, Key(candidate, task.id, judge), task, reader)


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
        found = Results(reader.run(run), tuple(reader.results(run, known)), *said)
    for view in (view for result in found.models[:1] for view in result.tasks[:1]):
        _compute(view)
    return found


def read_marked(run: str, view: TaskView, reader: Reader) -> Items:
    """Read the items of a task whose figures are there, all of which are computed with that."""
    _compute(view)
    return read_items(run, Key.of(view), view.task, reader)


def read_items(run: str, key: Key, task: Task, reader: Reader) -> Items:
    """Read the items of a task, scored or not."""
    rows = reader.items(run, key.task, key.candidate, key.judge)
    return Items(key, rows, item_kinds(task, rows))


def _compute(view: TaskView) -> None:
    """Have a task's figures computed, which is done once: the screen has no time for it."""
    for _ in figure_lines(view, {}):
        pass
