"""Messages between the console and an engine child: one JSON object a line, `kind` first.

To the child: `load` (settings) or `features`; then `prompts`, `count`, `cancel`, `release`, `close`. From the child:
`progress` (share of the weights loaded, 0 to 1), `loaded`, `refused` (cannot load), `started`, `reading` (tokens read
by prompt), `texts` (pieces of all sequences of one decode), `finished`, `broken`, `beat` (a decode that told nothing),
`counts`, `features`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from medic_console.childproc import lines
from medic_console.core.records import FinishReason, Message, Output, Prompt
from medic_console.engine.protocol.port import EngineSettings, Granted, Rendering
from medic_console.engine.template.probing import Form


def to_line(kind: str, **fields: Any) -> bytes:
    """Return one message as a line."""
    return lines.to_line({"kind": kind, **fields})


def from_line(line: bytes) -> dict[str, Any]:
    """Return the message of a line.

    Raises:
        ValueError: The line is not a message.
    """
    message = lines.from_line(line)
    if not isinstance(message.get("kind"), str):
        raise ValueError(f"not a message: {line[:200]!r}")
    return message


def settings_to_json(settings: EngineSettings) -> dict[str, Any]:
    """Return settings as JSON."""
    return {**dataclasses.asdict(settings), "path": str(settings.path)}


def settings_from_json(record: dict[str, Any]) -> EngineSettings:
    """Return settings from JSON."""
    tuples = {name: tuple(record[name]) for name in ("devices", "split", "reasons")}
    return EngineSettings(**{**record, **tuples, "path": Path(record["path"])})


def granted_from_json(record: dict[str, Any]) -> Granted:
    """Return granted settings from JSON."""
    tuples = {name: tuple(record[name]) for name in ("notes", "devices", "split")}
    return Granted(**{**record, **tuples, "rendering": _rendering(record["rendering"])})


def _rendering(record: dict[str, Any]) -> Rendering:
    return Rendering(**{**record, "form": Form(**record["form"]), "notes": tuple(record["notes"])})


def prompt_to_json(prompt: Prompt) -> dict[str, Any]:
    """Return a whole prompt as JSON."""
    content = prompt.content()
    content.pop("weighing", None)
    return {"id": prompt.id, "held": prompt.held, "shared": prompt.shared, **content}


def prompt_from_json(record: dict[str, Any]) -> Prompt:
    """Return a prompt from JSON."""
    return Prompt(
        **{
            **record,
            "messages": tuple(Message(m["role"], m["content"]) for m in record["messages"]),
            "labels": tuple(record["labels"]),
            "stop": tuple(record["stop"]),
        }
    )


def output_to_json(output: Output) -> dict[str, Any]:
    """Return an output as JSON."""
    return {**dataclasses.asdict(output), "probabilities": dict(output.probabilities)}


def output_from_json(record: dict[str, Any]) -> Output:
    """Return an output from JSON."""
    return Output(**{**record, "finish": FinishReason(record["finish"])})
