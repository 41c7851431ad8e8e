"""The engine port over a server: prompts out as requests, a few at a time, and each back once.

A server may go and come again. What it had not answered is asked again when it is back, and only after it was seen to
be the same model; what it had answered is never asked twice.
"""

from __future__ import annotations

import contextlib
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from queue import SimpleQueue
from typing import TypeVar

from medic_console.core.errors import EngineChanged, EngineError, EngineHung, UsageError
from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.endpoint.access import Access
from medic_console.engine.endpoint.answering import Answering, answered
from medic_console.engine.endpoint.client import SILENT_SECONDS, Line
from medic_console.engine.endpoint.faults import Cut, Rejected, Unanswered, Unfit
from medic_console.engine.endpoint.probing import changed
from medic_console.engine.protocol.port import Broken, EngineEvent, Finished, Granted, Rendering, Started, Text
from medic_console.engine.protocol.served import CONSTRAINED, LOGPROBS, WRITTEN, Served

Found = TypeVar("Found")
USUAL_SLOTS = 8
"""Requests under way together where neither a person nor the server says how many."""
MOST_CUTS = 3
"""Times that an answer may break off before its prompt is given up."""
CLOSE_SECONDS = 5.0
HOW_CHOSEN = {
    LOGPROBS: "labels are weighed by the server's own log probabilities, as far as it tells them",
    CONSTRAINED: "the server weighs no labels: it is held to them, and how likely they were is not known",
    WRITTEN: "the server neither weighs labels nor can be held to them: what it writes is read",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a server is waited for, in seconds.

    Attributes:
        silent: Longest silence within an answer.
        request: Longest answer.
        outage: How long a server may be away before the run stops.
        first: First wait before a request that was not taken is made again; each further one is twice as long.
        longest: Longest such wait.
    """

    silent: float = SILENT_SECONDS
    request: float = 7200.0
    outage: float = 900.0
    first: float = 0.25
    longest: float = 15.0


class EndpointEngine:
    """A model behind a server (see `port.Engine`).

    Args:
        served: As it was found when the run was planned.
        access: Which addresses may be spoken to.
        parallel: Requests under way together; 0: as many as the server takes, else `USUAL_SLOTS`.
        thinking_budget: Tokens that a model which thinks may take beside its answer.
        patience: How long the server is waited for.

    Raises:
        EngineError: The server cannot be reached, or another model answers.
    """

    def __init__(
        self,
        served: Served,
        access: Access,
        parallel: int = 0,
        thinking_budget: int = 0,
        patience: Patience | None = None,
    ) -> None:
        self._patience = patience or Patience()
        self._served = served
        self._events: SimpleQueue[EngineEvent | Exception] = SimpleQueue()
        self._open: dict[str, Prompt] = {}
        self._cancelled: set[str] = set()
        self._under_way: set[Future[None]] = set()
        self._closed = threading.Event()
        self._looking = threading.Lock()
        self._in_doubt = True  # between plan and start it may have been changed
        self._asking = Answering(served, thinking_budget if served.thinks else 0, self._patience.request)
        together = min(parallel or served.slots or USUAL_SLOTS, served.slots or parallel or USUAL_SLOTS)
        self.granted = _granted(served, together, self._asking.thinking_budget)
        self._line = Line(served.base, access, self._patience.silent)
        self._workers = ThreadPoolExecutor(together, thread_name_prefix="endpoint")
        try:
            self._look()
        except (Unanswered, Cut, Rejected, Unfit) as error:
            self.close()
            raise EngineError(f"{served.base}: {error}", "See whether the server runs, then resume.") from error
        except BaseException:
            self.close()
            raise

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        for prompt in prompts:
            self._open[prompt.id] = prompt
            with contextlib.suppress(RuntimeError):  # closed meanwhile: `events` tells it
                future = self._workers.submit(self._work, prompt)
                self._under_way.add(future)
                future.add_done_callback(self._under_way.discard)

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open.

        Raises:
            EngineChanged: Another model answers than before.
            EngineError: The server is gone for too long, is no such server, or the engine was closed.
        """
        while self._open:
            event = self._events.get()
            if isinstance(event, Exception):
                raise event
            if isinstance(event, Finished | Broken):
                self._open.pop(event.prompt_id, None)
                self._cancelled.discard(event.prompt_id)
            yield event

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        self._cancelled.update(set(prompt_ids) & self._open.keys())

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Nothing is held: what a server keeps of a prompt is its own matter."""

    def verify(self) -> None:
        """Look once more which model answers, as when a phase ends.

        Raises:
            EngineChanged: It is another than before, or the server cannot be asked.
        """
        self._in_doubt = True
        try:
            self._waited(self._look)
        except EngineChanged:
            raise
        except (EngineError, Cut, Rejected, Unfit) as error:
            raise EngineChanged(
                f"{self._served.address}: whether the same model still answers could not be seen: {error}"
            ) from error

    def close(self) -> None:
        """Hang up; any thread may call it."""
        self._closed.set()
        self._events.put(EngineError("The endpoint was closed."))
        self._workers.shutdown(wait=False, cancel_futures=True)
        self._line.hang_up()
        wait(list(self._under_way), CLOSE_SECONDS)
        self._line.close()

    def _work(self, prompt: Prompt) -> None:
        """Answer one prompt and tell of it; whatever happens, it ends with one event, or the engine with a fault."""
        try:
            self._events.put(self._answered(prompt))
        except EngineError as error:
            self._fail(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours ends its prompt, never the worker in silence
            if not self._closed.is_set():
                text = f"{type(error).__name__}: {error}"
                self._events.put(Broken(prompt.id, text, traceback.format_exc()))

    def _fail(self, error: Exception) -> None:
        if not self._closed.is_set():
            self._events.put(error)

    def _answered(self, prompt: Prompt) -> Finished | Broken:
        cuts: list[str] = []
        while True:
            if prompt.id in self._cancelled or self._closed.is_set():
                return Finished(prompt.id, Output("", FinishReason.CANCELLED))
            try:
                return self._waited(lambda: self._once(prompt, at_once=bool(cuts)))
            except Cut as error:
                self._in_doubt = True
                cuts.append(str(error))
            except Rejected as error:
                return Broken(prompt.id, f"{self._served.base} does not take this prompt: {error}", str(error))
            if len(cuts) >= MOST_CUTS:
                text = f"The answer of {self._served.base} broke off {len(cuts)} times: {cuts[-1]}"
                return Broken(prompt.id, text, "\n".join(cuts))

    def _once(self, prompt: Prompt, at_once: bool) -> Finished:
        """Ask a prompt once.

        Args:
            at_once: Ask for the answer in one piece: a server that breaks off a stream says so why.
        """
        self._look()
        begun = time.monotonic()
        self._events.put(Started(prompt.id, 0, 0))

        def heard(text: str) -> None:
            if text:
                self._events.put(Text(prompt.id, text))
            if prompt.id in self._cancelled or self._closed.is_set():
                raise _Cancelled

        try:
            output = answered(self._line, self._asking, prompt, heard, at_once)
        except _Cancelled:
            output = Output("", FinishReason.CANCELLED)
        return Finished(prompt.id, replace(output, seconds=time.monotonic() - begun))

    def _waited(self, ask: Callable[[], Found]) -> Found:
        """Return what a question gives; while the server takes none, ask again, ever less often.

        Raises:
            EngineHung: It is away for too long.
        """
        patience, pause = self._patience, self._patience.first
        until = time.monotonic() + patience.outage
        while True:
            try:
                return ask()
            except Unanswered as error:
                self._in_doubt = True
                now = error.wait if error.wait is not None else pause
                if time.monotonic() + now > until:
                    raise EngineHung(
                        f"{self._served.base} was away for {patience.outage:g} seconds: {error}",
                        "What is finished is kept. Start the server again, then resume.",
                    ) from error
                pause = min(2 * pause, patience.longest)
                if self._closed.wait(now):
                    raise EngineError("The endpoint was closed.") from error

    def _look(self) -> None:
        """Where the server was away or broke off, see that the same model answers before anything else is asked.

        Raises:
            EngineChanged: It does not.
        """
        if not self._in_doubt:
            return
        with self._looking:
            if not self._in_doubt or self._closed.is_set():
                return
            try:
                what = changed(self._line, self._served)
            except UsageError as error:
                what = error.message
            if what:
                raise EngineChanged(
                    f"{self._served.address}: another model answers than when it was looked at first: {what}.",
                    "Serve the first one again and resume, or start a new run.",
                )
            self._in_doubt = False


def _granted(served: Served, parallel: int, thinking_budget: int) -> Granted:
    """Return what is stored beside every output of a served model."""
    kept = {name: value for name, value in asdict(served).items() if name != "context"}
    notes = [
        "prompts are put together by the server, with its own chat template: their text is not known here",
        HOW_CHOSEN[served.choosing],
    ]
    if not served.context:
        notes.append("the server does not say how many tokens fit; it is told of a prompt that does not fit")
    if not served.repeats:
        notes.append("the server answered the same question twice in different ways: its answers do not repeat")
    return Granted(
        build=" ".join(part for part in (served.server, served.build) if part),
        context=served.context,
        parallel=parallel,
        thinking_budget=thinking_budget,
        rendering=Rendering(notes=tuple(notes)),
        served=kept,
    )


class _Cancelled(Exception):
    """The prompt was stopped while its answer came."""
