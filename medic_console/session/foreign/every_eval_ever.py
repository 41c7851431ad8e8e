"""Samples in the form of Every Eval Ever 0.2 and 0.3 (`UUID_samples.jsonl`): one line a sample and metric."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from medic_console.core.records import FinishReason
from medic_console.session.foreign.samples import Sample, lacking, texts_of


def recognises(record: Mapping[str, Any]) -> bool:
    """Tell whether a line is one of the format."""
    return {"schema_version", "evaluation_id", "model_id", "sample_id", "input"} <= record.keys()


def read(lines: Iterator[tuple[str, dict[str, Any]]], model: str) -> Iterator[Sample]:
    """Yield the samples; a sample under several metrics stands there several times and is told once.

    Raises:
        ItemsError: A line has no input or no output, or is a conversation of several answers.
    """
    seen = set()
    for where, record in lines:
        key = (record["model_id"], record["sample_id"], record.get("evaluation_name"))
        if str(key) not in seen:
            seen.add(str(key))
            yield _sample(where, record, model)


def _sample(where: str, record: Mapping[str, Any], model: str) -> Sample:
    asked, output = record["input"], record.get("output")
    if not isinstance(asked, dict) or not isinstance(asked.get("raw"), str):
        raise lacking(where, "input.raw is no text")
    own = (asked["raw"], *texts_of(asked.get("choices")))
    shown = asked.get("formatted") if isinstance(asked.get("formatted"), str) else ""
    if isinstance(output, dict) and isinstance(output.get("raw"), list) and len(output["raw"]) == 1:
        text, thoughts = output["raw"][0], output.get("reasoning_trace")
    else:
        text, thoughts = _answered(where, record.get("messages")), None
    if not isinstance(text, str):
        raise lacking(where, "output.raw holds no single text")
    named = model or str(record["model_id"])
    thinking = "\n".join(texts_of(thoughts))
    more = record.get("metadata")
    cut = isinstance(more, dict) and more.get("finish_reason") == FinishReason.LENGTH  # as our own files say it
    return Sample(
        where,
        str(record["sample_id"]),
        named,
        own,
        shown or "\n".join(own),
        text,
        thinking=thinking,
        finish=FinishReason.LENGTH if cut else FinishReason.STOP,
    )


def _answered(where: str, messages: Any) -> str:
    turns = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    said = [one.get("content") for one in turns if one.get("role") == "assistant"]
    if len(said) != 1 or not isinstance(said[0], str):
        raise lacking(where, "there is no single answer of the model")
    return said[0]
