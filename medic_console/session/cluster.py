"""A run's models on the machines of a Ray cluster; all else stays here: flows, scores, the archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from medic_console.audit.plan import Plan
from medic_console.core.errors import UsageError
from medic_console.core.run_settings import MEASURED
from medic_console.engine.cluster.request import ClusterRequest
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Engine, Start
from medic_console.session.models import start_model


@contextmanager
def on_cluster(asked: ClusterRequest | None, plan: Plan) -> Iterator[Callable[[Plan], Start | None]]:
    """Yield what gives, for a plan, what loads its models on a cluster; None where none was asked for.

    Each plan's models are loaded by its own settings: the second shape of a run is on the same cluster.

    Raises:
        UsageError: The cluster cannot be reached, or has less than was asked for; or this machine would measure for it.
    """
    if asked is None:
        yield lambda plan: None
        return
    if plan.settings.cache == MEASURED:
        raise UsageError(
            f"--cache {MEASURED} is what this machine does best, and the models run on others.",
            "Leave --cache out, or name the kind.",
        )
    from medic_console.engine.cluster.ray_cluster import Cluster

    cluster = Cluster(asked)

    def start(plan: Plan, model: ModelFile, cache: str) -> Engine:
        if model.served is not None:
            return start_model(model, plan.settings, cache, access=plan.access)
        return cluster.start(model, cache, plan.settings, plan.id or "cluster")

    try:
        yield lambda plan: partial(start, plan)
    finally:
        cluster.close()
