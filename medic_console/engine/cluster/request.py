"""What a person asked of a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from medic_console.core.errors import UsageError

LOCAL = "local"
"""A cluster of this machine alone, begun for the run and ended with it."""


@dataclass(frozen=True, slots=True)
class ClusterRequest:
    """What a person asked of a cluster.

    Attributes:
        address: `HOST:PORT` of its head, or `LOCAL`.
        workers: Engines; 0: one a machine, and one a GPU where there are any.
        cpus: Processors of each; 0: those of the cluster shared among them.
        gpus: GPUs of each; None: those of the cluster shared among them, none when there are none.
        roots: Folders of the machines in which model files are looked for.
    """

    address: str
    workers: int = 0
    cpus: int = 0
    gpus: float | None = None
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shares:
    """What each engine of a cluster gets.

    Attributes:
        workers: Engines.
        cpus: Processors of each.
        gpus: GPUs of each.
        memory: Share of a machine's free memory, 0 to 1.
    """

    workers: int
    cpus: int
    gpus: float
    memory: float


def shared_out(asked: ClusterRequest, machines: int, total: Mapping[str, float]) -> Shares:
    """Return what each engine gets of a cluster.

    Args:
        machines: Those with processors.
        total: The cluster's `CPU` and `GPU`.

    Raises:
        UsageError: More was asked for than there is.
    """
    all_cpus, all_gpus = total.get("CPU", 0.0), total.get("GPU", 0.0)
    workers = asked.workers or max(1, machines, int(all_gpus))
    cpus = asked.cpus or max(1, int(all_cpus) // workers)
    equal = all_gpus / workers
    gpus = asked.gpus if asked.gpus is not None else float(int(equal) or equal)
    if workers * cpus > all_cpus or workers * gpus > all_gpus:
        raise UsageError(
            f"{workers} engines with {cpus} processors and {gpus:g} GPUs each are more than the cluster has "
            f"({all_cpus:g} and {all_gpus:g}).",
            "Name fewer: --workers, --worker-cpus, --worker-gpus.",
        )
    return Shares(workers, cpus, gpus, 1.0 / -(-workers // max(1, machines)))
