"""A run's models on the machines of a Ray cluster; all else stays here: flows, scores, the archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from medic_console.audit.plan import Plan
from medic_console.engine.cluster.request import ClusterRequest
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Engine, Start
from medic_console.session.audit import start_model


@contextmanager
def on_cluster(asked: ClusterRequest | None, plan: Plan) -> Iterator[Start | None]:
    """Yield what loads a plan's models on a cluster; None where none was asked for.

    Raises:
        UsageError: The cluster cannot be reached, or has less than was asked for.
    """
    if asked is None:
        yield None
        return
    from medic_console.engine.cluster.ray_cluster import Cluster

    cluster = Cluster(asked)

    def start(model: ModelFile, cache: str) -> Engine:
        if model.served is not None:
            return start_model(model, plan.settings, cache, access=plan.access)
        return cluster.start(model, cache, plan.settings, plan.id or "cluster")

    try:
        yield start
    finally:
        cluster.close()
