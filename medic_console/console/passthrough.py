"""Sequences for the terminal itself, handed on by tmux or screen where the console runs in one of them."""

from __future__ import annotations

from collections.abc import Mapping

TMUX, SCREEN = "tmux", "screen"
_ESCAPE = "\x1b"
_END = f"{_ESCAPE}\\"
_CHUNK = 512
"""Characters that screen hands on at once: it keeps no more than 768."""


def multiplexer(environment: Mapping[str, str]) -> str:
    """Return `tmux`, `screen` or nothing, also where the console runs on another machine that only TERM reaches."""
    if environment.get("TMUX"):
        return TMUX
    if environment.get("STY"):
        return SCREEN
    term = environment.get("TERM", "")
    return next((name for name in (TMUX, SCREEN) if term.startswith(name)), "")


def through(sequence: str, environment: Mapping[str, str]) -> str:
    """Return what is written so that a sequence reaches the terminal.

    tmux hands on where `allow-passthrough` is on, with escapes doubled; screen hands on short parts one by one, and
    the terminal sees them as one.
    """
    inside = multiplexer(environment)
    if inside == TMUX:
        return f"{_ESCAPE}Ptmux;{sequence.replace(_ESCAPE, _ESCAPE * 2)}{_END}"
    if inside == SCREEN:
        parts = (sequence[at : at + _CHUNK] for at in range(0, len(sequence), _CHUNK))
        return "".join(f"{_ESCAPE}P{part}{_END}" for part in parts)
    return sequence
