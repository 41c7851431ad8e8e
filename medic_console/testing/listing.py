"""A real engine whose lists are replaced by fixed ones: a random model writes none. For tests and measurements."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from medic_console.core.records import FinishReason, Prompt
from medic_console.engine.protocol.port import Engine, EngineEvent, Finished, Granted


class ListingEngine:
    """Passes everything on, and replaces the text of each prompt that came with a grammar by a JSON list.

    Args:
        questions: Returns the entries of a prompt's list by the prompt's id.
        grammar: False takes the grammars away, which a random model would fight at every token.
    """

    def __init__(self, engine: Engine, questions: Callable[[str], Sequence[str]], grammar: bool = True) -> None:
        self._engine = engine
        self._questions = questions
        self._grammar = grammar
        self._lists: set[str] = set()

    @property
    def granted(self) -> Granted:
        """What the engine really runs with."""
        return self._engine.granted

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._lists.update(prompt.id for prompt in new if prompt.grammar)
        self._engine.submit(new if self._grammar else [replace(prompt, grammar="") for prompt in new])

    def events(self) -> Iterator[EngineEvent]:
        """Yield the engine's events with the lists replaced."""
        for event in self._engine.events():
            if isinstance(event, Finished) and event.prompt_id in self._lists:
                listed = json.dumps(self._questions(event.prompt_id))
                event = Finished(event.prompt_id, replace(event.output, text=listed, finish=FinishReason.STOP))
            yield event

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        self._engine.cancel(prompt_ids)

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold prompts no longer."""
        self._engine.release(prompt_ids)

    def close(self) -> None:
        """End the engine."""
        self._engine.close()
