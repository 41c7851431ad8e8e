"""Runs on a real Ray cluster of this machine; skipped where the extra `cluster` is not installed."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medic_console.audit.events import ItemScored, ModelLoaded, RunEnded
from medic_console.audit.plan import Plan
from medic_console.core.errors import EngineError
from medic_console.engine.cluster.host import Task, find_model
from medic_console.engine.cluster.request import LOCAL, ClusterRequest
from medic_console.session.audit import Audit, restore_plan
from tests.conftest import free_port, real_plan, sample_task, wait_until

pytest.importorskip("ray", reason="the extra `cluster` is not installed")

from medic_console.engine.cluster.ray_cluster import Cluster

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore"), pytest.mark.xdist_group("ray")]
MODELS = Path(__file__).resolve().parents[2] / "medic_console" / "_models"
SMALL, LARGE = MODELS / "demo-small.gguf", MODELS / "demo-large.gguf"
SCORES = (
    "SELECT candidate, judge, task, item, outcome, reason, answer, verdict, name, value FROM scores "
    "LEFT JOIN score_values ON score = id ORDER BY 1, 2, 3, 4, 9"
)
CALLS = (
    "SELECT candidate, calls.model, task, item, step, text FROM calls JOIN outputs ON outputs.id = calls.output "
    "ORDER BY 1, 2, 3, 4, 5"
)


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return what an archive holds."""
    with closing(sqlite3.connect(f"file:{archive}?mode=ro", uri=True)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers of one processor each."""
    home = tmp_path_factory.mktemp("ray-home")
    before = dict(os.environ)
    os.environ.update(MEDIC_CONSOLE_HOME=str(home), PYTHONPATH=str(MODELS.parents[1]))
    found = Cluster(ClusterRequest(LOCAL, workers=2, cpus=1))
    yield found
    found.close()
    del found
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # Ray leaves the processes that it started to the collector
        gc.collect()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """Choices, queries and a judged text."""
    cache = tmp_path_factory.mktemp("cache")
    tasks = [sample_task(name, cache, 8) for name in ("medqa", "ehrsql")] + [sample_task("aci_bench", cache, 3)]
    return real_plan(tasks, [SMALL], [LARGE], sequential=True)


@pytest.fixture(scope="module")
def local(plan: Plan, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run on this machine, without a cluster."""
    archive = tmp_path_factory.mktemp("local") / "audits.db"
    *_, last = Audit(archive, plan).events()
    assert isinstance(last, RunEnded) and last.status == "done"
    return archive


def starting(cluster: Cluster, plan: Plan) -> Callable[..., Any]:
    """Return what loads a plan's models on the cluster."""
    return lambda model, cache: cluster.start(model, cache, plan.settings, "test")


def same(archive: Path, other: Path) -> None:
    """Compare two archives item by item and call by call."""
    assert rows(archive, SCORES) == rows(other, SCORES)
    assert rows(archive, CALLS) == rows(other, CALLS)


def test_a_run_on_two_workers_is_the_local_run_item_by_item(
    cluster: Cluster, plan: Plan, local: Path, tmp_path: Path
) -> None:
    archive, at_work = tmp_path / "audits.db", []
    for event in Audit(archive, plan, starting(cluster, plan)).events():
        if isinstance(event, ModelLoaded):
            assert event.granted.workers == 2
            at_work.append(hosts())
    assert isinstance(event, RunEnded) and event.status == "done"
    assert len(at_work[0]) == 2 and at_work == [at_work[0]] * 2, "one process a worker loads all models"
    same(archive, local)


def hosts() -> list[int]:
    """Return the processes of Ray's workers that hold an engine, of this process's cluster alone."""
    return [process for process in processes("^ray::Host") if os.getpid() in ancestors(process)]


def ancestors(process: int) -> Iterator[int]:
    """Yield who started a process, who started that one, and so on."""
    while process > 1:
        try:
            process = int(Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[1])
        except FileNotFoundError:  # it has ended
            return
        yield process


def engines() -> list[int]:
    """Return the engines of Ray's workers."""
    parents = ",".join(map(str, hosts()))
    return processes("medic_console.engine.child.serve", "-P", parents) if parents else []


def test_a_killed_worker_loses_nothing_and_doubles_nothing(
    cluster: Cluster, plan: Plan, local: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "audits.db"
    killed: list[int] = []
    for event in Audit(archive, plan, starting(cluster, plan)).events():
        if isinstance(event, ItemScored) and not killed:
            killed = hosts()[:1]
            os.kill(killed[0], signal.SIGKILL)
    assert killed and isinstance(event, RunEnded) and event.status == "done"
    same(archive, local)


def test_a_run_whose_cluster_is_gone_goes_on_without_it(
    cluster: Cluster, plan: Plan, local: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "audits.db"
    audit, scored = Audit(archive, plan, starting(cluster, plan)), 0
    for event in audit.events():
        scored += isinstance(event, ItemScored)
        if scored == 5:
            audit.control.stop_at_once()
    assert isinstance(event, RunEnded) and event.status == "interrupted"
    *_, last = Audit(archive, restore_plan(archive, audit.run)).events()
    assert isinstance(last, RunEnded) and last.status == "done"
    same(archive, local)
    wait_until(lambda: not engines(), "the engines on the cluster end with the run")


def as_a_fresh_shell(**more: str) -> dict[str, str]:
    """Return the environment without what a cluster of this process left in it, for a home of another user."""
    own = {name: value for name, value in os.environ.items() if name != "RAY_AUTH_MODE"}
    return {**own, "PYTHONPATH": str(MODELS.parents[1]), **more}


def ray_command(*words: str) -> None:
    """Run Ray's own command."""
    done = subprocess.run(
        [sys.executable, "-m", "ray.scripts.scripts", *words],
        capture_output=True,
        text=True,
        timeout=120,
        env=as_a_fresh_shell(),
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def processes(text: str, *more: str) -> list[int]:
    """Return the processes whose command line holds a text."""
    found = subprocess.run(["pgrep", *more, "-f", text], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


def end_all(text: str) -> None:
    """Kill the processes whose command line holds a text."""
    for process in processes(text):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def test_a_head_that_is_killed_and_started_again_ends_the_run_in_words_and_the_rest_is_done_on_the_new_one(
    tmp_path: Path,
) -> None:
    port, archive = free_port(), tmp_path / "audits.db"
    named = ("--node-ip-address", "127.0.0.1", "--num-cpus", "2", "--temp-dir")
    start = ("start", "--head", "--port", str(port), "--include-dashboard", "false", "--disable-usage-stats", *named)
    models = ("--model", str(SMALL), "--sequential")
    words = [sys.executable, "-m", "medic_console", "--archive", str(archive)]
    on_it = ["--ray", f"127.0.0.1:{port}", "--workers", "2", "--worker-cpus", "1"]
    home = as_a_fresh_shell(MEDIC_CONSOLE_HOME=str(tmp_path))
    folders = [Path(tempfile.mkdtemp(prefix="mc-ray-", dir="/tmp")) for _ in range(2)]  # Ray's sockets: short names
    try:
        ray_command(*start, str(folders[0]))
        run = subprocess.Popen(
            [*words, "run", "gsm8k", *models, *on_it],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=home,
        )
        wait_until(lambda: archive.exists() and len(stored(archive)) > 2, "answers")
        end_all(str(folders[0]))
        ray_command(*start, str(folders[1]))
        _, errors = run.communicate(timeout=180)
        assert run.returncode == 1 and "Resume it:" in errors, errors
        assert "was started again: it is another cluster" in " ".join(errors.split()), errors
        kept = stored(archive)
        done = subprocess.run([*words, "resume", *on_it], capture_output=True, text=True, timeout=180, env=home)
        assert done.returncode == 0, done.stderr
    finally:
        for folder in folders:
            end_all(str(folder))
            shutil.rmtree(folder, ignore_errors=True)
    assert 2 < len(kept) < 14 and kept == stored(archive)[: len(kept)]
    assert len(stored(archive)) == len({row[1] for row in stored(archive)}) == 14


def stored(archive: Path) -> list[tuple[Any, ...]]:
    """Return the outputs with their items, in the order in which they came."""
    try:
        return rows(archive, "SELECT output, item, text FROM calls JOIN outputs ON outputs.id = output ORDER BY output")
    except sqlite3.Error:  # it is being made
        return []


def test_a_machine_finds_its_file_by_digest_alone(plan: Plan, tmp_path: Path) -> None:
    model = plan.candidates[0]
    elsewhere = replace(model, path=Path("/nowhere/there.gguf"), files=(Path("/nowhere/there.gguf"),))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "copy.gguf").write_bytes(SMALL.read_bytes())
    (tmp_path / "a" / "there.gguf").write_bytes(SMALL.read_bytes()[:-1] + b"x")
    task = Task("run", elsewhere, plan.settings, "streams", (str(tmp_path),))
    assert find_model(task.model, task.roots) == tmp_path / "a" / "copy.gguf"
    with pytest.raises(EngineError, match=r"no file with the digest f4b68100"):
        find_model(elsewhere, (str(tmp_path / "none"),))


def test_a_cluster_without_the_file_says_where_it_looked(cluster: Cluster, plan: Plan) -> None:
    gone = replace(plan.candidates[0], path=Path("/nowhere/there.gguf"), files=(Path("/nowhere/there.gguf"),))
    with pytest.raises(EngineError, match="no file with the digest"):
        cluster.start(gone, "streams", plan.settings, "test")


def test_a_cluster_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    port = free_port()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "medic_console", "--archive", str(tmp_path / "a.db")),
            *("run", "medqa", "--model", str(SMALL), "--limit", "1", "--ray", f"127.0.0.1:{port}"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PYTHONPATH": str(MODELS.parents[1]), "MEDIC_CONSOLE_HOME": str(tmp_path)},
    )
    assert done.returncode == 2 and "the cluster cannot be reached" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
