"""How much memory a model will take, from its metadata alone, and what fits into the memory that is there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from medic_console.engine.files.model import ModelFile

KV_SHARE = {"f16": 1.0, "q8_0": 0.53125}
"""Bytes of a cache type over those of f16 (a Q8_0 block holds 32 values in 34 bytes)."""
BASE_BYTES = 96 << 20
"""Python, the binding and llama.cpp's own tables in the child process."""
SPARE = 0.9
"""Share of the available memory that a model may take; the rest is left to the system."""


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes that a loaded model takes.

    Attributes:
        weights: Size of the file or files.
        kv: Key-value cache for all cells.
        compute: Buffers of one decode: logits and activations of a batch.
    """

    weights: int
    kv: int
    compute: int

    @property
    def total(self) -> int:
        """All of it, with the child process itself."""
        return self.weights + self.kv + self.compute + BASE_BYTES

    def shown(self) -> str:
        """Return the estimate in words."""
        parts = f"weights {gigabytes(self.weights)}, cache {gigabytes(self.kv)}, compute {gigabytes(self.compute)}"
        return f"{gigabytes(self.total)} ({parts})"


def estimate(model: ModelFile, cells: int, batch: int, kv_type: str = "f16") -> MemoryEstimate:
    """Return what a model takes with a cache of so many cells and batches of so many tokens."""
    width, vocabulary, hidden = model.width, model.vocabulary, model.hidden
    activations = batch * (2 * hidden + 6 * width) * 4
    return MemoryEstimate(
        weights=model.size,
        kv=int(model.kv_bytes * KV_SHARE[kv_type] * cells),
        compute=batch * vocabulary * 4 + activations,
    )


def available_memory() -> int:
    """Return the bytes of main memory that a new process may take; 0 when the system does not say.

    That is what is free or can be freed, within the limit of the control group.
    """
    found = [value for value in (_meminfo(Path("/proc/meminfo")), _control_group(Path("/sys/fs/cgroup"))) if value]
    if found:
        return min(found)
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return 0


def best_parallel(model: ModelFile, context: int, batch: int, available: int, choices: Sequence[int]) -> int:
    """Return the largest of `choices` whose cache fits; the smallest when none does."""
    fitting = [n for n in choices if estimate(model, n * context, batch).total <= available * SPARE]
    return max(fitting, default=min(choices))


def gigabytes(count: int) -> str:
    """Return bytes as GB with one decimal, or MB below one."""
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _meminfo(path: Path) -> int:
    try:
        lines = path.read_text("ascii", "replace").splitlines()
    except OSError:
        return 0
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return 0


def _control_group(folder: Path) -> int:
    try:
        limit = (folder / "memory.max").read_text("ascii").strip()
        used = int((folder / "memory.current").read_text("ascii"))
    except (OSError, ValueError):
        return 0
    return max(0, int(limit) - used) if limit.isdigit() else 0
