"""Reading a header: `models inspect` as a whole command beside the gguf package's reader, each in a process of its own.

Without `--model FILE` a small random model with a vocabulary of 262,144 tokens is built once in the temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import arguments, tell
from medic_console.testing.random_model import Shape, write_random_model

_SHAPE = Shape(width=32, heads=2, layers=1, hidden=64, vocabulary=262_144, quantised=True, name="large vocabulary")
_READER = """
import sys
from gguf import GGUFReader, GGUFValueType
reader = GGUFReader(sys.argv[1])
for name, field in reader.fields.items():
    if field.types[0] != GGUFValueType.ARRAY:
        field.contents()
print(len(reader.fields["tokenizer.ggml.tokens"].data), sum(int(tensor.n_elements) for tensor in reader.tensors))
"""
_STARTER = """
import resource, subprocess, sys, time
begun = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process took: seconds on the clock and of the processor, and its largest resident memory in bytes."""

    wall: float
    processor: float
    memory: int


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "").parse_args()
    path = options.model or built()
    inspect = [sys.executable, "-m", "medic_console", "models", "inspect", str(path), "--json"]
    with tempfile.TemporaryDirectory() as home:
        ours = min((_spent(inspect, home) for _ in range(_ROUNDS)), key=lambda one: one.processor)
        theirs = _spent([sys.executable, "-c", _READER, str(path)], home)
    tell(
        {
            "file, MB": path.stat().st_size / 1e6,
            f"models inspect, seconds (the best of {_ROUNDS})": ours.wall,
            "models inspect, seconds of the processor": ours.processor,
            "models inspect, peak memory in MB": ours.memory / 1e6,
            "gguf's reader, seconds (once)": theirs.wall,
            "gguf's reader, seconds of the processor": theirs.processor,
            "gguf's reader, peak memory in MB": theirs.memory / 1e6,
            "gguf's reader / models inspect, seconds of the processor": theirs.processor / ours.processor,
        },
        options.json,
    )


def built() -> Path:
    """Return a small random model with a large vocabulary, built once."""
    path = Path(tempfile.gettempdir()) / "medic-console-vocabulary.gguf"
    if not path.exists():
        write_random_model(path.with_suffix(".draft"), _SHAPE).replace(path)
    return path


def _spent(command: list[str], home: str) -> Spent:
    """Run a command as an installed one runs, with its compiled modules kept, and return what it took.

    A small process starts it: a child's peak memory begins with that of the process which it was forked from.
    """
    environment = {**os.environ, "MEDIC_CONSOLE_HOME": home, "PYTHONPYCACHEPREFIX": home}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", _STARTER, *command], capture_output=True, env=environment, check=True, text=True
    )
    wall, processor, memory = map(float, done.stdout.split())
    return Spent(wall, processor, int(memory) * (1 if sys.platform == "darwin" else 1024))


if __name__ == "__main__":
    main()
