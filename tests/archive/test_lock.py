from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, ClassVar

import pytest

from medic_console.archive.lock import RunLock, is_locked, told
from medic_console.core.errors import ArchiveError
from tests.conftest import command_environment

HOLDER = """
import sys
import threading
from pathlib import Path
from medic_console.archive.lock import RunLock
lock = RunLock(Path(sys.argv[1]), "run")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    lock = RunLock(archive, "run")
    assert is_locked(archive, "run")
    with pytest.raises(ArchiveError, match="Run run is being worked on by another process"):
        RunLock(archive, "run")
    RunLock(archive, "another run").release()
    lock.release()
    assert not is_locked(archive, "run")
    RunLock(archive, "run").release()
    assert list(tmp_path.iterdir()) == []


def test_what_a_holder_tells_is_read_by_others_and_gone_with_the_lock(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    lock = RunLock(archive, "run")
    assert told(archive, "run") == ""
    lock.tell("a long first text")
    lock.tell("shorter")
    assert told(archive, "run") == "shorter" and is_locked(archive, "run")
    lock.release()
    assert told(archive, "run") == ""
    RunLock(archive, "run").release()


def test_a_lock_that_was_given_back_is_not_given_back_again_for_its_next_holder(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    first = RunLock(archive, "run")
    first.release()
    second = RunLock(archive, "run")
    first.release()
    assert is_locked(archive, "run")
    second.release()


class Racing(type(Path())):  # type: ignore[misc]
    """A path whose file is removed behind its first opening, as the holder before does when it lets go."""

    raced: ClassVar[list[str]] = []

    def open(self, *arguments: Any, **named: Any) -> Any:
        file = super().open(*arguments, **named)
        if not self.raced:
            self.raced.append(str(self))
            self.unlink()
        return file


def test_a_lock_on_a_file_that_its_last_holder_removed_is_taken_anew(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    lock = RunLock(Racing(archive), "run")
    assert Racing.raced == [f"{archive}-run.lock"]
    assert is_locked(archive, "run")
    with pytest.raises(ArchiveError, match="being worked on by another process"):
        RunLock(archive, "run")
    lock.release()
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(archive)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=command_environment(),
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert is_locked(archive, "run")
        with pytest.raises(ArchiveError):
            RunLock(archive, "run")
        holder.kill()
        holder.wait()
        assert not is_locked(archive, "run")
        RunLock(archive, "run").release()


def test_a_run_that_nobody_ever_locked_is_free(tmp_path: Path) -> None:
    assert not is_locked(tmp_path / "a.db", "run")
    assert list(tmp_path.iterdir()) == []


def test_a_look_at_the_lock_does_not_turn_a_run_away(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    lock = RunLock(archive, "run")
    freed = threading.Timer(0.05, lock.release)  # a look holds the lock for less than that
    freed.start()
    again = RunLock(archive, "run")
    freed.join()
    assert is_locked(archive, "run")
    again.release()
    assert not is_locked(archive, "run")
