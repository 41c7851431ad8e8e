"""Damaged GGUF headers: seconds and memory for each of 1,000, read as `models inspect` reads them.

Without `--model FILE` a small random model with a vocabulary of 262,144 tokens is damaged.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.common import arguments, tell
from benchmarks.header import built
from medic_console.core.errors import ModelFileError
from medic_console.engine.files.model_file import examine
from medic_console.testing.mutants import mutants

_HEAD = 16 << 20
"""Bytes of the file that are damaged and read; the rest is weights."""
_LIMIT_SECONDS, _LIMIT_MB = 3.0, 200.0


def main() -> None:
    """Measure and print; the memory is the peak of a process that reads them all."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--count", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--worker", action="store_true", help="measure in this process")
    options = parser.parse_args()
    path = options.model or built()
    if options.worker:
        print(*_measure(path, options.count))
        return
    command = [sys.executable, "-m", "benchmarks.mutants", "--worker", "--count", str(options.count)]
    done = subprocess.run([*command, "--model", str(path)], capture_output=True, text=True, check=True)
    slowest, over, before, peak, refused, read, other = map(float, done.stdout.split())
    tell(
        {
            "mutants": options.count,
            "refused with a message": refused,
            "read": read,
            "ended otherwise": other,
            "slowest, s": slowest,
            f"over {_LIMIT_SECONDS:g} s": over,
            "memory before, MB": before,
            "peak memory of the process, MB": peak,
            f"over {_LIMIT_MB:g} MB more": float(peak - before > _LIMIT_MB),
        },
        options.json,
    )


def _measure(path: Path, count: int) -> tuple[float, ...]:
    with path.open("rb") as file:
        sound = file.read(_HEAD)
    before, ends, times = _peak(), Counter[str](), []
    with tempfile.TemporaryDirectory() as folder:
        damaged = Path(folder) / "m.gguf"
        for data in mutants(sound, count):
            damaged.write_bytes(data)
            begun = time.perf_counter()
            try:
                examine(damaged)
                ends["read"] += 1
            except ModelFileError:
                ends["refused"] += 1
            except Exception:  # noqa: BLE001 - counted
                ends["other"] += 1
            times.append(time.perf_counter() - begun)
    over = sum(one > _LIMIT_SECONDS for one in times)
    return max(times), over, before, _peak(), ends["refused"], ends["read"], ends["other"]


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    main()
