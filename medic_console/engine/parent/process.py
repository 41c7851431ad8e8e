"""The parent's side of an engine child: start it, speak to it, notice its death."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from medic_console.childproc.child import Ended, Silent, how
from medic_console.core.errors import EngineDied, EngineError, EngineHung, NoRoom
from medic_console.core.records import Prompt
from medic_console.engine.protocol import wire
from medic_console.engine.protocol.ahead import engine_process
from medic_console.engine.protocol.port import (
    Broken,
    EngineEvent,
    EngineSettings,
    Finished,
    Granted,
    Reading,
    Started,
    Text,
)

HANG_SECONDS = 900.0
"""Longest silence of a child of which little is known: one decode of a large model on a slow CPU stays far below."""
LEAST_HANG_SECONDS, SLOWER, DECODES = 120.0, 30, 4
"""After so many decodes the longest one is known: silence of so many times that, and never less, is a hang."""
CLOSE_SECONDS = 2.0


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
        hang_seconds: Longest silence before the child is taken for hung; it says something after each decode, so that
            the length of a prompt is no matter.

    Attributes:
        decode_seconds: Time that the child has spent inside `llama_decode`.

    Raises:
        EngineError: The model cannot be loaded; the message holds the end of the log. `NoRoom` where llama.cpp finds
            no memory for it.
    """

    def __init__(
        self,
        settings: EngineSettings,
        log: Path,
        progress: Callable[[float], None] | None = None,
        hang_seconds: float = HANG_SECONDS,
    ) -> None:
        self._settings = settings
        self._hang_seconds = hang_seconds
        self._open: dict[str, Prompt] = {}
        self._begun: set[str] = set()
        self._heard, self._longest, self._last = 0, 0.0, 0.0
        self.decode_seconds = 0.0
        self._child = engine_process(log)
        try:
            self.granted = self._load(log, progress)
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
        self._last = time.monotonic()
        while self._open:
            message = self._next_message()
            now = time.monotonic()
            self._heard, self._longest, self._last = self._heard + 1, max(self._longest, now - self._last), now
            yield from self._translate(message)

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
        self._child.end(CLOSE_SECONDS)

    def _load(self, log: Path, progress: Callable[[float], None] | None) -> Granted:
        self._send("load", settings=wire.settings_to_json(self._settings), log=str(log.absolute()))
        while True:
            message = self._next_message()
            if message["kind"] == "loaded":
                return wire.granted_from_json(message["granted"])
            if message["kind"] == "refused":
                text = f"{self._settings.path}: {message['message']}{self._tail()}"
                raise (NoRoom if message["no_room"] else EngineError)(text, message["hint"])
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
        elif kind == "reading":
            for prompt_id, tokens in message["prompts"]:
                yield Reading(prompt_id, tokens)
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
        seconds = deadline(self._hang_seconds, self._heard, self._longest)
        try:
            return wire.from_line(self._child.receive(seconds))
        except Silent:
            raise EngineHung(f"The engine said nothing for {seconds:g} seconds and was stopped.") from None
        except Ended as ended:
            text = f"The engine process {how(ended.code)}.{self._tail()}"
            raise EngineDied(text, returncode=ended.code) from None

    def _tail(self) -> str:
        last = self._child.tail()
        return f"\nLast lines of its log: {last}" if last else ""

    def _send(self, kind: str, **fields: Any) -> None:
        self._child.send(wire.to_line(kind, **fields))


def deadline(most: float, heard: int, longest: float) -> float:
    """Return for how many seconds a child may be silent.

    Args:
        most: While little is known.
        heard: Messages so far.
        longest: Seconds between two of them.
    """
    return most if heard < DECODES else min(most, max(LEAST_HANG_SECONDS, round(SLOWER * longest)))
