"""A process that computes for long stands back behind the one that shows it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from medic_console.childproc.priority import STEPS

_TOLD = """
import os
from medic_console.childproc.priority import give_way
give_way()
print(os.nice(0), open("/proc/self/autogroup").read() if os.path.exists("/proc/self/autogroup") else "")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no nice values")
def test_a_child_stands_back_itself_and_with_its_session() -> None:
    command = [sys.executable, "-c", _TOLD]
    said = subprocess.run(command, start_new_session=True, capture_output=True, text=True, check=True).stdout.split()
    assert int(said[0]) >= STEPS
    if Path("/proc/self/autogroup").exists():
        assert said[1:] == [said[1], "nice", str(STEPS)]
