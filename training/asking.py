"""Ask a GGUF file through the package's own engine, so that what is measured is what an audit gets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from medic_console.core.records import Label, Output, Prompt
from medic_console.engine.files.model_file import inspect_model
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.protocol.port import EngineSettings, Finished
from medic_console.scoring.methods.cef.flow import QUESTION_LIST
from training.shipped import Example

_LABELS = {
    "cross": tuple(Label),
    "research": ("yes", "no", "maybe"),
    "toxic": ("yes", "no"),
    "pairs": ("A", "B"),
    "criteria": ("YES", "NO"),
    "harm": ("1", "2", "3", "4", "5"),
}
"""What the shipped tasks weigh; for multiple choice it is the letters of the options."""


def prompt_of(example: Example, number: int) -> Prompt:
    """Return the request that an audit makes for an example."""
    if example.skill == "choice":
        shown = example.messages[-1].content.splitlines()
        labels = tuple(line[0] for line in shown if line[1:3] == ". ")
        return Prompt(str(number), example.messages, max_tokens=1, labels=labels)
    if example.choice and example.skill in _LABELS:
        return Prompt(str(number), example.messages, max_tokens=1, labels=_LABELS[example.skill])
    grammar = QUESTION_LIST if example.skill == "questions" else ""
    return Prompt(str(number), example.messages, max_tokens=320, grammar=grammar)


def answers(model: Path, examples: Sequence[Example], log: Path) -> list[Output]:
    """Return a model's outputs, in the order of the examples.

    Raises:
        EngineError: The model cannot be loaded.
    """
    known = inspect_model(model)
    engine = start_engine(EngineSettings(model, known.template, context=known.context, parallel=4, threads=1), log)
    try:
        engine.submit(prompt_of(example, number) for number, example in enumerate(examples))
        found = {event.prompt_id: event.output for event in engine.events() if isinstance(event, Finished)}
    finally:
        engine.close()
    return [found[str(number)] for number in range(len(examples))]
