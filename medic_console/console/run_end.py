"""What the terminal is told when a long run ends: a bell, or a notification of the desktop (OSC 9) with a bell."""

from __future__ import annotations

from collections.abc import Mapping

from medic_console.core.visible import one_line

LONG = 60.0
"""Least seconds of a run whose end is told."""
_BELL, _ESCAPE = "\x07", "\x1b"
_END = f"{_ESCAPE}\\"


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
    notification = f"{_ESCAPE}]9;{one_line(text)}{_BELL}"
    if environment.get("TMUX"):
        notification = f"{_ESCAPE}Ptmux;{notification.replace(_ESCAPE, _ESCAPE * 2)}{_END}"
    elif environment.get("STY"):
        notification = f"{_ESCAPE}P{notification}{_END}"
    return notification + _BELL
