"""Options of commands that can have a cluster's machines run the models."""

from __future__ import annotations

import argparse
import math

from medic_console.core.errors import UsageError
from medic_console.engine.cluster.request import ClusterRequest

_LEAST_GPU = 0.0001
"""Least part of a GPU that Ray gives; parts of more than one it refuses."""


def add_cluster(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("Ray cluster (docs/cluster.md)")
    group.add_argument(
        "--ray", metavar="ADDRESS", help="run the models on a Ray cluster: HOST:PORT of its head, or local"
    )
    group.add_argument("--workers", type=int, metavar="N", help="engines (one a machine, or one a GPU)")
    group.add_argument("--worker-cpus", type=int, metavar="N", help="processors of each (the cluster's, shared out)")
    group.add_argument("--worker-gpus", type=float, metavar="N", help="GPUs of each (the cluster's, shared out)")
    group.add_argument(
        "--model-root",
        action="append",
        default=[],
        metavar="FOLDER",
        help="where the machines look for model files, by their digests (repeatable)",
    )


def cluster_of(arguments: argparse.Namespace) -> ClusterRequest | None:
    """Return what was asked of a cluster; None without one.

    Raises:
        UsageError: An option of a cluster without one, or a number that leaves nothing.
    """
    numbers = {name: getattr(arguments, name) for name in ("workers", "worker_cpus", "worker_gpus")}
    named = {name: value for name, value in numbers.items() if value is not None}
    if arguments.ray is None:
        if named or arguments.model_root:
            option = (next(iter(named), "model_root")).replace("_", "-")
            raise UsageError(f"--{option} is for a cluster.", "Name one: --ray ADDRESS.")
        return None
    if arguments.offline_proof:
        raise UsageError(
            "--ray and --offline-proof exclude each other: a cluster is reached through sockets.",
            "Leave one of them out; the engines on the cluster's machines refuse sockets all the same.",
        )
    for name, value in named.items():
        if name != "worker_gpus" and value < 1:
            raise UsageError(f"--{name.replace('_', '-')} {value:g} leaves nothing to work with.", "Use 1 or more.")
    gpus = named.get("worker_gpus", 0)
    if not (gpus == 0 or _LEAST_GPU <= gpus <= 1 or (math.isfinite(gpus) and gpus > 1 and gpus == int(gpus))):
        raise UsageError(
            f"--worker-gpus {gpus:g}: an engine has whole GPUs, or a part of one.",
            f"Use 0, a part from {_LEAST_GPU:g} on such as 0.5, or 1, 2, ...",
        )
    return ClusterRequest(
        arguments.ray,
        named.get("workers", 0),
        named.get("worker_cpus", 0),
        named.get("worker_gpus"),
        tuple(arguments.model_root),
    )
