"""An engine without a model: it answers each prompt with the output that was had elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.protocol.port import EngineEvent, Finished, Granted, Started

Turns = tuple[tuple[str, str], ...]
"""Roles and texts of a prompt."""


def turns_of(prompt: Prompt) -> Turns:
    """Return what a prompt says."""
    return tuple((message.role, message.content) for message in prompt.messages)


class RecordedEngine:
    """Answers by what the prompt says.

    Args:
        outputs: By what the prompt says; of prompts that say the same in their order.
        source: Where the outputs were had, in words.
    """

    def __init__(self, outputs: Mapping[Turns, Iterable[Output]], source: str) -> None:
        self._outputs = {turns: deque(several) for turns, several in outputs.items()}
        self._queue: deque[Prompt] = deque()
        self._cancelled: set[str] = set()
        self._granted = Granted(build=f"not run here: {source}")

    @property
    def granted(self) -> Granted:
        """Nothing but that nothing ran here."""
        return self._granted

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        self._queue.extend(prompts)

    def events(self) -> Iterator[EngineEvent]:
        """Answer all queued prompts."""
        while self._queue:
            prompt = self._queue.popleft()
            if prompt.id in self._cancelled:
                yield Finished(prompt.id, Output("", FinishReason.CANCELLED))
                continue
            yield Started(prompt.id, 0, 0)
            yield Finished(prompt.id, self._outputs[turns_of(prompt)].popleft())

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Answer these no more."""
        self._cancelled.update(prompt_ids)

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold nothing: there is no cache."""

    def close(self) -> None:
        """Give nothing back: nothing was taken."""
