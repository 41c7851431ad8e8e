"""How often Python looks for garbage while many records are made of which none is part of a cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG = 50_000
"""New objects before Python looks at them."""


@contextmanager
def seldom_sought() -> Iterator[None]:
    """Have Python look at new objects seldom: by itself it looks through a million records again and again."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _YOUNG), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
