"""A process of our own, from start to end: it takes lines, gives lines, and never outlives its parent's use for it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from medic_console.childproc.start import of_owner
from medic_console.core import offline

LOG_TAIL = 2000
"""Characters from the end of a log in which the reason of a death is looked for."""
_STARTER = "medic_console.childproc.start"
_ROOT = str(Path(__file__).resolve().parents[2])


class Silent(Exception):
    """No line came in time; the process was killed."""


class Ended(Exception):
    """The process has ended.

    Attributes:
        code: Its exit code; below 0 the number of the signal that ended it.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"the process {how(code)}")
        self.code = code


class Child:
    """A module that runs in a process of its own: `python -P -m module`, in a process group of its own.

    It leaves no core file, which would hold patients' words, what it writes is its owner's alone, and nothing goes out
    of it (`start`). It is ended by `end`, when nobody holds this any more, and with this process.

    Args:
        module: Reads requests from its input, answers on its output, and goes when its input ends.
        log: File that takes what it writes to stderr; it is appended to. None drops it.
        environment: Variables that it has beside, or in place of, those of this process.
    """

    def __init__(self, module: str, log: Path | None = None, environment: Mapping[str, str] | None = None) -> None:
        self._log = log
        self._log_start = 0
        variables, inherited = offline.for_children()
        with contextlib.ExitStack() as stack:
            errors: int | BinaryIO = subprocess.DEVNULL
            if log is not None:
                self._log_start = _size(log)
                errors = stack.enter_context(open(log, "ab", opener=of_owner))
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", _STARTER, module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=surroundings({**(environment or {}), **variables}),
                pass_fds=inherited,
                process_group=0,
            )
        assert process.stdin is not None and process.stdout is not None
        self._process = process
        self._requests = process.stdin
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._listener = threading.Thread(target=_listen, args=(process.stdout, self._answers), daemon=True)
        self._listener.start()
        self._over = weakref.finalize(self, _end, process, self._listener, 0.0)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def log_to(self, log: Path) -> None:
        """Look for its last words in this log from now on; the process must be told to write there."""
        self._log_start = _size(log)
        with open(log, "ab", opener=of_owner):
            self._log = log

    def send(self, line: bytes) -> None:
        """Write a request; that the process is dead is noticed where its answer is read."""
        with contextlib.suppress(OSError, ValueError):
            self._requests.write(line)
            self._requests.flush()

    def receive(self, seconds: float) -> bytes:
        """Return the next line.

        Raises:
            Silent: None came in time.
            Ended: The process has ended, and no line is left.
        """
        try:
            line = self._answers.get(timeout=seconds)
        except queue.Empty:
            self.end()
            raise Silent from None
        if line is None:
            self._answers.put(None)
            raise Ended(self._process.wait())
        return line

    def ask(self, line: bytes, seconds: float) -> bytes:
        """Write a request and return the line that answers it; raises what `receive` does."""
        self.send(line)
        return self.receive(seconds)

    def end(self, grace: float = 0.0) -> None:
        """End the process; safe to call twice.

        Args:
            grace: Seconds in which it may go by itself once its input has ended; then it is killed.
        """
        if self._over.detach() is not None:
            _end(self._process, self._listener, grace)

    def tail(self) -> str:
        """Return the last lines of what this process wrote into its log, an assert of ggml before all; often empty."""
        if self._log is None:
            return ""
        with self._log.open("rb") as file:
            file.seek(self._log_start)
            text = file.read()[-LOG_TAIL:].decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        asserts = [line for line in lines if "GGML_ASSERT" in line]
        return " / ".join(asserts[-1:] or lines[-3:])


def how(code: int) -> str:
    """Return how a process ended, in words that follow "the process"."""
    if code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name if -code in signal.Signals.__members__.values() else f"signal {-code}"
    reason = {
        "SIGKILL": " (killed from outside, often for lack of memory)",
        "SIGABRT": " (an assert in llama.cpp)",
    }
    return f"was ended by {name}{reason.get(name, '')}"


def surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child: it imports the same package as this process.

    Python is started with `-P`, so that it imports nothing from the folder that a person stands in.
    """
    path = os.environ.get("PYTHONPATH")
    return {**os.environ, **environment, "PYTHONPATH": os.pathsep.join([_ROOT, path] if path else [_ROOT])}


def _size(log: Path) -> int:
    """Return the bytes of a log; its folder is there then."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.stat().st_size if log.exists() else 0


def _listen(answers: BinaryIO, into: queue.SimpleQueue[bytes | None]) -> None:
    with answers:
        for line in answers:
            into.put(line)
    into.put(None)


def _end(process: subprocess.Popen[bytes], listener: threading.Thread, grace: float) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()
    try:
        process.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    listener.join()
