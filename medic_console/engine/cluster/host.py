"""What stands on a machine of a cluster: finds the model there by its digest and runs it as a child process."""

from __future__ import annotations

import os
import platform
import queue
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import medic_console
from medic_console.core.digest import short
from medic_console.core.errors import EngineError, MedicError
from medic_console.core.logs import run_log
from medic_console.core.records import Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.files.hash_cache import usual_cache
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import examine, model_digest
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.pool.worker import Lost, Opened, Report, Worker
from medic_console.engine.protocol.ahead import start_ahead
from medic_console.engine.protocol.features import features_now
from medic_console.engine.protocol.port import Engine, EngineEvent, EngineSettings, Granted
from medic_console.engine.sizing.limits import LESS, engine_settings

WAIT = 0.5
"""Seconds that a machine waits for something to tell before it says that there is nothing."""
CLOSE_SECONDS = 10.0
"""Wait for the end of an engine."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a machine is to load.

    Attributes:
        run: Id of the run, for the name of its log.
        model: As the machine that began the run knows it.
        settings: Of the run; the machine's own memory decides what they do not.
        cache: Kind of cache.
        roots: Folders of the machine in which the model's file is looked for, beside the place where it was named.
        share: Of the machine's free memory, which the engine may take.
    """

    run: str
    model: ModelFile
    settings: RunSettings
    cache: str
    roots: tuple[str, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a machine says when its engine is loaded, or that it is not.

    Attributes:
        machine: Its name.
        version: Of medic-console there.
        fault: Why it is not loaded, with what can be done.
        number: Of the engine among those that the machine has loaded.
    """

    machine: str
    version: str
    granted: Granted | None = None
    fault: str = ""
    number: int = 0


class Host:
    """Engines on a machine, one after the other, as far calls can come from: what one says waits until it is fetched.

    Every call but the first two names the number of its engine: one that comes late, for an engine before, does
    nothing.
    """

    def __init__(self) -> None:
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._worker: Worker | None = None
        self._number = 0

    def ready(self) -> int:
        """Start a process for an engine before there is a model; return the id of this one on its machine."""
        start_ahead()
        return os.getpid()

    def load(self, task: Task) -> Loaded:
        """Find the file and load it; wait until it is loaded."""
        self.close(self._number)
        machine, reports = platform.node(), queue.SimpleQueue[Report]()
        self._number += 1
        self._reports = reports
        self._worker = Worker(machine, lambda: _started(task), lambda worker, report: reports.put(report))
        told = reports.get()
        if isinstance(told, Opened):
            return Loaded(machine, medic_console.__version__, told.granted, number=self._number)
        assert isinstance(told, Lost)
        return Loaded(machine, medic_console.__version__, fault=_in_words(told.error), number=self._number)

    def submit(self, number: int, prompts: Sequence[Prompt]) -> None:
        """Queue prompts."""
        for worker in self._at_work(number):
            worker.submit(prompts)

    def cancel(self, number: int, prompt_ids: Sequence[str]) -> None:
        """Stop prompts."""
        for worker in self._at_work(number):
            worker.cancel(prompt_ids)

    def release(self, number: int, prompt_ids: Sequence[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        for worker in self._at_work(number):
            worker.release(prompt_ids)

    def take(self, number: int) -> list[EngineEvent | str]:
        """Return what there is to tell, after `WAIT` seconds at most; a text is why the engine cannot go on."""
        found: list[EngineEvent | str] = []
        if not self._at_work(number):
            return found
        reports = self._reports
        try:
            self._add(found, reports.get(timeout=WAIT))
            while not reports.empty():
                self._add(found, reports.get())
        except queue.Empty:
            pass
        return found

    def close(self, number: int) -> None:
        """End the engine; return when its process is gone, with the memory that it had."""
        for worker in self._at_work(number):
            self._worker = None
            worker.close()
            worker.join(CLOSE_SECONDS)

    def _at_work(self, number: int) -> list[Worker]:
        """Return what drives the engine of a number, in a list; an empty one when it is none any more."""
        return [self._worker] if self._worker is not None and number == self._number else []

    def _add(self, found: list[EngineEvent | str], report: Report) -> None:
        if isinstance(report, Lost):
            found.append(report.error.message)
            self.close(self._number)
        elif not isinstance(report, Opened):
            found.append(report)


def _in_words(error: EngineError) -> str:
    return f"{error.message} {error.hint}".strip()


def _started(task: Task) -> Engine:
    """Load the model of this machine that has the digest.

    Raises:
        EngineError: There is none, or it cannot be loaded here.
    """
    model = replace(task.model, path=find_model(task.model, task.roots))

    def settings(share: float) -> EngineSettings:
        return engine_settings(model, task.settings, build=features_now, cache=task.cache, share=share)

    try:
        return start_engine(settings(task.share), run_log(task.run), smaller=lambda: settings(task.share * LESS))
    except EngineError:
        raise
    except MedicError as error:
        raise EngineError(error.message, error.hint) from error


def find_model(model: ModelFile, roots: Sequence[str]) -> Path:
    """Return the first file of this machine that has a model's digest.

    Raises:
        EngineError: There is none.
    """
    digests = usual_cache()
    for path in _candidates(model, roots):
        try:
            found = examine(path, model.template).model
            if found.size == model.size and model_digest(found, digests) == model.sha256:
                return path
        except (MedicError, OSError):
            continue
    looked = ", ".join([str(model.path.parent), *roots])
    raise EngineError(
        f"{platform.node()}: no file with the digest {short(model.sha256)} of {model.path.name} in {looked}.",
        "Copy the file to that machine and name its folder there: --model-root FOLDER.",
    )


def _candidates(model: ModelFile, roots: Sequence[str]) -> Iterator[Path]:
    """Yield files that may be a model: where it was named, then those of its name, then all others."""
    yield model.path
    found = [path for root in roots for path in sorted(Path(root).expanduser().rglob("*.gguf"))]
    yield from sorted(found, key=lambda path: path.name != model.path.name)
