"""An engine that survives its child: prompts in flight at a death are tried once more, alone."""

from __future__ import annotations

import dataclasses
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from medic_console.core.errors import EngineDied, EngineError, EngineHung, NoRoom, UsageError
from medic_console.core.records import Prompt
from medic_console.engine.parent.process import ProcessEngine
from medic_console.engine.protocol.port import Broken, EngineEvent, EngineSettings, Finished, Granted

MAX_DEATHS = 5
"""Deaths in a row, without a finished prompt between them, after which the run stops."""
STEPPED_DOWN = "llama.cpp found no memory for the first plan: this one takes a fifth less"
CRASHES = frozenset({-signal.SIGSEGV, -signal.SIGILL, -signal.SIGBUS, -signal.SIGFPE})


def start_engine(
    settings: EngineSettings,
    log: Path,
    progress: Callable[[float], None] | None = None,
    smaller: Callable[[], EngineSettings] | None = None,
) -> SupervisedEngine:
    """Load a model; where there is no room for it, once more with a smaller plan.

    Args:
        smaller: Makes that plan.

    Raises:
        EngineError: The model cannot be loaded.
    """
    try:
        return _started(settings, log, progress)
    except EngineError as error:
        if smaller is None or not _for_want_of_memory(error):
            raise
        less = _smaller(settings, smaller)
        if less is None:
            raise
    return _started(less, log, progress)


def _for_want_of_memory(error: EngineError) -> bool:
    """Tell whether llama.cpp refused for want of memory, or the system ended the child while it was loading."""
    return isinstance(error, NoRoom) or (isinstance(error, EngineDied) and error.returncode == -signal.SIGKILL)


def _smaller(settings: EngineSettings, smaller: Callable[[], EngineSettings]) -> EngineSettings | None:
    """Return a plan that asks for less of something; None where what a person named leaves none."""
    try:
        found = smaller()
    except UsageError:
        return None
    sizes = ("parallel", "cells", "batch", "split")
    if all(getattr(found, name) == getattr(settings, name) for name in sizes):
        return None
    return dataclasses.replace(found, reasons=(*found.reasons, STEPPED_DOWN))


def _started(settings: EngineSettings, log: Path, progress: Callable[[float], None] | None = None) -> SupervisedEngine:
    """Load a model; where llama.cpp's packed kernels crash on this processor, load it again without them."""
    try:
        return SupervisedEngine(lambda: ProcessEngine(settings, log, progress))
    except EngineDied as error:
        if not settings.packed or error.returncode not in CRASHES:
            raise
    plain = dataclasses.replace(settings, packed=False)
    return SupervisedEngine(lambda: ProcessEngine(plain, log, progress))


class SupervisedEngine:
    """Starts a fresh child when one dies (see `port.Engine`).

    A prompt that was begun when its child died is tried once more with no other prompt beside it. If that child
    dies too, the prompt is broken; the others are not blamed.
    """

    def __init__(self, start: Callable[[], ProcessEngine]) -> None:
        self._start = start
        self._child = start()
        self._open: dict[str, Prompt] = {}
        self._suspects: deque[Prompt] = deque()
        self._alone = ""
        self._cancelled: set[str] = set()
        self._deaths: Counter[str] = Counter()
        self._deaths_in_a_row = 0
        self._closed = False

    @property
    def granted(self) -> Granted:
        """What the engine really runs with."""
        return self._child.granted

    @property
    def pid(self) -> int:
        """Process id of the present child."""
        return self._child.pid

    @property
    def decode_seconds(self) -> float:
        """Time that the present child has spent inside `llama_decode`."""
        return self._child.decode_seconds

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._open.update({prompt.id: prompt for prompt in new})
        if not self._alone:
            self._child.submit(new)

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open.

        Raises:
            EngineError: The child died too often in a row, cannot be started again, or the engine was closed.
        """
        while self._open:
            try:
                for event in self._child.events():
                    if isinstance(event, Finished | Broken):
                        self._open.pop(event.prompt_id, None)
                        self._deaths_in_a_row = 0
                    yield event
                self._go_on()
            except (EngineDied, EngineHung) as error:
                if self._closed:
                    raise
                yield from self._recover(error)

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        ids = list(prompt_ids)
        self._cancelled.update(ids)
        self._child.cancel(ids)

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of prompts no longer; a fresh child holds none."""
        self._child.release(prompt_ids)

    def close(self) -> None:
        """End the child, and start no other; any thread may call it."""
        self._closed = True
        self._child.close()

    def _recover(self, error: EngineError) -> Iterator[EngineEvent]:
        self._deaths_in_a_row += 1
        begun = [prompt for prompt in self._child.open_prompts if prompt.id in self._child.begun]
        self._child.close()
        if self._deaths_in_a_row >= MAX_DEATHS:
            raise EngineError(
                f"The engine died {MAX_DEATHS} times in a row; the run stops here. {error.message}",
                "What is finished is kept. Try fewer sequences (--parallel) or a smaller --context, then resume.",
            ) from error
        for prompt in begun:
            self._deaths[prompt.id] += 1
            if self._deaths[prompt.id] > 1:
                del self._open[prompt.id]
                text = f"The engine died twice on this prompt, the second time with no other beside it. {error.message}"
                yield Broken(prompt.id, text, f"{type(error).__name__}: {error.message}")
            else:
                self._suspects.append(prompt)
        self._child = self._start()
        if self._closed:  # meanwhile, by another thread
            self._child.close()
            raise error
        self._go_on()

    def _go_on(self) -> None:
        """Give the child its next suspect alone, or all that is open."""
        while self._suspects:
            prompt = self._suspects.popleft()
            if prompt.id in self._open:
                self._alone = prompt.id
                self._child.submit([prompt])
                self._child.cancel(self._cancelled & {prompt.id})
                return
        self._alone = ""
        known = {prompt.id for prompt in self._child.open_prompts}
        self._child.submit([prompt for prompt in self._open.values() if prompt.id not in known])
        self._child.cancel(self._cancelled & set(self._open))
