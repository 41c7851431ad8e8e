"""An engine that answers from a script: the same port, no model. For tests that need an exact answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping

from medic_console.core.errors import EngineError
from medic_console.core.records import FinishReason, Output, Prompt
from medic_console.engine.protocol.port import Broken, EngineEvent, Finished, Granted, Started, Text

Reply = str | Mapping[str, float] | Output | EngineError
"""Text, the probability of each label, a whole output, or what breaks the prompt."""


class ScriptedEngine:
    """Answers each prompt with what `script` returns for it, in the order of submission.

    Attributes:
        seen: Every prompt that was answered, in order.
        holding: Ids of `held` prompts that were submitted and not released.
    """

    def __init__(self, script: Callable[[Prompt], Reply], granted: Granted | None = None) -> None:
        self._script = script
        self._queue: deque[Prompt] = deque()
        self._cancelled: set[str] = set()
        self.granted = granted or Granted(build="scripted", context=4096, parallel=1)
        self.seen: list[Prompt] = []
        self.holding: set[str] = set()
        self.closed = False

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._queue.extend(new)
        self.holding.update(prompt.id for prompt in new if prompt.held)

    def events(self) -> Iterator[EngineEvent]:
        """Answer all queued prompts."""
        while self._queue:
            prompt = self._queue.popleft()
            if prompt.id in self._cancelled:
                yield Finished(prompt.id, Output("", FinishReason.CANCELLED))
                continue
            self.seen.append(prompt)
            yield Started(prompt.id, _words(prompt), 0)
            reply = self._script(prompt)
            if isinstance(reply, EngineError):
                yield Broken(prompt.id, reply.message, f"EngineError: {reply.message}")
                continue
            output = self._output(prompt, reply)
            if output.text:
                yield Text(prompt.id, output.text)
            yield Finished(prompt.id, output)

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts that have not been answered yet."""
        self._cancelled.update(prompt_ids)

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold prompts no longer."""
        self.holding.difference_update(prompt_ids)

    def close(self) -> None:
        """Do nothing but remember."""
        self.closed = True

    def _output(self, prompt: Prompt, reply: str | Mapping[str, float] | Output) -> Output:
        if isinstance(reply, Output):
            return reply
        if isinstance(reply, str):
            text = reply
            probabilities = {label: float(label == reply) for label in prompt.labels}
        else:
            probabilities = dict(reply)
            text = max(probabilities, key=lambda label: probabilities[label])
        return Output(
            text,
            FinishReason.STOP,
            prompt_tokens=_words(prompt),
            output_tokens=len(text.split()),
            max_tokens=prompt.max_tokens,
            context=self.granted.context,
            probabilities=probabilities,
            outside=max(0.0, 1.0 - sum(probabilities.values())) if probabilities else 0.0,
        )


def _words(prompt: Prompt) -> int:
    return sum(len(message.content.split()) for message in prompt.messages)
