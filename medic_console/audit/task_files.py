"""Which items each task can take: what was recognised in the folder of official files, or what is missing there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from medic_console.core.errors import UsageError
from medic_console.suite.items import LoadedTask, find_official, load_items
from medic_console.suite.task import Task


class Files(StrEnum):
    """What there is for a task."""

    SAMPLES = "samples"
    READY = "ready"
    MISSING = "missing"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class TaskFiles:
    """One task's items.

    Attributes:
        samples: The bundled ones.
        official: What the folder of official files holds; None: no folder was named, or `error` says why not.
        error: Why there are no official items.
    """

    task: Task
    state: Files
    samples: LoadedTask
    official: LoadedTask | None = None
    error: UsageError | None = None

    @property
    def taken(self) -> LoadedTask | None:
        """What a run takes; None when it cannot start."""
        return self.samples if self.state is Files.SAMPLES else self.official

    @property
    def status(self) -> str:
        """What was found, in a few words; an error's message where nothing was."""
        if self.error is not None:
            return self.error.message
        if self.official is None:
            return "sample items; official files with --data DIR"
        found = self.official
        skipped = f", {len(found.skipped)} skipped" if found.skipped else ""
        return f"ready: {found.source.name}, {found.read} records{skipped}"


def task_files(task: Task, cache: Path, data: Path | None) -> TaskFiles:
    """Look for a task's items.

    Args:
        cache: Folder for a database that is built from the samples' SQL text.
        data: Folder of official files; None: samples only.

    Raises:
        UsageError: The bundled samples cannot be read.
    """
    samples = load_items(task, cache)
    if data is None:
        return TaskFiles(task, Files.SAMPLES, samples)
    try:
        find_official(task, data)
    except UsageError as error:
        return TaskFiles(task, Files.MISSING, samples, error=error)
    try:
        return TaskFiles(task, Files.READY, samples, load_items(task, cache, data))
    except UsageError as error:
        return TaskFiles(task, Files.BROKEN, samples, error=error)
