"""Engines on the machines of a Ray cluster: Ray starts them, and starts them again where one is lost.

Ray is asked for nothing else: no dashboard, no usage statistics, no logs of workers. A cluster that is already there
keeps what its own start said (docs/cluster.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from medic_console.core.errors import EngineError, UsageError
from medic_console.core.run_settings import RunSettings
from medic_console.engine.cluster.head import Head
from medic_console.engine.cluster.host import Host, Task
from medic_console.engine.cluster.remote import Calls, RemoteEngine
from medic_console.engine.cluster.request import LOCAL, ClusterRequest, shared_out
from medic_console.engine.files.model import ModelFile
from medic_console.engine.pool.pool import PoolEngine

_LONG = "3600"
_CALLS = 4
"""Calls that a host takes at the same time: one waits for news while others bring prompts."""


class Cluster:
    """A connection to a cluster.

    Args:
        asked: What a person asked.

    Raises:
        UsageError: Ray is not installed, or the cluster cannot be reached.
    """

    def __init__(self, asked: ClusterRequest) -> None:
        self._asked = asked
        self._ray = _connected(asked)
        self._head = named_head(asked) or Head(self._ray.get_runtime_context().gcs_address)
        self._nodes = [node for node in self._ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
        try:
            self._shares = shared_out(asked, len(self._nodes), self._ray.cluster_resources())
        except UsageError:
            self.close()
            raise
        self._hosts: dict[str, Any] = {}
        self._places = dict(self._named_places())
        for name, node in self._places.items():  # they start beside each other, while the models are looked at
            self._hosts[name] = self._host(node)
            self._hosts[name].ready.remote()

    def close(self) -> None:
        """End the connection, and a cluster of this machine."""
        self._ray.shutdown()

    def start(self, model: ModelFile, cache: str, settings: RunSettings, run: str) -> PoolEngine:
        """Load a model on the machines.

        Args:
            cache: Its kind.
            settings: Of the run.
            run: Its id, for the logs there.

        Raises:
            EngineError: No machine can load it.
        """
        own = replace(settings, threads=settings.threads or self._shares.cpus)
        task = Task(run, model, own, cache, self._asked.roots, self._shares.memory)
        return PoolEngine({name: partial(self._open, name, node, task) for name, node in self._places.items()})

    def _named_places(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each engine's name with its machine."""
        taken: set[str] = set()
        for number in range(self._shares.workers):
            node = self._nodes[number % len(self._nodes)]
            name = f"{node['NodeManagerHostname']} {number // len(self._nodes) + 1}"
            name = f"{name} ({node['NodeID'][:6]})" if name in taken else name
            taken.add(name)
            yield name, node

    def _open(self, name: str, node: dict[str, Any], task: Task) -> RemoteEngine:
        """Load a model on a machine, or on another one that has room; called again when that machine was lost."""
        self._head.wait()  # without one Ray would wait for ever
        calls = Calls(self._ray, self._head, name)
        host = self._hosts.pop(name, None)
        try:
            if host is None or not calls.answers(host):
                host = self._host(node)
        except EngineError:
            raise
        except Exception as error:
            raise self._head.fault(name, error) from error
        return RemoteEngine(calls, host, task, partial(self._hosts.__setitem__, name))

    def _host(self, node: dict[str, Any]) -> Any:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        options = {
            "num_cpus": self._shares.cpus,
            "num_gpus": self._shares.gpus,
            "max_concurrency": _CALLS,
            "scheduling_strategy": NodeAffinitySchedulingStrategy(node["NodeID"], soft=True),
        }
        return self._ray.remote(Host).options(**options).remote()


def _connected(asked: ClusterRequest) -> Any:
    """Return Ray, connected.

    Raises:
        UsageError: It is not installed, or the cluster cannot be reached.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", _LONG)  # then it ends the process: `Head` is before
    if _has_token():  # Ray's commands then begin clusters that ask for it; a program sends none unless it is told
        os.environ.setdefault("RAY_AUTH_MODE", "token")
    try:
        import ray
    except ImportError:
        raise UsageError("Ray is not installed.", "Install it: pip install 'medic-console[cluster]'") from None
    head = named_head(asked)
    if head is not None and not head.answers():  # Ray would try for an hour
        raise _unreached(asked, "nobody listens there")
    quiet: dict[str, Any] = {"log_to_driver": False, "configure_logging": False, "namespace": "medic-console"}
    try:
        if asked.address == LOCAL:
            ray.init(address=LOCAL, include_dashboard=False, num_cpus=_local_cpus(asked), **quiet)
        else:
            ray.init(address=asked.address, **quiet)
    except Exception as error:
        said = str(error).strip().splitlines()
        raise _unreached(asked, said[0] if said else type(error).__name__) from error
    return ray


def _has_token() -> bool:
    """Tell whether Ray's token for clusters is there, which a first local cluster writes into the home folder."""
    named = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
    return any(os.environ.get(name) for name in named) or (Path.home() / ".ray" / "auth_token").exists()


def named_head(asked: ClusterRequest) -> Head | None:
    """Return the head that was named by host and port; None where it was named otherwise."""
    return Head(asked.address) if asked.address.rpartition(":")[2].isdecimal() else None


def _unreached(asked: ClusterRequest, why: str) -> UsageError:
    return UsageError(
        f"--ray {asked.address}: the cluster cannot be reached ({why}).",
        "Name the address that `ray start --head` prints, as HOST:PORT, or local.",
    )


def _local_cpus(asked: ClusterRequest) -> int:
    needed = max(1, asked.workers) * max(1, asked.cpus)
    return max(os.cpu_count() or 1, needed)
