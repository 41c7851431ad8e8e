"""The environment of the processes that the engine starts."""

from __future__ import annotations

import os
from pathlib import Path

SPIN_COUNT = "10000"


def child_environment() -> dict[str, str]:
    """Return the environment of a child: it imports the same package as this process.

    GNU OpenMP's threads spin for long before they sleep; where other programs want the same cores, each decode
    then waits for a time slice. A short spin costs nothing on free cores and keeps the speed on busy ones. At an
    assert ggml would start a debugger and write the process's stack into the log.
    """
    root = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH")
    quiet = {"GOMP_SPINCOUNT": SPIN_COUNT, "GGML_NO_BACKTRACE": "1"}
    return {**quiet, **os.environ, "PYTHONPATH": os.pathsep.join([root, path] if path else [root])}
