"""The watch over a cluster's head, and what machines of it are refused, without Ray."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest

import medic_console
from medic_console.core.errors import EngineError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.cluster import head
from medic_console.engine.cluster.head import Head
from medic_console.engine.cluster.host import Loaded, Task
from medic_console.engine.cluster.remote import Calls, RemoteEngine
from tests.conftest import fake_model, free_port


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "STEP", 0.01)


def test_a_head_that_comes_back_in_time_is_waited_for() -> None:
    port, servers = free_port(), []
    later = threading.Timer(0.1, lambda: servers.append(socket.create_server(("127.0.0.1", port))))
    later.start()
    Head(f"127.0.0.1:{port}", patience=30.0).wait()
    later.join()
    servers[0].close()


def test_a_head_that_stays_away_is_named_and_waited_for_once() -> None:
    gone = Head(f"127.0.0.1:{free_port()}", patience=0.2)
    with pytest.raises(EngineError, match=r"head 127\.0\.0\.1:\d+ was away for 0\.2 seconds") as caught:
        gone.wait()
    assert "resume" in caught.value.hint
    begun = time.monotonic()
    with pytest.raises(EngineError):
        gone.wait()
    assert time.monotonic() - begun < 0.2


def test_an_error_of_rays_is_told_in_a_line_and_a_head_that_was_started_again_in_our_words() -> None:
    watched = Head("10.1.2.3:6379")
    lost = watched.fault("ward-a", RuntimeError("The actor died.\nIts log:\n..."))
    assert lost.message == "ward-a was lost: RuntimeError: The actor died."
    again = watched.fault("ward-a", RuntimeError("RPC error: WrongClusterID: Perhaps the client ..."))
    assert "was started again: it is another cluster, without ward-a" in again.message and "resume" in again.hint


class Far:
    """What is used of Ray and of a host there: every call gives what the machine says when it loads."""

    def __init__(self, says: Loaded) -> None:
        self._says = says

    def __getattr__(self, name: str) -> Any:
        return self

    def remote(self, *given: object) -> Loaded:
        """Call."""
        return self._says

    def get(self, answer: Loaded, timeout: float) -> Loaded:
        """Return a call's result."""
        return answer


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (Loaded("ward-b", "0.0.1"), f"ward-b has medic-console 0.0.1, this machine {medic_console.__version__}"),
        (Loaded("ward-b", medic_console.__version__, fault="no file with the digest"), "no file with the digest"),
    ],
)
def test_a_machine_with_another_release_or_without_the_file_is_refused(says: Loaded, words: str) -> None:
    far, task, kept = Far(says), Task("run", fake_model("alpha"), RunSettings(), "streams"), list[Any]()
    with pytest.raises(EngineError, match=words):
        RemoteEngine(Calls(far, Head("127.0.0.1:1"), "ward-b"), far, task, kept.append)
    assert kept == [far]  # for the next model
