"""The console in a real pseudo-terminal: what it writes there, and what it leaves behind."""

from __future__ import annotations

import os
import re
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conftest import PATIENCE, ROOT, command, command_environment, run_command
from tests.console.audited import RUN

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

import fcntl
import pty
import termios

COLOUR = re.compile(r"\x1b\[[0-9;]*(?:[34]8;|;3[0-7]|;4[0-7]|;9[0-7]|m?3[0-7]m)[0-9;]*m")
ALTERNATE, NORMAL = "\x1b[?1049h", "\x1b[?1049l"


class Terminal:
    """A process in a pseudo-terminal.

    Attributes:
        written: All that it wrote.
    """

    def __init__(self, process: subprocess.Popen[bytes], file: int) -> None:
        self._process = process
        self._file = file
        self.written = ""

    def keys(self, text: str) -> None:
        """Type."""
        os.write(self._file, text.encode())

    def until(self, part: str, after: int = 0) -> int:
        """Read until a part is written at or behind a place, and return the place behind it."""
        deadline = time.monotonic() + PATIENCE
        while part not in self.written[after:]:
            assert time.monotonic() < deadline, f"waited in vain for {part!r} in {self.written[after:]!r}"
            if select.select([self._file], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.written += os.read(self._file, 1 << 16).decode("utf-8", "replace")
        return self.written.index(part, after) + len(part)

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        return self._process.wait(PATIENCE)

    def quit(self) -> int:
        """Quit and return the exit code; a terminal that is not raw yet takes ctrl+q as XON, so it is typed again."""
        deadline, again = time.monotonic() + PATIENCE, 0.0
        while self._process.poll() is None and time.monotonic() < deadline:
            if time.monotonic() >= again:
                again = time.monotonic() + 1
                with suppress(OSError):
                    self.keys("\x11")
            if select.select([self._file], [], [], 0.1)[0]:
                with suppress(OSError):
                    self.written += os.read(self._file, 1 << 16).decode("utf-8", "replace")
        return self._process.returncode if self._process.returncode is not None else -1


@contextmanager
def terminal(archive: Path, words: Sequence[str] = (), **environment: str) -> Iterator[Terminal]:
    """Open the console, or run a command, in a terminal of 120 by 36."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    env = {**command_environment(), "TERM": "xterm-256color", **environment}
    process = subprocess.Popen(
        words or command("--archive", archive),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=env,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)


def test_the_plain_text_is_left_in_the_terminal_itself_and_enter_comes_back(archive: Path) -> None:
    with terminal(archive) as shown:
        shown.until(ALTERNATE)
        shown.until(RUN)
        shown.keys("Y")
        place = shown.until("leaves it in the terminal")
        shown.keys("t")
        left = shown.until(NORMAL, place)
        end = shown.until("-- enter goes back to medic-console --", left)
        text = shown.written[left:end]
        assert RUN in text
        assert not re.search(r"\x1b\[[0-9;]*m|\x1b\[[0-9;]*H", text)
        assert not set(text) & set("│╭╮╰╯┃┏┓━─")
        shown.keys("\n")
        shown.until(ALTERNATE, end)
        assert shown.quit() == 0
    assert shown.written.rindex(NORMAL) > shown.written.rindex(ALTERNATE)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "vt100"}])
def test_a_terminal_without_colour_gets_none_and_still_reads_every_state(
    archive: Path, environment: dict[str, str]
) -> None:
    with terminal(archive, **environment) as shown:
        shown.until(RUN)
        shown.until("✓ done")
        shown.until("❯")
        assert shown.quit() == 0
    assert not COLOUR.search(shown.written)


def test_a_terminal_that_goes_away_without_a_signal_ends_the_process(
    archive: Path,
) -> None:
    env = {**command_environment(), "TERM": "xterm-256color"}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 36, 120, 0, 0))
    process = subprocess.Popen(
        command("--archive", archive), stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True
    )
    os.close(theirs)
    shown = Terminal(process, ours)
    try:
        shown.until(ALTERNATE)
        os.close(ours)
        assert process.wait(PATIENCE) == 129
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def test_without_a_terminal_it_says_what_to_use_instead(archive: Path) -> None:
    done = run_command("--archive", archive)
    assert done.returncode == 2
    assert "The console needs a terminal" in done.stderr
    assert "--plain" in done.stderr and "--linear" in done.stderr


def test_served_to_a_browser_it_needs_no_terminal(archive: Path) -> None:
    env = {**command_environment(), "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command("--archive", archive), stdin=pipe, stdout=pipe, stderr=pipe, env=env) as served:
        assert served.stdout is not None
        deadline, written = time.monotonic() + PATIENCE, b""
        try:
            while RUN.encode() not in written:
                assert time.monotonic() < deadline, written
                if select.select([served.stdout], [], [], 0.1)[0]:
                    written += (part := os.read(served.stdout.fileno(), 1 << 16))
                    assert part, written
        finally:
            served.kill()


DEFECT = """
import sys
from pathlib import Path
archive, model, cache, root = map(Path, sys.argv[1:])
sys.path.insert(0, str(root))
from medic_console.console.app import MedicConsole, open_console
from tests.faults.test_signals import endless_plan
MedicConsole.action_show_help = lambda app: 1 / 0
sys.exit(open_console(archive, None, endless_plan(model, cache)))
"""


@pytest.mark.slow
def test_after_a_defect_the_run_goes_on_and_one_says_what_becomes_of_it(endless_model: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", DEFECT, *map(str, (tmp_path / "a.db", endless_model, tmp_path / "cache", ROOT))]
    asked = "open the console again, on this run"
    with terminal(tmp_path / "a.db", words) as shown:
        place = shown.until("generating")
        shown.keys("?")
        place = shown.until(asked, shown.until("ZeroDivisionError", place))
        shown.keys("c\n")
        place = shown.until("generating", shown.until(ALTERNATE, place))
        shown.keys("?")
        place = shown.until(asked, place)
        shown.keys("n\n")
        shown.until("interrupted", place)
        assert shown.ended() == 1
