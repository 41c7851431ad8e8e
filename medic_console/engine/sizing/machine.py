"""What a machine has free: main memory as the system and the control groups tell it, and the accelerators."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from medic_console.engine.protocol.features import Device

_PROC, _GROUPS = Path("/proc"), Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 62
"""Version 1 of the control groups says about 2^63 where there is no limit."""
_FILES = ("inactive_file", "active_file")
"""Cached pages of files, such as a model that was just hashed: they count as used, and are given up for the asking."""

_BEFORE_A_MODEL = 512 << 20
"""Bytes of addresses that an engine's process has without a model: interpreter, libraries, stacks (305 MB measured)."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a model can be loaded.

    Attributes:
        free: Bytes of main memory that a new process may take; 0 when the system does not say.
        devices: Accelerators that layers may go to.
        without: Why there are none, in words; empty when there are some.
    """

    free: int
    devices: tuple[Device, ...] = ()
    without: str = ""


def available_memory(proc: Path = _PROC, groups: Path = _GROUPS) -> int:
    """Return the bytes of main memory that a new process may take; 0 when the system does not say.

    That is what is free or can be freed in the system, within each control group that this process is in, and below
    the limit of addresses that its children have from it (`ulimit -v`).
    """
    found = [_meminfo(proc / "meminfo"), *_limits(proc / "self" / "cgroup", groups), _addresses()]
    if any(found):
        return min(value for value in found if value)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def _addresses() -> int:
    """Return the bytes that a model may have below the limit of a process's addresses; 0 where there is none."""
    if sys.platform == "win32":
        return 0
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return 0 if limit == resource.RLIM_INFINITY else max(1, limit - _BEFORE_A_MODEL)


def _meminfo(path: Path) -> int:
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    found = (line.split() for line in lines if line.startswith("MemAvailable:"))
    return next((int(words[1]) * 1024 for words in found if len(words) > 1 and words[1].isdigit()), 0)


def _limits(memberships: Path, groups: Path) -> Iterator[int]:
    """Yield what is left below each limit of the control groups; at least one byte, as 0 says that there is none."""
    for folder, names, prefix in _folders(memberships, groups):
        limit, used = (_number(folder / name) for name in names)
        if limit is None or used is None or limit >= _UNLIMITED:
            continue
        files = _files(folder / "memory.stat", prefix)
        yield max(1, limit - max(0, used - files))


def _folders(memberships: Path, groups: Path) -> Iterator[tuple[Path, tuple[str, str], str]]:
    """Yield the folders of this process's control groups up to the root, with their files and the prefix of counts."""
    try:
        lines = memberships.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    own = {controllers: path for _, controllers, path in (line.split(":", 2) for line in lines if line.count(":") > 1)}
    first = next((path for controllers, path in own.items() if "memory" in controllers.split(",")), "/")
    for root, path, names, prefix in (
        (groups, own.get("", "/"), ("memory.max", "memory.current"), ""),
        (groups / "memory", first, ("memory.limit_in_bytes", "memory.usage_in_bytes"), "total_"),
    ):
        parts = [part for part in path.split("/") if part not in ("", ".", "..")]
        for depth in range(len(parts), -1, -1):
            yield root.joinpath(*parts[:depth]), names, prefix


def _number(path: Path) -> int | None:
    """Return a number; None where there is none, as in `max`."""
    try:
        text = path.read_text("ascii", "replace").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _files(path: Path, prefix: str) -> int:
    """Return the bytes of cached pages of files."""
    try:
        pairs = [line.split() for line in path.read_text("ascii", "replace").splitlines()]
    except OSError:
        return 0
    names = {prefix + name for name in _FILES}
    return sum(int(pair[1]) for pair in pairs if len(pair) > 1 and pair[0] in names and pair[1].isdigit())
