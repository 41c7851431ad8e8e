"""Engines on the machines of a Ray cluster: Ray starts them, and starts them again where one is lost.

Ray is asked for nothing else: no dashboard, no usage statistics, no logs of workers. A cluster that is already there
keeps what its own start said (docs/cluster.md).
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import medic_console
from medic_console.core.errors import EngineError, UsageError
from medic_console.core.records import Prompt
from medic_console.core.run_settings import RunSettings
from medic_console.engine.cluster.head import Head
from medic_console.engine.cluster.host import Host, Loaded, Task
from medic_console.engine.cluster.request import LOCAL, ClusterRequest, shared_out
from medic_console.engine.files.model import ModelFile
from medic_console.engine.pool.pool import PoolEngine
from medic_console.engine.protocol.port import Broken, EngineEvent, Finished, Granted

LOAD_SECONDS = 3_600.0
"""Most time for a machine to find, hash and load a model, or to come back when it was lost."""
SILENT_SECONDS = 120.0
"""Longest silence of a machine that is asked what there is to tell; it answers twice a second."""
CLOSE_SECONDS = 5.0
_LOOK_SECONDS = 10.0
"""Wait for a call's result after which the head is looked at."""
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
        opens = {}
        for number in range(self._shares.workers):
            node = self._nodes[number % len(self._nodes)]
            name = f"{node['NodeManagerHostname']} {number // len(self._nodes) + 1}"
            opens[f"{name} ({node['NodeID'][:6]})" if name in opens else name] = partial(self._open, name, node, task)
        return PoolEngine(opens)

    def _open(self, name: str, node: dict[str, Any], task: Task) -> RemoteEngine:
        """Load a model on a machine, or on another one that has room; called again when that machine was lost."""
        self._head.wait()  # without one Ray would wait for ever
        try:
            host = self._host(node)
        except Exception as error:
            raise self._head.fault(name, error) from error
        return RemoteEngine(self._ray, host, name, task, self._head)

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
    if (
        _has_token()
    ):  # its own commands then begin clusters that ask for it, while a program sends none unless it is told
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


class RemoteEngine:
    """An engine on another machine (see `port.Engine`).

    Args:
        ray: Connected.
        host: Handle of a `Host`.
        name: For people.
        task: What is to be loaded.
        head: Of the cluster.

    Raises:
        EngineError: The machine cannot load it, or has another version of this program.
    """

    def __init__(self, ray: Any, host: Any, name: str, task: Task, head: Head) -> None:
        self._ray = ray
        self._host = host
        self._head = head
        self._name = name
        self._open: set[str] = set()
        self._closed = False
        loaded: Loaded = self._fetch(host.load.remote(task), LOAD_SECONDS)
        if loaded.machine not in name:
            self._name = f"{name}, now on {loaded.machine}"
        if loaded.version != medic_console.__version__:
            raise EngineError(
                f"{self._name} has medic-console {loaded.version}, this machine {medic_console.__version__}.",
                "Install the same release on all machines.",
            )
        if loaded.granted is None:
            raise EngineError(loaded.fault)
        self.granted: Granted = loaded.granted

    def submit(self, prompts: Iterable[Prompt]) -> None:
        """Queue prompts."""
        new = list(prompts)
        self._open.update(prompt.id for prompt in new)
        self._host.submit.remote(new)

    def events(self) -> Iterator[EngineEvent]:
        """Yield events until no prompt is open.

        Raises:
            EngineError: The machine is lost, or its engine cannot go on.
        """
        while self._open:
            for told in self._fetch(self._host.take.remote(), SILENT_SECONDS):
                if isinstance(told, str):
                    raise EngineError(f"{self._name}: {told}")
                if isinstance(told, Finished | Broken):
                    self._open.discard(told.prompt_id)
                yield told

    def cancel(self, prompt_ids: Iterable[str]) -> None:
        """Stop prompts."""
        self._host.cancel.remote(list(prompt_ids))

    def release(self, prompt_ids: Iterable[str]) -> None:
        """Hold the beginnings of prompts no longer."""
        self._host.release.remote(list(prompt_ids))

    def close(self) -> None:
        """End the engine on its machine."""
        self._open.clear()
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(Exception):  # it may be gone
            self._ray.get(self._host.close.remote(), timeout=CLOSE_SECONDS)
        self._ray.kill(self._host, no_restart=True)

    def _fetch(self, answer: Any, seconds: float) -> Any:
        """Return a call's result.

        Raises:
            EngineError: The machine is lost or silent, or the head is gone while it is waited for.
        """
        until = time.monotonic() + seconds
        while True:
            now = min(_LOOK_SECONDS, max(0.0, until - time.monotonic()))
            try:
                return self._ray.get(answer, timeout=now)
            except self._ray.exceptions.GetTimeoutError as error:
                self._head.wait()
                if time.monotonic() >= until:
                    raise self._head.fault(self._name, error) from error
            except Exception as error:
                raise self._head.fault(self._name, error) from error
