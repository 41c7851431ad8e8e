"""One of several engines: a thread of its own loads it, feeds it and tells what it says."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from medic_console.core.errors import EngineError
from medic_console.core.records import Prompt
from medic_console.engine.protocol.port import Engine, EngineEvent, Granted

MAX_LOSSES = 3
"""Losses of a worker without a finished prompt between them, after which it is not opened again."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A worker's engine is loaded."""

    granted: Granted


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker's engine cannot go on: what it had open is open again.

    Attributes:
        final: It is not opened again.
    """

    error: EngineError
    final: bool


Report = Opened | Lost | EngineEvent
Order = Callable[[Engine], None]


class Worker:
    """Drives an engine.

    Args:
        name: What people call it, such as its machine.
        opens: Loads the engine; called again when it was lost.
        tells: Takes what there is to tell; called by the worker's thread.
    """

    def __init__(self, name: str, opens: Callable[[], Engine], tells: Callable[[Worker, Report], None]) -> None:
        self.name = name
        self._opens = opens
        self._tells = tells
        self._orders: queue.SimpleQueue[Order | None] = queue.SimpleQueue()
        self._engine: Engine | None = None
        self._closed = threading.Event()
        self._losses = 0
        self._thread = threading.Thread(target=self._work, name=f"engine {name}", daemon=True)
        self._thread.start()

    def submit(self, prompts: Sequence[Prompt]) -> None:
        """Queue prompts."""
        self._orders.put(lambda engine: engine.submit(prompts))

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        ids = list(prompt_ids)
        self._orders.put(lambda engine: engine.cancel(ids))

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        ids = list(prompt_ids)
        self._orders.put(lambda engine: engine.release(ids))

    def close(self) -> None:
        """End the engine, and open it no more; any thread may call it."""
        self._closed.set()
        self._orders.put(None)
        if self._engine is not None:
            self._engine.close()

    def join(self, seconds: float) -> None:
        """Wait for the thread's end after `close`."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while not self._closed.is_set():
            try:
                self._engine = self._opens()
                self._forget_orders()
                self._tells(self, Opened(self._engine.granted))
                self._serve(self._engine)
            except EngineError as error:
                self._lose(error)
            except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
                self._lose(EngineError(f"{self.name}: {type(error).__name__}: {error}"))
            finally:
                if self._engine is not None:
                    self._engine.close()

    def _lose(self, error: EngineError) -> None:
        self._losses += 1
        final = self._losses >= MAX_LOSSES or self._engine is None
        if final:
            self._closed.set()
        self._tells(self, Lost(error, final))

    def _forget_orders(self) -> None:
        """Drop what was meant for an engine that is gone; its prompts were given to others."""
        while not self._orders.empty():
            self._orders.get()

    def _serve(self, engine: Engine) -> None:
        while not self._closed.is_set():
            self._take(engine, self._orders.get())
            for event in engine.events():
                self._losses = 0
                self._tells(self, event)
                while not self._orders.empty():
                    self._take(engine, self._orders.get())

    def _take(self, engine: Engine, order: Order | None) -> None:
        if order is not None and not self._closed.is_set():
            order(engine)
