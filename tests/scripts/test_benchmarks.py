"""Benchmarks are run by hand and typed by nobody: at least they begin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, command_environment

IMPORTS = "import importlib, sys\nfor name in sys.argv[1:]:\n    importlib.import_module(name)"


def test_every_benchmark_is_imported() -> None:
    names = sorted(f"benchmarks.{file.stem}" for file in Path(ROOT, "benchmarks").glob("[a-z]*.py"))
    assert "benchmarks.growth" in names
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, *names], cwd=ROOT, env=command_environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
