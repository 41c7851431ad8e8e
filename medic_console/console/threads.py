"""Work that a thread does for a screen or a pane."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from textual import work
from textual.worker import Worker

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(group: str, *, exclusive: bool = False) -> Callable[[Callable[P, T]], Callable[P, Worker[T]]]:
    """Return what lets a method run in a thread; what it raises is told by its screen.

    Textual's own `work` spells out every argument before the thread begins, to describe it: half a second of a list of
    100,000 items, on the thread that draws, and a PIN in a text for its log. Here the group is the description.

    Args:
        group: Its threads; they end with the node.
        exclusive: Another call takes the place of the one before.
    """
    made = work(thread=True, exclusive=exclusive, group=group, exit_on_error=False, description=group)
    return cast("Callable[[Callable[P, T]], Callable[P, Worker[T]]]", made)
