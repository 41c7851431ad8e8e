"""One key-value cache for all sequences against one for each, on prompts that differ and on prompts that share a note.

Both kinds get the same prompts in the same order in one run; what they write differs in a few tokens, so speeds are
told by the token.

- `distinct`: every prompt has a note of its own. `one / each` is the time of one cache over that of a cache for each
  sequence.
- `shared`: all prompts have one note and differ in their last words; one cache is used as the console uses it there,
  without flash attention.
- `examined`: eight notes, questions about them in turn, answers by labels: what a judge does.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import answers, arguments, model_of, note, question_prompts, tell
from medic_console.core.records import Message, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.protocol.port import STREAMS, UNIFIED, EngineSettings

PARALLEL = 8


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--length", type=int, default=4_000, help="characters of a note")
    parser.add_argument("--count", type=int, default=16, help="prompts of each kind")
    parser.add_argument("--written", type=int, default=48, help="most tokens of an answer")
    options = parser.parse_args()
    model = model_of(options.model)
    notes = [note(options.length, seed) for seed in range(options.count)]
    distinct = [_about(text, number, options.written) for number, text in enumerate(notes)]
    shared = [_about(notes[0], number, options.written) for number in range(options.count)]
    examined = [
        prompt
        for asked in zip(
            *(question_prompts(text, 10, f"{seed}-", ("YES", "NO", "IDK")) for seed, text in enumerate(notes[:8])),
            strict=True,
        )
        for prompt in asked
    ]
    figures: dict[str, Any] = {}
    for name, prompts, flash in (("distinct", distinct, None), ("shared", shared, False), ("examined", examined, None)):
        one = _measured(model, prompts, UNIFIED, flash)
        each = _measured(model, prompts, STREAMS, None)
        figures[f"{name}: one cache, s"], figures[f"{name}: a cache each, s"] = one["s"], each["s"]
        figures[f"{name}: one / each"] = one["s"] / each["s"]
        figures[f"{name}: tokens written, one"] = one["written"]
        figures[f"{name}: tokens written, each"] = each["written"]
    tell(figures, options.json)


def _about(text: str, number: int, written: int) -> Prompt:
    return Prompt(f"{number}", (Message("user", f"{text}\n\nQuestion {number}: what is next?"),), max_tokens=written)


def _measured(model: ModelFile, prompts: Sequence[Prompt], cache: str, flash: bool | None) -> Mapping[str, float]:
    settings = EngineSettings(model.path, model.template, context=4096, parallel=PARALLEL, cache=cache)
    settings = dataclasses.replace(settings, flash_attention=flash, cells=4096 * (PARALLEL if flash is None else 2))
    engine = start_engine(settings, Path(tempfile.gettempdir()) / "medic-console-benchmark.log")
    try:
        found, seconds = answers(engine, prompts)
    finally:
        engine.close()
    return {"s": seconds, "written": float(sum(output.output_tokens for output in found.values()))}


if __name__ == "__main__":
    main()
