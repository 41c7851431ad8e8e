"""Bounds for a template at work beside a loaded model: little of the time and of the memory that the process may take.

A template that was tried may still loop or grow on one prompt. `template_child` has bounds for a whole process, which
cannot be taken where a model lies in memory.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from medic_console.core.errors import ModelFileError, TemplateSpent

SECONDS = 5.0
"""Of the processor's time for one prompt; the longest known template takes a fifth of one."""
MEMORY = 1 << 30
"""Bytes of address space beside what the process has."""
_HINT = "Name a working template with --chat-template FILE (Jinja text), or ask for completions: --chat-template none."
_SIZE = Path("/proc/self/statm")


@contextmanager
def bounded() -> Iterator[None]:
    """Bound what is done inside, in the main thread; where the system has no such bounds, nothing is bounded.

    Raises:
        TemplateSpent: It took too long.
        ModelFileError: What was raised inside; a MemoryError becomes one where a template is rendered.
    """
    if sys.platform == "win32":
        yield
        return
    late = False

    def end(number: int, frame: Any) -> None:
        nonlocal late
        late = True
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, end)
    limits = _bound_memory()
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    except (ModelFileError, TimeoutError) as error:
        if not late:
            raise
        raise TemplateSpent("The chat template does not come to an end on a prompt.", _HINT) from error
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        _unbound_memory(limits)


def _bound_memory() -> tuple[int, int] | None:
    """Lower the limit of the address space; return what it was, None where it stays."""
    if sys.platform != "linux":
        return None
    import resource

    limits = resource.getrlimit(resource.RLIMIT_AS)
    bound = int(_SIZE.read_text().split()[0]) * resource.getpagesize() + MEMORY
    if 0 <= limits[0] < bound:
        return None
    resource.setrlimit(resource.RLIMIT_AS, (bound, limits[1]))
    return limits


def _unbound_memory(limits: tuple[int, int] | None) -> None:
    if sys.platform != "linux" or limits is None:
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, limits)
