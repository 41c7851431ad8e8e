"""Try and render chat templates in a process of their own, which is ended when a template runs on."""

from __future__ import annotations

import atexit
import contextlib
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from medic_console.engine.environment import child_environment
from medic_console.engine.probing import Form
from medic_console.engine.variables import DATE, Variables
from medic_console.errors import EngineError, ModelFileError

HINT = "Name a working template with --chat-template FILE (Jinja text), or ask for completions: --chat-template none."
PATIENCE = 60.0
"""Seconds by the clock for one answer. The process has a limit of processor time of its own; on a busy machine that
takes longer."""
_ENDLESS = "it does not come to an end"
_SPENT = -int(getattr(signal, "SIGXCPU", 0))
"""Exit code of a process that has used up its processor time."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What was found by trying a chat template.

    Attributes:
        form: How turns are given to it.
        shown: What it makes of a system and a user turn that say no more than that.
        notes: What a person should know of how prompts come about, in sentences.
    """

    form: Form
    shown: str
    notes: tuple[str, ...]


@lru_cache(maxsize=64)
def probed(source: str, thinks: bool = True, date: str = DATE) -> Probe:
    """Try a chat template.

    Args:
        source: Jinja text.
        thinks: Whether the model may think before it answers.
        date: What the template takes for today, `YYYY-MM-DD`.

    Raises:
        ModelFileError: It cannot be compiled, fails on a plain conversation, or leaves part of it out.
        EngineError: The process cannot be started.
    """
    found = _PROCESS.ask({"kind": "probe", "source": source, "thinks": thinks, "date": date})
    if "fault" in found:
        raise ModelFileError(f"The chat template cannot be used: {found['fault']}.", HINT)
    return Probe(Form(*found["form"]), found["shown"], tuple(found["notes"]))


def rendered(
    source: str,
    variables: Variables,
    messages: Sequence[Mapping[str, str]],
    budget: int,
    form: Mapping[str, bool] | None,
    thinking: str | None,
) -> str:
    """Return the text of a prompt from what is stored of it (see `rendering.rendered_again`).

    Raises:
        ModelFileError: The template cannot be used, or cannot be used on these messages.
        EngineError: The process cannot be started.
    """
    asked = {"source": source, "variables": variables, "messages": messages, "budget": budget}
    return _rendered(json.dumps({**asked, "form": form, "thinking": thinking}, sort_keys=True))


@lru_cache(maxsize=256)
def _rendered(asked: str) -> str:
    found = _PROCESS.ask({"kind": "render", **json.loads(asked)})
    if "fault" in found:
        raise ModelFileError(found["fault"], found["hint"])
    return str(found["text"])


class _Process:
    """The process, started when something is asked and again after a template that it did not survive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        atexit.register(self._end)

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request; what a template does to the process is a fault of the template.

        Raises:
            EngineError: The process cannot be started.
        """
        with self._lock:
            child = self._child or self._start()
            line, late = _exchange(child, json.dumps(request).encode() + b"\n")
            if line:
                answer: dict[str, Any] = json.loads(line)
                return answer
            code = child.wait()
            self._end()
        what = _ENDLESS if late or code == _SPENT < 0 else f"it ends the process that tries it (code {code})"
        return {"fault": what, "hint": HINT}

    def _start(self) -> subprocess.Popen[bytes]:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "medic_console.engine.template_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
            start_new_session=True,
        )
        child = self._child
        if not _exchange(child, b"")[0]:
            self._end()
            raise EngineError("The process that tries chat templates did not start.")
        return child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None and child.stdout is not None
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


def _exchange(child: subprocess.Popen[bytes], request: bytes) -> tuple[bytes, bool]:
    """Return the line that answers a request, and whether the process was ended because none came in time.

    The line is empty when the process has ended.
    """
    assert child.stdin is not None and child.stdout is not None
    late = threading.Event()

    def end() -> None:
        late.set()
        child.kill()

    watch = threading.Timer(PATIENCE, end)
    watch.start()
    try:
        child.stdin.write(request)
        child.stdin.flush()
        return child.stdout.readline(), late.is_set()
    except OSError:
        return b"", late.is_set()
    finally:
        watch.cancel()


_PROCESS = _Process()
