"""Several engines of one model as one: prompts go to the engine that has begun alike, or has least to do."""

from __future__ import annotations

import queue
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace

from medic_console.core.beginnings import common_beginning
from medic_console.core.errors import EngineError
from medic_console.core.records import Prompt
from medic_console.engine.pool.worker import Lost, Opened, Report, Worker
from medic_console.engine.protocol.conditions import changed, deciding
from medic_console.engine.protocol.port import Broken, Engine, EngineEvent, Finished, Granted, Machines

REMEMBERED = 64
"""Texts of each engine that a new prompt is compared with."""
COMPARED = 8_192
"""Characters of a text that are compared."""
MAX_LOSSES = 3
"""Engines lost with a prompt begun or waiting, after which that prompt is broken."""
JOIN_SECONDS = 10.0
TELL_SECONDS = 2.0
"""Between two reports of how busy the engines are."""


class PoolEngine:
    """Several engines of one model (see `port.Engine`).

    They must run under the same deciding conditions, or what they write could not be told from each other's: the first
    one's hold, and an engine that differs is left out and named in the notes. What a lost engine had open goes to the
    others, and to itself when it is back. What an engine still says of a prompt that was taken from it is dropped, so
    no prompt ends twice.

    Args:
        opens: Loads each engine, by a name for people.

    Raises:
        EngineError: None can be loaded.
    """

    def __init__(self, opens: Mapping[str, Callable[[], Engine]]) -> None:
        self._reports: queue.SimpleQueue[tuple[Worker, Report] | None] = queue.SimpleQueue()
        self._open: dict[str, Prompt] = {}
        self._place: dict[str, Worker] = {}
        self._loads: Counter[Worker] = Counter()
        self._texts: dict[Worker, deque[str]] = {}
        self._losses: Counter[str] = Counter()
        self._cancelled: set[str] = set()
        self._notes: list[str] = []
        self._last_told = 0.0
        self._closed = False
        self._workers = [
            Worker(name, one, lambda worker, report: self._reports.put((worker, report))) for name, one in opens.items()
        ]
        self._waiting = set(self._workers)
        try:
            self._granted = self._begin()
        except BaseException:
            self.close()
            raise

    @property
    def granted(self) -> Granted:
        """What each of the engines runs with, and how many they are."""
        return replace(self._granted, workers=len(self._texts), notes=(*self._granted.notes, *self._notes))

    @property
    def loads(self) -> dict[str, int]:
        """Open prompts by the name of each engine at work."""
        return {worker.name: self._loads[worker] for worker in self._texts}

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._open.update({prompt.id: prompt for prompt in new})
        self._spread(new)

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open.

        Raises:
            EngineError: No engine is left, or the pool was closed.
        """
        while self._open:
            told = self._reports.get()
            if told is None or self._closed:
                raise EngineError("The engines were closed.")
            worker, report = told
            if isinstance(report, Opened):
                self._take_in(worker, report.granted)
                yield self._told(f"{worker.name} is back." if worker in self._texts else self._notes[-1])
            elif isinstance(report, Lost):
                yield from self._let_go(worker, report)
            elif isinstance(report, Machines):
                yield report
            elif self._place.get(report.prompt_id) is worker and report.prompt_id in self._open:
                if isinstance(report, Finished | Broken):
                    self._end(report.prompt_id)
                yield report
                if time.monotonic() - self._last_told > TELL_SECONDS:
                    yield self._told()

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        ids = [prompt_id for prompt_id in prompt_ids if prompt_id in self._open]
        self._cancelled.update(ids)
        for worker, own in self._by_place(ids).items():
            worker.cancel(own)

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        ids = list(prompt_ids)
        for worker, own in self._by_place(ids).items():
            worker.release(own)
        for prompt_id in ids:
            if prompt_id not in self._open:
                self._place.pop(prompt_id, None)

    def close(self) -> None:
        """End all engines; any thread may call it."""
        self._closed = True
        self._reports.put(None)
        for worker in self._workers:
            worker.close()
        for worker in self._workers:
            worker.join(JOIN_SECONDS)

    def _begin(self) -> Granted:
        """Wait until each engine is loaded or has failed; return what the first of them by place was granted."""
        found: dict[Worker, Granted] = {}
        errors: dict[Worker, EngineError] = {}
        while len(found) + len(errors) < len(self._workers):
            told = self._reports.get()
            if told is None:
                raise EngineError("The engines were closed.")
            worker, report = told
            if isinstance(report, Opened):
                found[worker] = report.granted
                errors.pop(worker, None)
            elif isinstance(report, Lost):
                found.pop(worker, None)
                errors[worker] = report.error
        if not found:
            raise next(iter(errors.values()))
        self._granted = next(found[worker] for worker in self._workers if worker in found)
        for worker in self._workers:
            if worker in found:
                self._take_in(worker, found[worker])
            else:
                self._waiting.discard(worker)
                self._notes.append(f"{worker.name} was left out: {errors[worker].message}")
        return self._granted

    def _take_in(self, worker: Worker, granted: Granted) -> None:
        """Let a loaded engine take part, if it runs under the same conditions."""
        self._waiting.discard(worker)
        other = changed(*(deciding(asdict(_unnumbered(one))) for one in (self._granted, granted)))
        if other:
            self._notes.append(f"{worker.name} was left out: it differs in {', '.join(other)}")
            worker.close()
            return
        self._texts[worker] = deque(maxlen=REMEMBERED)
        self._spread([prompt for prompt in self._open.values() if prompt.id not in self._place])

    def _let_go(self, worker: Worker, lost: Lost) -> Iterator[EngineEvent]:
        """Give what a lost engine had open to the others.

        Raises:
            EngineError: There are none, and none will come back.
        """
        self._texts.pop(worker, None)
        self._loads.pop(worker, None)
        (self._waiting.discard if lost.final else self._waiting.add)(worker)
        moved = [prompt for prompt in self._open.values() if self._place.get(prompt.id) is worker]
        self._place = {prompt_id: place for prompt_id, place in self._place.items() if place is not worker}
        if not self._texts and not self._waiting:
            raise lost.error
        later = "" if lost.final else " It is started again."
        yield self._told(f"{lost.error.message} What it had open ({len(moved)}) goes to the others.{later}")
        for prompt in list(moved):
            self._losses[prompt.id] += 1
            if self._losses[prompt.id] >= MAX_LOSSES:
                moved.remove(prompt)
                del self._open[prompt.id]
                text = f"{MAX_LOSSES} engines were lost with this prompt open. {lost.error.message}"
                yield Broken(prompt.id, text, f"{type(lost.error).__name__}: {lost.error.message}")
        self._spread(moved)

    def _told(self, message: str = "") -> Machines:
        self._last_told = time.monotonic()
        return Machines(tuple(self.loads.items()), message)

    def _spread(self, prompts: Iterable[Prompt]) -> None:
        """Give prompts to engines at work; with none they wait for one that comes back."""
        if not self._texts:
            return
        by_worker: dict[Worker, list[Prompt]] = {}
        for prompt in prompts:
            text = "\n".join(message.content for message in prompt.messages)[:COMPARED]
            worker = self._choose(text)
            self._texts[worker].append(text)
            self._place[prompt.id] = worker
            self._loads[worker] += 1
            by_worker.setdefault(worker, []).append(prompt)
        for worker, given in by_worker.items():
            worker.submit(given)
            worker.cancel(self._cancelled & {prompt.id for prompt in given})

    def _choose(self, text: str) -> Worker:
        """Return the engine that has read the longest beginning of a text, among those with little to do.

        One may have as many prompts more than the least busy one as it decodes together.
        """
        most = min(self._loads[worker] for worker in self._texts) + self._granted.parallel
        free = [worker for worker in self._texts if self._loads[worker] <= most]
        return max(free, key=lambda worker: (_longest(text, self._texts[worker]), -self._loads[worker]))

    def _end(self, prompt_id: str) -> None:
        prompt = self._open.pop(prompt_id)
        self._cancelled.discard(prompt_id)
        self._losses.pop(prompt_id, None)
        self._loads[self._place[prompt_id]] -= 1
        if not prompt.held:
            del self._place[prompt_id]

    def _by_place(self, prompt_ids: Iterable[str]) -> dict[Worker, list[str]]:
        found: dict[Worker, list[str]] = {}
        for prompt_id in prompt_ids:
            if prompt_id in self._place:
                found.setdefault(self._place[prompt_id], []).append(prompt_id)
        return found


def _unnumbered(granted: Granted) -> Granted:
    """Return what an engine was granted with its devices by their kind alone, whichever of a kind it is."""
    return replace(granted, devices=tuple(re.sub(r"^(\D+)\d+ ", r"\1 ", device) for device in granted.devices))


def _longest(text: str, others: Iterable[str]) -> int:
    """Return how many characters a text has in common with the beginning of one of the others, at most."""
    longest = 0
    for other in others:
        longest = common_beginning(text, other, longest)
    return longest
