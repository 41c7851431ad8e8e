"""What the terminal is told when a long run ends: a bell, or a notification of the desktop (OSC 9) with a bell."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.console.passthrough import through
from medic_console.core.visible import one_line

LONG = 60.0
"""Least seconds of a run whose end is told."""
_BELL, _ESCAPE = "\x07", "\x1b"


def end_signal(kind: str, text: str, environment: Mapping[str, str]) -> str:
    """Return what is written to the terminal.

    Args:
        kind: `off`, `bell` or `notify`, as the settings have it.
        text: What the notification says.
        environment: Tells of tmux or screen, which hand a notification on when it is wrapped (tmux where
            `allow-passthrough` is on); a bell they pass on themselves.
    """
    if kind == "off":
        return ""
    if kind == "bell":
        return _BELL
    return through(f"{_ESCAPE}]9;{one_line(text)}{_BELL}", environment) + _BELL
