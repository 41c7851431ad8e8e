"""Cost as work grows: seconds an item and memory of the parent for 10 to 100,000 items, the archive included.

A tiny random model is used, so that the run itself is measured and not the model; with `--scripted` answers come from
a script in the same process and no model is asked.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.common import arguments, tell
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import known_tasks
from medic_console.core.records import Item, Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.core.spool import Spool
from medic_console.engine.files.model import ModelFile
from medic_console.engine.files.model_file import inspect_model
from medic_console.session.audit import Audit
from medic_console.suite.items import load_items
from medic_console.testing.random_model import Shape, write_random_model
from medic_console.testing.scripted import ScriptedEngine

SIZES = (10, 100, 1_000, 10_000, 100_000)


def main() -> None:
    """Measure each size in a process of its own and print."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--items", type=int, help="measure one size in this process")
    parser.add_argument("--scripted", action="store_true", help="answer by a script in place of a model")
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest size")
    options = parser.parse_args()
    if options.items:
        seconds, memory = _measure(options.items, options.model, options.scripted)
        print(f"{seconds} {memory}")
        return
    figures: dict[str, float] = {}
    for size in (size for size in SIZES if size <= options.most):
        command = [sys.executable, "-m", "benchmarks.growth", "--items", str(size)]
        command += ["--scripted"] * options.scripted
        done = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        figures[f"{size} items: ms an item"] = float(done[0]) / size * 1000
        figures[f"{size} items: parent's peak memory, MB"] = int(done[1]) / 1024
    tell(figures, options.json)


def _measure(count: int, path: Path | None, scripted: bool) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as folder:
        file = path or write_random_model(Path(folder) / "tiny.gguf", Shape(width=32, heads=2, layers=1, hidden=64))
        task = known_tasks().tasks["medqa"]
        samples = load_items(task, Path(folder))
        items = Spool(_item(samples.items[n % len(samples.items)], n) for n in range(count)).whole()
        settings = RunSettings(parallel=8, context=1024, gpu_layers="0")
        plan = Plan((replace(samples, items=items),), (inspect_model(file),), (), settings)
        audit = Audit(Path(folder) / "archive.db", plan, _start if scripted else None)
        begun = time.perf_counter()
        for _ in audit.events():
            pass
        return time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _item(sample: Item, number: int) -> Item:
    """Return an item with a text of its own, as those of a file have."""
    fields = {**sample.fields, "question": f"{number}. {sample.fields['question']}"}
    return replace(sample, id=str(number), fields=fields)


def _start(model: ModelFile, cache: str) -> ScriptedEngine:
    """Return an engine that keeps no prompt which it has answered."""
    engine = ScriptedEngine(lambda prompt: prompt.labels[0] if prompt.labels else "A")
    engine.seen = Forgetting()
    return engine


class Forgetting(list[Prompt]):
    """A list that stays empty."""

    def append(self, _: Prompt) -> None:
        """Take nothing."""


if __name__ == "__main__":
    main()
