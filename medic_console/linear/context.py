"""What every page is given: the archive, the tasks, the conversation and the run that goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from medic_console.core import paths
from medic_console.core.settings import Settings
from medic_console.core.units import count
from medic_console.engine.protocol.port import Start
from medic_console.linear.going import Going
from medic_console.linear.talk import Talk
from medic_console.results.export import Sheet, export, stamp
from medic_console.results.reader import Reader
from medic_console.results.result_cache import ResultCache
from medic_console.suite.task import Task


@dataclass(slots=True)
class Context:
    """Shared by the pages.

    Attributes:
        data: Folder of official items that a new run proposes; None: bundled samples.
        start: Loads a model; None: a child process with llama.cpp.
        going: The run of this process that goes on or went on last.
        known: Results of runs that were computed before.
        open_run: Opens the page of a stored run.
    """

    archive: Path
    data: Path | None
    tasks: Mapping[str, Task]
    talk: Talk
    start: Start | None = None
    settings: Settings = field(default_factory=Settings)
    going: Going | None = None
    known: ResultCache = field(default_factory=ResultCache)
    open_run: Callable[[str], None] = lambda run: None

    @property
    def running(self) -> Going | None:
        """The run that has not ended."""
        return self.going if self.going is not None and not self.going.over else None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Open the archive for as long as the block lasts.

        Raises:
            ArchiveError: There is none, or it cannot be used.
        """
        reader = Reader(self.archive)
        try:
            yield reader
        finally:
            reader.close()

    def export(self, sheet: Sheet) -> None:
        """Write rows to a CSV and a JSON file and say where.

        Raises:
            SettingsError: The folder cannot be written.
        """
        if not sheet.rows:
            self.talk.say("There is no row to export.")
            return
        done = export(sheet, self.settings.export or paths.export_dir(), stamp())
        self.talk.say(f"Exported {count(done.rows, 'row')}:")
        self.talk.say(str(done.csv))
        self.talk.say(str(done.json))
