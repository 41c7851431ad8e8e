"""From a process's start to the first piece of text of a run: a fresh home, and the same home again.

Imports, planning, opening the file, loading, reading one prompt and the first token; the model's pages are in memory.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.common import arguments, tell
from benchmarks.header import built

_ROUNDS = 3
_RUN = """
import os, sys, time
begun = float(sys.argv[2])
from pathlib import Path
from medic_console.audit.events import ModelLoaded, ModelLoading, PromptText
from medic_console.audit.prepare import NO_TEMPLATE, Choice, build_plan, known_tasks
from medic_console.core import paths
from medic_console.core.run_settings import RunSettings
from medic_console.session.audit import Audit
stages = [time.time() - begun]
settings = RunSettings(multiple_choice="generated")
asked = Choice(["medqa"], [Path(sys.argv[1])], limit=1, template=NO_TEMPLATE, settings=settings)
plan = build_plan(asked, known_tasks().tasks)
stages.append(time.time() - begun)
for event in Audit(paths.default_archive(), plan).events():
    if isinstance(event, ModelLoading | ModelLoaded | PromptText):
        stages.append(time.time() - begun)
    if isinstance(event, PromptText):
        break
print(*stages, flush=True)
os._exit(0)
"""
_STAGES = ("imports", "planned", "checked", "loaded", "first piece of text")


def main() -> None:
    """Measure and print."""
    options = arguments(__doc__ or "").parse_args()
    path = options.model or built()
    figures: dict[str, float] = {}
    path.read_bytes()
    with tempfile.TemporaryDirectory() as compiled:
        _seconds(path, compiled, compiled)  # so that modules are compiled
        for kind in ("a fresh home", "the same home again"):
            found = []
            for _ in range(_ROUNDS):
                with tempfile.TemporaryDirectory() as home:
                    if kind != "a fresh home":
                        _seconds(path, home, compiled)
                    found.append(_seconds(path, home, compiled))
            best = min(found, key=lambda one: one[-1])
            figures |= {
                f"{kind}: {stage}, s (the best of {_ROUNDS})": s for stage, s in zip(_STAGES, best, strict=True)
            }
            figures[f"{kind}: first piece of text, the slowest"] = max(one[-1] for one in found)
    tell(figures, options.json)


def _seconds(path: Path, home: str, compiled: str) -> list[float]:
    environment = {**os.environ, "MEDIC_CONSOLE_HOME": home, "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", _RUN, str(path), str(time.time())]
    done = subprocess.run(command, capture_output=True, env=environment, check=True, text=True)
    return list(map(float, done.stdout.split()))


if __name__ == "__main__":
    main()
