"""Files as other programs write them, made of our sample items: prompts are theirs, texts of items are ours."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import zstandard

from medic_console.core.records import Item

LONG = 100
"""Characters beyond which Inspect sets a text apart."""


def asked(item: Item) -> str:
    """Return the prompt of another program for a multiple choice item."""
    options = "\n".join(f"{label}) {text}" for label, text in item.fields["options"].items())
    return f"Answer the following.\n\n**Question:**  {item.fields['question']}\n\n{options}\n\nANSWER: $LETTER"


def lm_eval_line(number: int, item: Item, text: str) -> dict[str, Any]:
    """Return a line of the harness for generated text."""
    return {
        "doc_id": number,
        "doc": {"question": item.fields["question"], "answer": item.gold},
        "target": str(item.gold),
        "arguments": {"gen_args_0": {"arg_0": asked(item), "arg_1": {"until": ["\n\n"]}}},
        "resps": [[text]],
        "filtered_resps": [text],
        "filter": "none",
        "metrics": ["exact_match"],
        "doc_hash": "0",
        "prompt_hash": "0",
        "target_hash": "0",
        "exact_match": 0.0,
    }


def lm_eval_weighed(number: int, item: Item, weights: Sequence[float], by_letter: bool) -> dict[str, Any]:
    """Return a line of the harness for options whose likelihood was weighed."""
    options: Mapping[str, str] = item.fields["options"]
    shown = asked(item) if by_letter else f"Question: {item.fields['question']}\nAnswer:"
    said = [f" {label if by_letter else text}" for label, text in options.items()]
    arguments = {f"gen_args_{i}": {"arg_0": shown, "arg_1": one} for i, one in enumerate(said)}
    resps = [[[str(weight), "False"]] for weight in weights]
    return {**lm_eval_line(number, item, ""), "arguments": arguments, "resps": resps, "filtered_resps": resps}


def inspect_sample(item: Item, text: str, epoch: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a sample of Inspect, its long texts set apart."""
    attached: dict[str, str] = {}

    def apart(long: str) -> str:
        if len(long) <= LONG:
            return long
        attached[f"{len(attached):032x}"] = long
        return f"attachment://{len(attached) - 1:032x}"

    said = [{"type": "reasoning", "reasoning": "Let me think."}, {"type": "text", "text": text}]
    found = {
        "id": item.id,
        "epoch": epoch,
        "input": apart(item.fields["question"]),
        "choices": list(item.fields["options"].values()),
        "target": item.gold,
        "messages": [{"role": "user", "content": apart(asked(item))}, {"role": "assistant", "content": said}],
        "output": {"model": "gpt-x", "choices": [{"message": {"role": "assistant", "content": said}}]},
        "scores": {"choice": {"value": "C", "answer": "A"}},
        "metadata": {},
        "attachments": attached,
    }
    return {**found, **changes}


def write_eval(path: Path, samples: Sequence[Mapping[str, Any]], compressed: bool = True) -> Path:
    """Write an `.eval` file, by Zstandard as Inspect does today."""
    header = {"version": 2, "status": "success", "eval": {"task": "medqa", "model": "openai/gpt-x"}}
    members = {"header.json": header} | {f"samples/{one['id']}_epoch_{one['epoch']}.json": one for one in samples}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if not compressed else zipfile.ZIP_STORED) as packed:
        for name, value in members.items():
            data = json.dumps(value).encode()
            packed.writestr(name, zstandard.compress(data) if compressed else data)
    return _as_zstandard(path) if compressed else path


def _as_zstandard(path: Path) -> Path:
    """Say in a file of stored members that each is packed by Zstandard."""
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = data.find(mark)
        while at >= 0:
            data[at + place : at + place + 2] = (93).to_bytes(2, "little")
            at = data.find(mark, at + 4)
    path.write_bytes(bytes(data))
    return path


def write_lines(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    """Write JSON Lines."""
    path.write_text("".join(json.dumps(one) + "\n" for one in records), "utf-8")
    return path
