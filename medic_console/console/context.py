"""What every screen is given: the archive, the tasks and the run that is going on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from textual.signal import Signal

from medic_console.core.settings import Settings
from medic_console.results.result_cache import ResultCache

if TYPE_CHECKING:
    from medic_console.console.home.first_look import FirstLook
    from medic_console.console.session import Session
    from medic_console.console.splits import Kept
    from medic_console.engine.protocol.port import Start
    from medic_console.suite.task import Task


@dataclass(slots=True)
class Context:
    """Shared by the app and its screens; only the app's thread changes it.

    Attributes:
        data: Folder of official items that a new run proposes; None: bundled samples.
        data_named: `data` was named when the console was opened, and goes before the settings.
        start: Loads a model; None: a child process with llama.cpp.
        faults: Task files that cannot be used, a sentence each.
        known: Results of runs that were computed before.
        settings: What the person has set; replaced when it changes.
        keys: Keys by command id, as far as they differ from the table's.
        changed: Published when the session's state has changed.
        settings_changed: Published when the settings file was read again.
        session: The run of this console that is going on or went on last.
        first: A look into the archive that began before the app; home takes it.
        splits: Sizes of panes that a person has changed (`splits.Kept`).
        width: The class that screens have at the terminal's width, so that a new one is laid out once.
        now: Monotonic clock in seconds.
    """

    archive: Path
    data: Path | None
    tasks: Mapping[str, Task]
    start: Start | None
    changed: Signal[Session]
    settings_changed: Signal[Settings]
    settings: Settings = field(default_factory=Settings)
    faults: tuple[str, ...] = ()
    known: ResultCache = field(default_factory=ResultCache)
    keys: Mapping[str, str] = field(default_factory=dict)
    data_named: bool = False
    session: Session | None = None
    first: FirstLook | None = None
    splits: Kept = field(default_factory=dict)
    width: str = ""
    now: Callable[[], float] = time.monotonic

    def give_up(self) -> Callable[[], bool]:
        """End the run at once, if one goes on; return what tells whether it has let go of the archive."""
        session = self.running
        if session is None or session.audit is None:
            return lambda: True
        from medic_console.archive.lock import is_locked

        session.stop_at_once()
        run = session.audit.run
        return lambda: not is_locked(self.archive, run)

    @property
    def running(self) -> Session | None:
        """The session whose audit has not ended."""
        return self.session if self.session is not None and not self.session.over else None
