"""An engine on another machine, by calls through Ray."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import medic_console
from medic_console.core.errors import EngineError
from medic_console.core.records import Prompt
from medic_console.engine.cluster.head import Head
from medic_console.engine.cluster.host import CLOSE_SECONDS, Loaded, Task
from medic_console.engine.protocol.port import Broken, EngineEvent, Finished, Granted

LOAD_SECONDS = 3_600.0
"""Most time for a machine to find, hash and load a model, or to come back when it was lost."""
SILENT_SECONDS = 120.0
"""Longest silence of a machine that is asked what there is to tell; it answers twice a second."""
_LOOK_SECONDS = 10.0
"""Wait for a call's result after which the head is looked at."""


class Calls:
    """Waits for the results of calls to a machine.

    Args:
        ray: Connected.
        head: Of the cluster.
        name: Of the machine, for people.
    """

    def __init__(self, ray: Any, head: Head, name: str) -> None:
        self.ray = ray
        self.head = head
        self.name = name

    def result(self, answer: Any, seconds: float) -> Any:
        """Return a call's result.

        Raises:
            EngineError: The machine is lost or silent, or the head is gone while it is waited for.
        """
        until = time.monotonic() + seconds
        while True:
            now = min(_LOOK_SECONDS, max(0.0, until - time.monotonic()))
            try:
                return self.ray.get(answer, timeout=now)
            except self.ray.exceptions.GetTimeoutError as error:
                self.head.wait()
                if time.monotonic() >= until:
                    raise self.head.fault(self.name, error) from error
            except Exception as error:
                raise self.head.fault(self.name, error) from error

    def answers(self, host: Any) -> bool:
        """Tell whether a host that waited for a model is still there; one that is not is ended."""
        try:
            self.result(host.ready.remote(), LOAD_SECONDS)
        except EngineError:
            self.end(host)
            return False
        return True

    def end(self, host: Any) -> None:
        """End a host's process."""
        with contextlib.suppress(Exception):  # it may be gone
            self.ray.kill(host, no_restart=True)


class RemoteEngine:
    """An engine on another machine (see `port.Engine`).

    Args:
        host: Handle of a `Host` that has no engine.
        task: What is to be loaded.
        keep: Called at the end with the host, if it can load another model.

    Raises:
        EngineError: The machine cannot load it, or has another version of this program.
    """

    def __init__(self, calls: Calls, host: Any, task: Task, keep: Callable[[Any], None]) -> None:
        self._calls = calls
        self._host = host
        self._keep = keep
        self._open: set[str] = set()
        self._closed = False
        self._number = 0
        try:
            self.granted = self._loaded(task)
        except BaseException:
            self.close()
            raise

    def _loaded(self, task: Task) -> Granted:
        loaded: Loaded = self._calls.result(self._host.load.remote(task), LOAD_SECONDS)
        self._number = getattr(loaded, "number", 0)  # releases before had none
        name = self._calls.name
        if loaded.machine not in name:
            self._calls.name = name = f"{name}, now on {loaded.machine}"
        if loaded.version != medic_console.__version__:
            raise EngineError(
                f"{name} has medic-console {loaded.version}, this machine {medic_console.__version__}.",
                "Install the same release on all machines.",
            )
        if loaded.granted is None:
            raise EngineError(loaded.fault)
        return loaded.granted

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._open.update(prompt.id for prompt in new)
        self._host.submit.remote(self._number, new)

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open.

        Raises:
            EngineError: The machine is lost, or its engine cannot go on.
        """
        while self._open:
            for told in self._calls.result(self._host.take.remote(self._number), SILENT_SECONDS):
                if isinstance(told, str):
                    raise EngineError(f"{self._calls.name}: {told}")
                if isinstance(told, Finished | Broken):
                    self._open.discard(told.prompt_id)
                yield told

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        self._host.cancel.remote(self._number, list(prompt_ids))

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        self._host.release.remote(self._number, list(prompt_ids))

    def close(self) -> None:
        """End the engine on its machine; the machine's process waits for the next one."""
        self._open.clear()
        if self._closed:
            return
        self._closed = True
        try:
            self._calls.ray.get(self._host.close.remote(self._number), timeout=2 * CLOSE_SECONDS)
        except Exception:  # noqa: BLE001 - it may be gone, or hang
            self._calls.end(self._host)
        else:
            self._keep(self._host)
