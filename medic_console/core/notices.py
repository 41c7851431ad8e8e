"""Who is told what a person should know at once, such as that something waits: the front end says how."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[str], None]
_tells: list[Tell] = []


def on_notice(tell: Tell) -> None:
    """Have it told from now on; there is one listener, called from whichever thread tells."""
    _tells[:] = [tell]


def tell(text: str) -> None:
    """Tell what a person should know before work goes on."""
    for one in _tells:
        one(text)
