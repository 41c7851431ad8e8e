"""A headless run in a process of its own: `python -m tests.console.headless ARCHIVE CACHE`.

Its scripted models wait before each answer for a line on stdin, and go on without waiting once that is closed. Each
output that is stored is told by a line on stdout.
"""

from __future__ import annotations

import sys
from pathlib import Path

from medic_console.audit.events import OutputReady
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.console.audited import SCRIPTS, demo_plan


def _start(model: ModelFile, cache: str) -> ScriptedEngine:
    def script(prompt: Prompt) -> Reply:
        sys.stdin.readline()
        return SCRIPTS[model.name](prompt)

    return ScriptedEngine(script)


def main() -> None:
    """Run the demo plan to its end."""
    archive, cache = map(Path, sys.argv[1:])
    for event in Audit(archive, demo_plan(cache, limit=2), start=_start).events():
        if isinstance(event, OutputReady):
            print("stored", flush=True)


if __name__ == "__main__":
    main()
