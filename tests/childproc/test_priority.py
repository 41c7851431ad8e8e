"""A process that computes for long stands back behind the one that shows it."""

from __future__ import annotations

import os
import sys

import pytest

from medic_console.childproc.child import Child
from medic_console.childproc.priority import STEPS
from tests.conftest import wait_until

MODULE = "medic_console.engine.child.serve"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no nice values")
def test_an_engine_stands_back_in_its_parents_session_where_the_nice_value_counts() -> None:
    child = Child(MODULE)
    try:
        nice = min(19, os.getpriority(os.PRIO_PROCESS, 0) + STEPS)
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, child.pid) == nice, "the engine does not stand back")
        assert os.getsid(child.pid) == os.getsid(0)
        assert os.getpgid(child.pid) == child.pid, "ctrl+c in a terminal is meant for the parent alone"
    finally:
        child.end()
