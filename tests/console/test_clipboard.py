"""Copies through OSC 52: what is written in which terminal, and a real tmux that hands it on."""

from __future__ import annotations

import base64
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from medic_console.console.clipboard import condition, copying, not_copied
from medic_console.console.passthrough import through
from tests.conftest import command
from tests.console.audited import RUN
from tests.console.conftest import Open, press, settle, told_by
from tests.console.test_terminal import terminal

WIDE = (120, 36)
BARE = "\x1b]52;c;aGk=\a"
TMUX = "\x1bPtmux;\x1b\x1b]52;c;aGk=\a\x1b\\"
SCREEN = f"\x1bP{BARE}\x1b\\"


@pytest.mark.parametrize(
    ("environment", "written"),
    [
        ({"TERM": "xterm-256color"}, BARE),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/t,1,0"}, BARE + TMUX),
        ({"TERM": "tmux-256color"}, BARE + TMUX),
        ({"TERM": "screen", "STY": "1.tty"}, SCREEN),
        ({"TERM": "screen-256color"}, BARE + SCREEN),
        ({"TMUX": "/tmp/t,1,0", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, BARE),
    ],
)
def test_a_copy_is_wrapped_for_what_stands_before_the_terminal(environment: dict[str, str], written: str) -> None:
    assert copying("hi", environment) == written


def test_screen_is_given_parts_that_it_can_keep() -> None:
    text = "a long text " * 400
    sequence = copying(text, {"STY": "1.tty"})
    parts = re.findall(r"\x1bP(.*?)\x1b\\", sequence, re.DOTALL)
    assert len(parts) > 1
    assert all(len(part) <= 768 for part in parts)
    assert "".join(f"\x1bP{part}\x1b\\" for part in parts) == sequence
    assert "".join(parts) == copying(text, {})


def test_what_is_known_of_a_copy_that_fails_is_said() -> None:
    assert not_copied("hi", {"TERM": "dumb"}) == "this terminal has no clipboard (TERM is dumb)."
    assert not_copied("hi", {"TERM": "linux"}) != ""
    assert not_copied("x" * 800_000, {"TMUX": "/tmp/t"}).startswith("the text is too long for tmux: 1,066,668 bytes")
    assert [not_copied("x" * 800_000, {"TERM": "xterm"}), not_copied("hi", {"TMUX": "/tmp/t"})] == ["", ""]
    assert not_copied("hi", {"TERM": "dumb", "TEXTUAL_DRIVER": "web"}) == ""
    assert "allow-passthrough" in condition({"TMUX": "/tmp/t"})
    assert condition({"TERM": "xterm"}) == condition({"STY": "1", "TEXTUAL_DRIVER": "web"}) == ""


async def test_a_terminal_without_a_clipboard_is_given_no_copy_and_that_is_said(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app()
    written: list[str] = []
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        monkeypatch.setattr(app, "copy_to_clipboard", written.append)
        monkeypatch.setenv("TERM", "dumb")
        await press(pilot, "y")
        assert "Not copied: this terminal has no clipboard (TERM is dumb). Y shows" in told_by(app)
        assert written == []
        monkeypatch.setenv("TMUX", "/tmp/t,1,0")
        monkeypatch.setenv("TERM", "tmux-256color")
        await press(pilot, "y")
        assert "tmux hands it on where its set-clipboard or allow-passthrough is on" in told_by(app)
        assert RUN in written[0]


@pytest.fixture
def tmux(tmp_path: Path) -> Callable[..., list[str]]:
    """Return a maker of command lines of a tmux of its own."""
    program = shutil.which("tmux")
    if program is None:
        pytest.skip("needs tmux")
    return lambda *words: [program, "-S", str(tmp_path / "tmux"), *words]


@pytest.mark.parametrize("option", ["set-clipboard on", "allow-passthrough on"])
def test_a_real_tmux_hands_a_copy_on_to_the_terminal(
    option: str, archive: Path, tmux: Callable[..., list[str]], tmp_path: Path
) -> None:
    settings = tmp_path / "tmux.conf"
    other = "allow-passthrough off" if "clipboard" in option else "set-clipboard off"
    settings.write_text(f"set -g {option}\nset -g {other}\nset -g default-terminal tmux-256color\n")
    words = tmux("-f", str(settings), "new-session", shlex.join(command("--archive", archive)))
    try:
        with terminal(archive, words) as shown:
            shown.until(RUN)
            shown.keys("y")
            place = shown.until("\x1b]52;")
            shown.until("\a" if "\a" in shown.written[place:] else "\x1b\\", place)
            copied = re.match(r"[a-z]*;([A-Za-z0-9+/=]*)", shown.written[place:])
            assert copied is not None
            assert RUN in base64.b64decode(copied[1]).decode()
    finally:
        subprocess.run(tmux("kill-server"), check=False, capture_output=True)


def test_what_needs_no_wrapping_stays_as_it_is() -> None:
    assert through("\x1b]9;x\a", {}) == "\x1b]9;x\a"
