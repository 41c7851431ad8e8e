"""Nothing goes out: whole audits reach nowhere; a plug-in, a child or native code that tries is refused and counted."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from medic_console.commands.demo import SMALL
from medic_console.core import paths, seccomp
from medic_console.core.offline import CHILDREN, COUNTED, NONE, REFUSED, Network, in_words
from tests.conftest import PATIENCE, command_environment, run_command
from tests.test_plugins import TASK, installed, run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="asyncio needs the loopback address there")
kernel = pytest.mark.skipif(bool(seccomp.obstacle()), reason=seccomp.obstacle() or "the kernel can be asked")
WAYS = ("by_python", "by_name", "by_native_code")
PLUGIN = '''"""Reaches out while it scores."""

from medic_console.core.metrics import Metric
from medic_console.core.records import Outcome, Score
from medic_console.scoring.scorers.registry import scorer
from tests.faults.reaching import reach


@scorer("reaching", version="1", worst=lambda *of: {"reached": 0.0}, values={"reached": Metric("Reached", "reached")})
def score(item, answer, resources):
    return Score(Outcome.SCORED, {"reached": 0.0}, verdict=repr(reach(int(item.gold))))
'''
CHANGES = {
    "ward_list": "samples",
    "first_digit": "text",
    "urgency_nearness": "reached",
    "nearness": "reaching",
    '["ward.csv"]': "[]",
    "max_tokens = 8": "max_tokens = 256",
}
TRYING = """
import json, sys
from medic_console.core import offline, seccomp
from medic_console.childproc.child import Child
from tests.faults.reaching import reach
{before}
before = offline.seen()
child = Child("tests.faults.reaching")
said = [json.loads(child.ask(sys.argv[1].encode() + b"\\n", 60))]
child.end()
said.append(reach(int(sys.argv[1])))
seen = offline.since(before)
print(json.dumps([*said, seen and [seen.attempts, seen.kernel]]))
"""


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Someone on this machine whom nobody may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def unreached(server: socket.socket) -> bool:
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return True
    return False


def tried(server: socket.socket, before: str) -> Any:
    """Reach out from a child and from the process that starts it; return what came of it, and what was seen."""
    words = [sys.executable, "-c", TRYING.format(before=before), str(server.getsockname()[1])]
    done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, env=command_environment())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


REFUSED_ALL = dict.fromkeys(WAYS, "PermissionError")


@kernel
def test_a_process_and_its_child_are_refused_and_every_attempt_is_counted(listening: socket.socket) -> None:
    child, parent, seen = tried(listening, "offline.refuse()")
    assert child == parent == REFUSED_ALL
    assert seen == [6, COUNTED] and unreached(listening)


@kernel
def test_a_kernel_that_tells_nobody_refuses_all_the_same(listening: socket.socket) -> None:
    child, parent, seen = tried(listening, "seccomp._LISTENER_AND_ALL = 1 << 20\noffline.refuse()")
    assert child == parent == REFUSED_ALL
    assert seen == [4, REFUSED] and unreached(listening)


@kernel
def test_children_of_a_process_that_must_reach_an_address_are_refused_by_themselves(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    child, parent, seen = tried(listening, f"offline.allow('127.0.0.1', {port})\noffline.refuse(kernel=False)")
    assert child == REFUSED_ALL
    assert parent == {"by_python": "", "by_name": "PermissionError", "by_native_code": ""}
    assert seen == [3, CHILDREN] and not unreached(listening)


@kernel
def test_an_address_that_is_named_later_is_reached_by_this_process_and_by_no_child(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    child, parent, seen = tried(listening, f"offline.refuse()\noffline.allow('127.0.0.1', {port})")
    assert child == REFUSED_ALL
    assert parent == {"by_python": "", "by_name": "PermissionError", "by_native_code": ""}
    assert seen == [4, COUNTED] and not unreached(listening)


@kernel
def test_children_of_a_program_that_watches_nothing_are_refused_too(listening: socket.socket) -> None:
    child, parent, seen = tried(listening, "")
    assert child == REFUSED_ALL and parent == dict.fromkeys(WAYS, "")
    assert seen is None


def test_where_there_is_no_such_kernel_python_alone_is_refused(listening: socket.socket) -> None:
    child, parent, seen = tried(listening, "seccomp.obstacle = lambda: 'none'\noffline.refuse()")
    assert parent == {"by_python": "PermissionError", "by_name": "PermissionError", "by_native_code": ""}
    assert child["by_python"] == child["by_name"] == "PermissionError"
    assert seen == [4, NONE] and unreached(listening)


def test_a_person_may_have_none_of_it(listening: socket.socket) -> None:
    child, parent, seen = tried(listening, "offline.refuse_nothing()")
    assert child == parent == dict.fromkeys(WAYS, "") and seen is None


def test_a_plugin_that_reaches_out_is_refused_counted_and_told(listening: socket.socket, tmp_path: Path) -> None:
    site = installed(tmp_path / "site", "far-parts", PLUGIN, "[medic_console.scorers]\nreaching = far_parts:score\n")
    task = paths.config_dir() / "tasks" / "ward"
    task.mkdir(parents=True)
    text = (
        TASK.replace("max_tokens = 8", "max_tokens = 256")
        .replace("ward_list", "samples")
        .replace("first_digit", "text")
        .replace("nearness", "reaching")
    )
    (task / "task.toml").write_text(text.replace("urgency_reaching", "reached").replace('["ward.csv"]', "[]"), "utf-8")
    sample = {"id": "s-1", "fields": {"complaint": "A cold."}, "gold": str(listening.getsockname()[1])}
    (task / "samples.jsonl").write_text(json.dumps(sample) + "\n", "utf-8")
    audit = ("run", "ward", "--model", SMALL, "--archive", tmp_path / "a.db", "--sequential")
    done = run(site, *audit)
    assert done.returncode == 0, done.stderr
    attempts = 2 if seccomp.obstacle() else 3
    assert f"Network: {attempts} outbound attempts." in " ".join(done.stdout.split())
    assert unreached(listening)
    (model,) = json.loads(run(site, *audit, "--json", "--no-offline-proof").stdout)["models"]
    assert model["tasks"][0]["counts"]["scored"] == 1 and not unreached(listening)


@pytest.mark.slow
def test_whole_audits_reach_nowhere(random_encoder: Path, tmp_path: Path) -> None:
    tasks = ("medqa", "ehrsql", "medec", "aci_bench")
    audit = ("run", *tasks, "--model", SMALL, "--judge", SMALL, "--encoder", random_encoder, "--limit", "1")
    done = run_command(*audit, "--archive", tmp_path / "a.db", "--offline-proof", "--json")
    assert done.returncode in (0, 1), done.stderr
    record = json.loads(done.stdout)
    (seen,) = record["network"]
    assert seen == {"attempts": 0, "kernel": NONE if seccomp.obstacle() else COUNTED, "allowed": []}
    assert any(line.startswith("Network: 0 outbound attempts.") for line in record["summary"])
    assert {task["task"] for task in record["models"][0]["tasks"]} == set(tasks)
    report = run_command("report", record["run"], "--out", tmp_path / "report", "--archive", tmp_path / "a.db")
    assert report.returncode == 0, report.stderr
    assert "Network: 0 outbound attempts." in (tmp_path / "report" / "report.md").read_text("utf-8")
    (sitting,) = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))["runs"][0]["sittings"]
    assert sitting["network"] == seen


def test_the_settings_may_say_no(tmp_path: Path) -> None:
    (paths.config_dir()).mkdir(parents=True)
    (paths.config_dir() / "settings.toml").write_text("[safety]\noffline_proof = false\n", "utf-8")
    audit = ("run", "medqa", "--model", SMALL, "--limit", "1", "--archive", tmp_path / "a.db", "--json")
    assert json.loads(run_command(*audit).stdout)["network"] == [None]


def test_what_is_not_proved_is_said() -> None:
    assert in_words(()) == in_words((None,)) == ""
    said = in_words((Network(0, COUNTED), None, Network(1, NONE, ("10.0.0.1:80",))))
    assert said.startswith("Network: 1 outbound attempt. ")
    assert "nothing is proved here" in said and "Allowed: 10.0.0.1:80." in said
    assert "Of 1 of 3 sittings nothing is known." in said


def test_a_cluster_that_is_to_be_reached_and_nothing_going_out_cannot_both_be_had(tmp_path: Path) -> None:
    words = ("run", "medqa", "--model", SMALL, "--ray", "10.0.0.1:1", "--archive", tmp_path / "a.db")
    done = run_command(*words, "--offline-proof")
    assert done.returncode == 2 and "--ray reaches other machines" in done.stderr
