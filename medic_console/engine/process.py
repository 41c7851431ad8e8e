"""The parent's side of an engine child: start it, speak to it, notice its death."""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from medic_console.engine import wire
from medic_console.engine.environment import child_environment
from medic_console.engine.port import Broken, EngineEvent, EngineSettings, Finished, Granted, Started, Text
from medic_console.errors import EngineDied, EngineError, EngineHung
from medic_console.records import Prompt

HANG_SECONDS = 900.0
"""Longest silence of a child with open prompts; one decode of a large model on a slow CPU stays far below."""
LOG_TAIL = 2000


@dataclass(frozen=True, slots=True)
class Counted:
    """Prompts as a model would get them.

    Attributes:
        tokens: Of each prompt; 0 of one that cannot be formed.
        shown: Text of the first prompt.
        faults: Prompts that cannot be formed.
        fault: Why the first of them cannot; empty when all can.
    """

    tokens: tuple[int, ...]
    shown: str
    faults: int
    fault: str


class ProcessEngine:
    """A model in a child process (see `port.Engine`).

    Args:
        settings: What to load.
        log: File that takes all that llama.cpp writes; it is appended to.
        progress: Called with the share of the weights loaded, 0 to 1.
        hang_seconds: Longest silence before the child is taken for hung.

    Attributes:
        decode_seconds: Time that the child has spent inside `llama_decode`.

    Raises:
        EngineError: The model cannot be loaded; the message holds the end of the log.
    """

    def __init__(
        self,
        settings: EngineSettings,
        log: Path,
        progress: Callable[[float], None] | None = None,
        hang_seconds: float = HANG_SECONDS,
    ) -> None:
        self._settings = settings
        self._log = log
        self._hang_seconds = hang_seconds
        self._open: dict[str, Prompt] = {}
        self._begun: set[str] = set()
        self.decode_seconds = 0.0
        self._inbox: queue.Queue[bytes | None] = queue.Queue()
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = log.stat().st_size if log.exists() else 0
        with log.open("ab") as file:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "medic_console.engine.child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                env=child_environment(),
                start_new_session=True,
            )
        assert self._child.stdin is not None and self._child.stdout is not None
        self._requests: BinaryIO = self._child.stdin  # type: ignore[assignment]
        self._reader = threading.Thread(target=self._listen, args=(self._child.stdout,), daemon=True)
        self._reader.start()
        try:
            self.granted = self._load(progress)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._child.pid

    @property
    def open_prompts(self) -> list[Prompt]:
        """Prompts without an end yet, in the order of submission."""
        return list(self._open.values())

    @property
    def begun(self) -> frozenset[str]:
        """Ids of open prompts that the child has begun to read."""
        return frozenset(self._begun)

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._open.update({prompt.id: prompt for prompt in new})
        self._send("prompts", prompts=[wire.prompt_to_json(prompt) for prompt in new])

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open.

        Raises:
            EngineDied: The child ended by itself.
            EngineHung: No event came within `hang_seconds`; the child is killed.
        """
        while self._open:
            yield from self._translate(self._next_message())

    def count(self, prompts: Iterable[Prompt]) -> Counted:
        """Return how long prompts are with the chat template; no prompt may be open.

        Raises:
            EngineDied: The child ended by itself.
            EngineError: The chat template does not come to an end on one of them.
        """
        self._send("count", prompts=[wire.prompt_to_json(prompt) for prompt in prompts])
        while True:
            message = self._next_message()
            if message["kind"] == "counts":
                return Counted(tuple(message["tokens"]), message["shown"], message["faults"], message["fault"])
            if message["kind"] == "refused":
                raise EngineError(f"{self._settings.path}: {message['message']}", message["hint"])

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        self._send("cancel", ids=list(prompt_ids))

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        self._send("release", ids=list(prompt_ids))

    def close(self) -> None:
        """End the child; it is killed when it does not go by itself within two seconds."""
        if self._child.poll() is None:
            self._send("close")
            try:
                self._child.wait(timeout=2)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        with contextlib.suppress(OSError):
            self._requests.close()
        self._reader.join()

    def _load(self, progress: Callable[[float], None] | None) -> Granted:
        self._send("load", settings=wire.settings_to_json(self._settings))
        while True:
            message = self._next_message()
            if message["kind"] == "loaded":
                return wire.granted_from_json(message["granted"])
            if message["kind"] == "refused":
                text = f"{self._settings.path}: {message['message']}{self._tail()}"
                raise EngineError(text, message["hint"])
            if progress is not None and message["kind"] == "progress":
                progress(message["share"])

    def _translate(self, message: dict[str, Any]) -> Iterator[EngineEvent]:
        kind = message["kind"]
        if kind == "texts":
            for prompt_id, text, tokens in message["texts"]:
                yield Text(prompt_id, text, tokens)
        elif kind == "started":
            self._begun.add(message["id"])
            yield Started(message["id"], message["tokens"], message["reused"])
        elif kind == "finished":
            self._end(message["id"])
            self.decode_seconds = message["decode"]
            yield Finished(message["id"], wire.output_from_json(message["output"]))
        elif kind == "broken":
            self._end(message["id"])
            yield Broken(message["id"], message["message"], message["traceback"])

    def _end(self, prompt_id: str) -> None:
        self._open.pop(prompt_id, None)
        self._begun.discard(prompt_id)

    def _next_message(self) -> dict[str, Any]:
        try:
            line = self._inbox.get(timeout=self._hang_seconds)
        except queue.Empty:
            self._child.kill()
            self._child.wait()
            raise EngineHung(f"The engine said nothing for {self._hang_seconds:g} seconds and was stopped.") from None
        if line is None:
            raise self._death()
        return wire.from_line(line)

    def _death(self) -> EngineDied:
        code = self._child.wait()
        return EngineDied(f"The engine process {_how(code)}.{self._tail()}", returncode=code)

    def _tail(self) -> str:
        with self._log.open("rb") as file:
            file.seek(self._log_start)
            text = file.read()[-LOG_TAIL:].decode("utf-8", "replace").strip()
        lines = [line for line in text.splitlines() if line.strip()]
        asserts = [line for line in lines if "GGML_ASSERT" in line]
        last = asserts[-1:] or lines[-3:]
        return "\nLast lines of its log: " + " / ".join(last) if last else ""

    def _send(self, kind: str, **fields: Any) -> None:
        try:
            self._requests.write(wire.to_line(kind, **fields))
            self._requests.flush()
        except (OSError, ValueError):
            return  # a dead child is noticed where its events are read

    def _listen(self, events: Any) -> None:
        with events:
            for line in events:
                self._inbox.put(line)
        self._inbox.put(None)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name if -code in signal.Signals.__members__.values() else f"signal {-code}"
    reason = {
        "SIGKILL": " (killed from outside, often for lack of memory)",
        "SIGABRT": " (an assert in llama.cpp)",
    }
    return f"was ended by {name}{reason.get(name, '')}"
