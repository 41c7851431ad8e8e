"""Send many flows through one engine: admit, route outputs back, recall what is known already."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from medic_console.audit.events import ItemRef, ItemScored, OutputReady, PromptReading, PromptStarted, PromptText
from medic_console.core.digest import canonical_json
from medic_console.core.records import FinishReason, Output, Prompt, Score
from medic_console.engine.protocol.port import Broken, Engine, EngineEvent, Finished, Machines, Reading, Started
from medic_console.scoring.steps import Flow

DriverEvent = PromptStarted | PromptReading | PromptText | OutputReady | ItemScored | Machines
Recall = Callable[[ItemRef, Prompt], Output | None]


TEXTS = 2
"""Texts of one flow at most: a source and what was made of it."""


class Control:
    """What a person may ask of a running audit; any thread may call it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._stopping = False
        self._paused = False
        self._at_once = False
        self._ends: Callable[[], None] | None = None

    @property
    def stopping(self) -> bool:
        """No new item begins; those in flight are finished."""
        return self._stopping

    @property
    def paused(self) -> bool:
        """No new item begins until the audit is let go on."""
        return self._paused

    def stop(self) -> None:
        """End the audit after the items in flight."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()

    @property
    def at_once(self) -> bool:
        """What is in flight is given up too."""
        return self._at_once

    def stop_at_once(self) -> None:
        """End the audit now; what is in flight is lost, and asked again when the run is resumed."""
        with self._changed:
            self._stopping = self._at_once = True
            end, self._ends = self._ends, None
            self._changed.notify_all()
        if end is not None:
            end()

    @contextmanager
    def ending(self, end: Callable[[], None]) -> Iterator[None]:
        """While the block lasts, a stop at once calls `end` too: whoever waits for an engine hears of it."""
        with self._changed:
            self._ends = None if self._at_once else end
        if self._at_once:
            end()
        try:
            yield
        finally:
            self._ends = None

    def pause(self, paused: bool) -> None:
        """Hold the audit after the items in flight, or let it go on."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def wait(self) -> None:
        """Block while the audit is paused and not stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or not self._paused)


@dataclass(eq=False, slots=True)
class _Running:
    ref: ItemRef
    flow: Flow
    awaited: dict[str, Output | None] = field(default_factory=dict)
    ended: bool = False
    asked: set[str] = field(default_factory=set)
    """Numbers of its requests whose texts the engine keeps for it."""
    dropped: bool = False
    """Given up at a stop: what it has under way is still stored, but it goes no further."""


@dataclass(eq=False, slots=True)
class _Request:
    """A request of a judge's flows and those of them that have not ended."""

    key: str
    holders: set[_Running]
    held: bool
    """The engine keeps its text."""


