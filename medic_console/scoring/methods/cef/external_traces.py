"""Read cross-examination traces made elsewhere (one JSON object a line)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from medic_console.core.errors import ItemsError
from medic_console.core.records import CefTrace, CrossAnswer, Label

_HINT = (
    'A trace is {"id", "source", "generated", "source_questions": [{"question", "gold", "predicted"}], '
    '"generated_questions": [...]}; gold may be absent; predicted is YES, NO, IDK or null.'
)


def trace_from_json(record: object) -> CefTrace:
    """Return the trace that a decoded JSON object describes.

    Raises:
        ItemsError: A key is missing, of the wrong type, or holds an unknown answer; the message names it.
    """
    if not isinstance(record, Mapping):
        raise ItemsError("A trace is not a JSON object.", _HINT)
    if not isinstance(record.get("id"), str | int) or isinstance(record.get("id"), bool):
        raise ItemsError("A trace has no id.", _HINT)
    name = str(record["id"])
    return CefTrace(
        name,
        _text(record, "source", name),
        _text(record, "generated", name),
        _questions(record, "source_questions", name),
        _questions(record, "generated_questions", name),
    )


def _text(record: Mapping[str, Any], key: str, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise ItemsError(f"Trace {where}: {key} is missing or not text.", _HINT)
    return value


def _questions(record: Mapping[str, Any], key: str, name: str) -> tuple[CrossAnswer, ...]:
    entries = record.get(key)
    if not isinstance(entries, list):
        raise ItemsError(f"Trace {name}: {key} is missing or not a list.", _HINT)
    return tuple(_asked(entry, f"{name}, {key} {number}") for number, entry in enumerate(entries, start=1))


def _asked(entry: object, where: str) -> CrossAnswer:
    if not isinstance(entry, Mapping):
        raise ItemsError(f"Trace {where} is not a JSON object.", _HINT)
    if "predicted" not in entry:
        raise ItemsError(f"Trace {where}: predicted is missing.", _HINT)
    return CrossAnswer(
        _text(entry, "question", where),
        _label(entry["predicted"], "predicted", where),
        gold=_label(entry.get("gold"), "gold", where),
    )


def _label(value: object, key: str, where: str) -> Label | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in tuple(Label):
        raise ItemsError(f"Trace {where}: {key} is {value!r}, not YES, NO, IDK or null.", _HINT)
    return Label(value)
