"""A process of our own, from start to end, with the template child as the module that runs."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from medic_console.childproc.child import Child, Ended, Silent
from medic_console.childproc.lines import from_line
from tests.conftest import PATIENCE, is_gone, wait_until

MODULE = "medic_console.engine.template.serve"


def test_nothing_is_imported_from_the_folder_that_a_person_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(7)\n")
    monkeypatch.chdir(tmp_path)
    child = Child(MODULE)
    assert from_line(child.receive(PATIENCE)) == {}
    child.end()


def test_a_silent_child_is_killed_and_one_that_ended_tells_its_code() -> None:
    child = Child(MODULE)
    child.receive(PATIENCE)
    with pytest.raises(Silent):
        child.receive(0.01)
    assert is_gone(child.pid)
    child.end()
    gone = Child("medic_console.no_such_module")
    for _ in range(2):
        with pytest.raises(Ended) as ended:
            gone.receive(PATIENCE)
        assert ended.value.code == 1


def test_a_child_that_nobody_holds_any_more_ends() -> None:
    child = Child(MODULE)
    child.receive(PATIENCE)
    pid = child.pid
    del child
    gc.collect()
    wait_until(lambda: is_gone(pid), "the child outlives its last holder")
