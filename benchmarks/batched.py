"""Eight distinct long prompts against llama-batched-bench at its best setting: reading and writing apart.

llama-batched-bench is llama.cpp's own tool and does nothing but decode. It is run with flash attention on and off, a
cache for each sequence, or with the settings that `--bench-options` names; of its runs the best reading and the best
writing count, though no single run may reach both.

Ours is the engine as a run starts it, its process and pipes included. Reading is timed by prompts that ask for one
token, writing by what comes once the last of as many prompts has been read and all write. A sequence that has read its
prompt may write while others still read, so the whole is told too: the bench's least time for both over ours.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import answers, arguments, model_of, note, tell
from medic_console.core.records import Message, Output, Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.supervisor import start_engine
from medic_console.engine.protocol.port import STREAMS, Engine, EngineSettings, Finished, Text

STREAMED = ("-no-kvu -fa on", "-no-kvu -fa off")
"""Settings of the bench that are tried unasked; `-kvu` was never its best with distinct prompts."""
EXTRA = 256
"""Tokens of a context beside a prompt and its answer."""


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--bench", type=Path, required=True, help="llama-batched-bench")
    parser.add_argument("--bench-options", action="append", help=f"repeatable (as {STREAMED[0]!r})")
    parser.add_argument("--sequences", type=int, default=8)
    parser.add_argument("--length", type=int, default=1_300, help="tokens of a prompt")
    parser.add_argument("--written", type=int, default=64, help="tokens of an answer")
    options = parser.parse_args()
    model = model_of(options.model)
    ours = _ours(model, options)
    figures: dict[str, Any] = dict(ours)
    runs = [_bench(model, options, ours, setting) for setting in options.bench_options or STREAMED]
    for run in runs:
        figures |= {f"bench {run['setting']}: {name}, tokens/s": run[name] for name in ("reading", "writing")}
    for name in ("reading", "writing"):
        best = max(run[name] for run in runs)
        figures[f"{name}: ours / bench's best (to reach 0.95)"] = ours[f"{name}, tokens/s"] / best
    figures["whole: bench's least time / ours"] = min(run["seconds"] for run in runs) / ours["whole, s"]
    tell(figures, options.json)


def _ours(model: ModelFile, options: Namespace) -> dict[str, Any]:
    """Return what the engine reached, and the tokens that it read and wrote."""
    count, written = options.sequences, options.written
    context = options.length + written + EXTRA
    settings = EngineSettings(model.path, model.template, context=context, parallel=count, cache=STREAMS)
    engine = start_engine(settings, Path(tempfile.gettempdir()) / "medic-console-benchmark.log")
    try:
        characters = 3 * options.length
        found, _ = answers(engine, _prompts(1, characters, 1, 0))
        characters = characters * options.length // _read(found.values())
        read, reading = answers(engine, _prompts(count, characters, 1, 1))
        wrote, whole, writing = _written(engine, _prompts(count, characters, written, 1 + count))
    finally:
        engine.close()
    pace = _read(read.values()) / reading
    made = sum(output.output_tokens for output in wrote.values())
    return {
        "tokens of a prompt": sum(output.prompt_tokens for output in wrote.values()) / count,
        "tokens written": made,
        "reading, tokens/s": pace,
        "writing, tokens/s": writing,
        "whole, s": whole,
    }


def _written(engine: Engine, prompts: Sequence[Prompt]) -> tuple[dict[str, Output], float, float]:
    """Return outputs by id, the seconds of all, and the tokens a second from when each prompt has its first text."""
    begun, last, together, tokens = time.perf_counter(), 0.0, 0.0, 0
    outputs: dict[str, Output] = {}
    waited_for = {prompt.id for prompt in prompts}
    engine.submit(prompts)
    for event in engine.events():
        last = time.perf_counter()
        if isinstance(event, Text):
            if waited_for:
                waited_for.discard(event.prompt_id)
                together = last
            else:
                tokens += event.tokens
        elif isinstance(event, Finished):
            outputs[event.prompt_id] = event.output
    return outputs, last - begun, tokens / (last - together)


def _prompts(count: int, characters: int, written: int, seed: int) -> list[Prompt]:
    """Return prompts with a text of its own each, of seeds from `seed` on."""
    texts = [note(characters, n)[:characters] for n in range(seed, seed + count)]
    return [Prompt(f"{seed + n}", (Message("user", text),), max_tokens=written) for n, text in enumerate(texts)]


def _read(outputs: Iterable[Output]) -> int:
    """Return the tokens that were read, those in the cache already left out."""
    return sum(output.prompt_tokens - output.reused_tokens for output in outputs)


def _bench(model: ModelFile, options: Namespace, ours: dict[str, Any], setting: str) -> dict[str, Any]:
    """Return what llama-batched-bench reaches with as many tokens."""
    count = options.sequences
    length, written = round(ours["tokens of a prompt"]), round(ours["tokens written"] / count)
    sizes = ("-npp", length, "-ntg", written, "-npl", count, "-c", count * (length + written + EXTRA))
    command = [options.bench, "-m", model.path, *sizes, *setting.split(), "--output-format", "jsonl"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not found:
        raise SystemExit(f"{options.bench} gave no figures: {done.stderr.strip()[-400:]}")
    row = found[-1]
    return {"setting": setting, "reading": row["speed_pp"], "writing": row["speed_tg"], "seconds": row["t"]}


if __name__ == "__main__":
    main()
