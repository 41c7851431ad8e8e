"""Text on the terminal's clipboard (OSC 52), through tmux and screen too, and what can be known of a copy that fails.

No terminal says whether it took a copy, so nothing here promises it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

from medic_console.console.passthrough import SCREEN, TMUX, multiplexer, through

_MOST = 1 << 20
"""Bytes of a sequence that tmux keeps (its `INPUT_BUF_LIMIT`); of a longer one it keeps nothing."""
_WITHOUT = frozenset({"dumb", "unknown", "linux", "vt100", "vt102", "vt220", "vt320"})
"""Terminals that have no clipboard."""
_ON_CONDITION = {
    TMUX: "tmux hands it on where its set-clipboard or allow-passthrough is on.",
    SCREEN: "screen hands it on to the terminal.",
}


def copying(text: str, environment: Mapping[str, str]) -> str:
    """Return what is written to the terminal to copy a text.

    tmux gets it twice: bare it is for tmux itself (`set-clipboard on`), wrapped for the terminal behind it. So does
    what only calls itself screen in TERM, as tmux does by default: tmux passes over what is wrapped for screen.
    """
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\a"
    if not multiplexer(environment) or _in_browser(environment):
        return sequence
    wrapped = through(sequence, environment)
    return wrapped if environment.get("STY") and not environment.get("TMUX") else sequence + wrapped


def not_copied(text: str, environment: Mapping[str, str]) -> str:
    """Return why a text cannot have been copied, a sentence; empty where nothing is known against it."""
    if _in_browser(environment):
        return ""
    term = environment.get("TERM", "")
    if term in _WITHOUT:
        return f"this terminal has no clipboard (TERM is {term})."
    size = 4 * ((len(text.encode()) + 2) // 3)
    if multiplexer(environment) == TMUX and size > _MOST - 64:
        return f"the text is too long for tmux: {size:,} bytes of at most {_MOST:,}."
    return ""


def condition(environment: Mapping[str, str]) -> str:
    """Return on what a copy depends, a sentence; empty where it is the terminal alone."""
    return "" if _in_browser(environment) else _ON_CONDITION.get(multiplexer(environment), "")


def _in_browser(environment: Mapping[str, str]) -> bool:
    """Tell whether textual-serve shows the console: what its own terminal is says nothing then."""
    return "TEXTUAL_DRIVER" in environment
