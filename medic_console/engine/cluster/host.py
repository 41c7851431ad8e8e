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
from medic_console.engine.protocol.features import features_now
from medic_console.engine.protocol.port import Engine, EngineEvent, EngineSettings, Granted
from medic_console.engine.sizing.limits import LESS, engine_settings

WAIT = 0.5
"""Seconds that a machine waits for something to tell before it says that there is nothing."""


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
    """

    machine: str
    version: str
    granted: Granted | None = None
    fault: str = ""


class Host:
    """An engine on a machine, as far calls can come from: whatever it says waits until it is fetched."""

    def __init__(self) -> None:
        self._reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self._worker: Worker | None = None

    def load(self, task: Task) -> Loaded:
        """Find the file and load it; wait until it is loaded."""
        machine = platform.node()
        self._worker = Worker(machine, lambda: _started(task), lambda worker, report: self._reports.put(report))
        told = self._reports.get()
        if isinstance(told, Opened):
            return Loaded(machine, medic_console.__version__, told.granted)
        assert isinstance(told, Lost)
        return Loaded(machine, medic_console.__version__, fault=f"{told.error.message} {told.error.hint}".strip())

    def submit(self, prompts: Sequence[Prompt]) -> None:
        """Queue prompts."""
        self._at_work().submit(prompts)

    def cancel(self, prompt_ids: Sequence[str]) -> None:
        """Stop prompts."""
        self._at_work().cancel(prompt_ids)

    def release(self, prompt_ids: Sequence[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        self._at_work().release(prompt_ids)

    def take(self) -> list[EngineEvent | str]:
        """Return what there is to tell, after `WAIT` seconds at most; a text is why the engine cannot go on."""
        found: list[EngineEvent | str] = []
        try:
            self._add(found, self._reports.get(timeout=WAIT))
            while not self._reports.empty():
                self._add(found, self._reports.get())
        except queue.Empty:
            pass
        return found

    def close(self) -> None:
        """End the engine."""
        if self._worker is not None:
            self._worker.close()

    def process(self) -> int:
        """Return the id of this process on its machine."""
        return os.getpid()

    def _at_work(self) -> Worker:
        assert self._worker is not None, "load comes first"
        return self._worker

    def _add(self, found: list[EngineEvent | str], report: Report) -> None:
        if isinstance(report, Lost):
            found.append(report.error.message)
            self.close()
        elif not isinstance(report, Opened):
            found.append(report)


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
