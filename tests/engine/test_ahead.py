"""A process that was started before a model was known serves as one that was started for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from medic_console.core.errors import EngineDied
from medic_console.engine.protocol import ahead
from medic_console.engine.protocol.ahead import Waiting, keep, start_ahead, taken
from medic_console.engine.protocol.features import features
from tests.conftest import command_environment, end_waiting, is_gone, user_prompt, wait_until
from tests.engine.conftest import StartEngine, outputs_of

PATIENCE = """
from medic_console.engine.child import serve
serve.WAITS_SECONDS = 0.1
serve.main()
"""


@pytest.fixture(autouse=True)
def none_waits() -> Iterator[None]:
    """Nothing that a test before this one started is taken, and nothing is left for the next one."""
    end_waiting()
    yield
    end_waiting()


def waiting_pid() -> int:
    found = taken()
    assert found is not None
    keep(found)
    return found.child.pid


def test_a_waiting_process_tells_features_then_takes_the_model_and_answers_as_a_fresh_one(
    start: StartEngine, random_model: Path, tmp_path: Path
) -> None:
    start_ahead()
    pid = waiting_pid()
    start_ahead()
    assert waiting_pid() == pid
    features.cache_clear()
    assert features().build.startswith("llama-cpp-python ")
    prompts = [user_prompt("a", "fever and cough", max_tokens=8)]
    engine = start(random_model)
    assert engine.pid == pid
    assert taken() is None
    fresh = start(random_model)
    assert fresh.pid != pid
    assert outputs_of(engine, prompts)["a"].text == outputs_of(fresh, prompts)["a"].text
    assert engine.granted == fresh.granted


def test_a_waiting_process_writes_into_the_log_of_its_model_and_its_end_is_told_from_there(
    start: StartEngine, random_model: Path, tmp_path: Path
) -> None:
    log = tmp_path / "engine.log"
    log.write_text("GGML_ASSERT of an earlier run\n", "utf-8")
    log.chmod(0o644)
    start_ahead()
    engine = start(random_model)
    assert "llama_" in log.read_text("utf-8", "replace")
    assert log.stat().st_mode & 0o777 == 0o600
    engine.submit([user_prompt("a", "fever", max_tokens=4)])
    os.kill(engine.pid, signal.SIGKILL)
    with pytest.raises(EngineDied, match="Last lines of its log") as died:
        list(engine.events())
    assert "earlier run" not in str(died.value)


def test_one_that_has_ended_or_waited_for_long_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    start_ahead()
    pid = waiting_pid()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), "the process to end")
    assert taken() is None
    start_ahead()
    old = taken()
    assert old is not None
    keep(Waiting(old.child, time.monotonic() - ahead.WAITS_SECONDS))
    assert taken() is None
    assert not old.child.runs


def test_one_that_nobody_asks_ends_by_itself_and_so_does_one_whose_parent_ended() -> None:
    words = [sys.executable, "-c", PATIENCE]
    with subprocess.Popen(words, stdin=subprocess.PIPE, env=command_environment()) as waits:
        assert waits.wait(30) == 0
    ended = subprocess.run(words, stdin=subprocess.DEVNULL, env=command_environment(), check=False, timeout=30)
    assert ended.returncode == 0