class Driver:
    """Runs flows through an engine.

    Args:
        engine: The loaded model.
        window: Most flows that are under way together; no further one begins while as many requests are open.
        recall: Returns the output of an earlier sitting or of the judge's cache, if there is one.
        make_ready: Builds the event of a finished output.
        control: Asked before each new flow.
        judging: The flows are a judge's, and ask often about few texts. A request that several flows make at the same
            time is sent once, and what a flow has asked stays in the engine's cache until the flow ends.
        texts: Most texts that the engine can keep for flows; 0: it makes room for as many as there are.
    """

    def __init__(
        self,
        engine: Engine,
        window: int,
        recall: Recall,
        make_ready: Callable[[ItemRef, Prompt, Output, bool], OutputReady],
        control: Control,
        judging: bool = False,
        texts: int = 0,
    ) -> None:
        self._judging = judging
        self._texts = texts
        self._engine = engine
        self._window = window
        self._recall = recall
        self._make_ready = make_ready
        self._control = control
        self._prompts: dict[str, list[tuple[_Running, Prompt]]] = {}
        self._requests: dict[str, _Request] = {}
        self._numbers: dict[str, str] = {}
        self._begun: set[str] = set()
        self._stopped = False
        self._count = 0
        self._active = 0

    def run(self, flows: Iterable[tuple[ItemRef, Callable[[], Flow]]]) -> Iterator[DriverEvent]:
        """Yield events until all flows are done, or what the engine had begun is finished after a stop.

        Raises:
            EngineError: The engine cannot go on, or was closed at a stop at once.
        """
        waiting = iter(flows)
        while True:
            yield from self._admit(waiting)
            if not self._prompts:
                if self._control.stopping or not self._control.paused:
                    return
                self._control.wait()
            for event in self._engine.events():
                if self._control.at_once:
                    return
                yield from self._route(event)
                yield from self._admit(waiting)
                if self._control.stopping and not self._stopped:
                    self._drop_waiting()

    def _route(self, event: EngineEvent) -> Iterator[DriverEvent]:
        if isinstance(event, Machines):
            yield event
            return
        listeners = self._prompts[event.prompt_id]
        if isinstance(event, Finished | Broken):
            del self._prompts[event.prompt_id]
            self._begun.discard(event.prompt_id)
        heard = [(running, prompt) for running, prompt in listeners if not running.ended]
        if isinstance(event, Started):
            self._begun.add(event.prompt_id)
        if isinstance(event, Broken):
            for running in dict.fromkeys(running for running, _ in heard):  # a flow may listen twice
                yield from self._fail(running, event.message, event.traceback)
        elif isinstance(event, Finished) and self._stopped and event.output.finish is FinishReason.CANCELLED:
            return
        elif isinstance(event, Finished):
            for number, (running, prompt) in enumerate(heard):
                yield self._make_ready(running.ref, prompt, event.output, number > 0)
                yield from self._deliver(running, prompt.id, event.output)
        elif heard:
            running, prompt = heard[0]
            if isinstance(event, Started):
                yield PromptStarted(running.ref, prompt.id, event.prompt_tokens, event.reused_tokens)
            elif isinstance(event, Reading):
                yield PromptReading(running.ref, prompt.id, event.read_tokens)
            else:
                yield PromptText(running.ref, prompt.id, event.text, event.tokens)

    def _admit(self, waiting: Iterator[tuple[ItemRef, Callable[[], Flow]]]) -> Iterator[DriverEvent]:
        while max(self._active, len(self._prompts)) < self._window and self._has_room():
            if self._control.stopping or self._control.paused:
                return
            entry = next(waiting, None)
            if entry is None:
                return
            ref, start = entry
            self._active += 1
            running = _Running(ref, start())
            yield from self._advance(running, partial(next, running.flow))

    def _has_room(self) -> bool:
        """Tell whether the texts of one more flow can be kept; one flow always goes on."""
        kept = sum(request.held for request in self._requests.values())
        return not self._texts or not self._active or kept + TEXTS <= self._texts

    def _deliver(self, running: _Running, step: str, output: Output) -> Iterator[DriverEvent]:
        running.awaited[step] = output
        if running.ended or running.dropped or any(value is None for value in running.awaited.values()):
            return
        outputs = {step: value for step, value in running.awaited.items() if value is not None}
        yield from self._advance(running, partial(running.flow.send, outputs))

    def _advance(self, running: _Running, move: Callable[[], Iterable[Prompt]]) -> Iterator[DriverEvent]:
        """Move a flow on, answer what can be recalled and submit the rest."""
        try:
            prompts = list(move())
        except StopIteration as end:
            self._end(running)
            if end.value is not None:
                yield ItemScored(running.ref, end.value)
            return
        except Exception as error:  # noqa: BLE001 - an item's fault is a row with its traceback
            self._end(running)
            yield ItemScored(running.ref, Score.failed(f"{type(error).__name__}: {error}", traceback.format_exc()))
            return
        running.awaited = {prompt.id: None for prompt in prompts}
        if len(running.awaited) < len(prompts):
            yield from self._fail(running, "The flow asks two prompts under one name.", "")
            return
        fresh, known = [], []
        for prompt in prompts:
            output = self._recall(running.ref, prompt)
            if output is None:
                fresh.append(prompt)
            else:
                known.append((prompt, output))
                self._hold(running, self._numbers.get(self._key(prompt), ""))
        self._submit(running, fresh)
        for prompt, output in known:
            yield self._make_ready(running.ref, prompt, output, True)
            yield from self._deliver(running, prompt.id, output)

    def _submit(self, running: _Running, prompts: list[Prompt]) -> None:
        named = []
        for prompt in prompts:
            key = self._key(prompt)
            number = self._numbers.get(key, "")
            if number in self._prompts:
                self._prompts[number].append((running, prompt))
            else:
                self._count += 1
                number = str(self._count)
                self._prompts[number] = [(running, prompt)]
                # a judge writes about a text before it weighs answers about it; what it weighs is asked once
                held = self._judging and not prompt.labels
                named.append(replace(prompt, id=number, held=held))
                if self._judging:
                    self._numbers[key] = number
                    self._requests[number] = _Request(key, set(), held)
            self._hold(running, number)
        if named:
            self._engine.submit(named)

    def _key(self, prompt: Prompt) -> str:
        return canonical_json(prompt.content()) if self._judging else ""

    def _hold(self, running: _Running, number: str) -> None:
        """Keep what the engine has read for a request until the flow ends."""
        if number in self._requests:
            self._requests[number].holders.add(running)
            running.asked.add(number)

    def _release(self, running: _Running) -> None:
        """Let go of the requests that no other flow holds."""
        free = []
        for number in running.asked:
            request = self._requests[number]
            request.holders.discard(running)
            if not request.holders:
                free.append(number)
                del self._requests[number]
                if self._numbers.get(request.key) == number:
                    del self._numbers[request.key]
        if free:
            self._engine.release(free)

    def _fail(self, running: _Running, message: str, trace: str) -> Iterator[DriverEvent]:
        """End a flow whose prompt broke; its other prompts are cancelled and unheard."""
        running.flow.close()
        self._end(running)
        self._engine.cancel([n for n, heard in self._prompts.items() if all(r.ended for r, _ in heard)])
        yield ItemScored(running.ref, Score.failed(message, trace))

    def _drop_waiting(self) -> None:
        """At a stop: take back what the engine has not begun to read."""
        self._stopped = True
        waiting = [number for number in self._prompts if number not in self._begun]
        for number in waiting:
            for running, _ in self._prompts[number]:
                running.dropped = True
        self._engine.cancel(waiting)

    def _end(self, running: _Running) -> None:
        running.ended = True
        self._active -= 1
        self._release(running)
