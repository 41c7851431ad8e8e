"""Runs whose models are behind a server: what is stored, what is lost when it goes away, and who is doubted."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.archive.database import open_readonly
from medic_console.archive.verify import verify
from medic_console.audit.events import ModelChanged, RunEnded
from medic_console.audit.plan import Plan
from medic_console.audit.prepare import usable_models
from medic_console.console.new_run.offers import offered
from medic_console.core import seccomp
from medic_console.core.errors import ModelFileError
from medic_console.core.records import Outcome
from medic_console.core.run_settings import RunSettings
from medic_console.engine.endpoint.access import Access
from medic_console.engine.endpoint.address import address_of
from medic_console.engine.endpoint.client import KEY
from medic_console.engine.endpoint.engine import EndpointEngine
from medic_console.engine.files.model import ModelFile
from medic_console.engine.protocol.port import Engine
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit, restore_plan
from medic_console.session.last_run import last_run
from tests.conftest import Say, document, free_port, refused, run_command, sample_task
from tests.engine.endpoint.server import MODEL, Fault, Handler, Script, serving
from tests.engine.endpoint.test_engine import QUICK, change_and_hang_up, silent

BUSY = RunSettings(multiple_choice="generated")
SHAPE = "behind a server, up to 8 requests together"


def choosing(text: str) -> str:
    return "A" if "Options" in text or "\nA" in text else f"I heard: {text[:20]}"


def started(model: ModelFile, cache: str) -> Engine:
    assert model.served is not None
    return EndpointEngine(model.served, Access(), parallel=2, patience=QUICK)


def plan_at(base: str, tmp_path: Path, limit: int = 6) -> Plan:
    (model,) = usable_models([address_of(base)], BUSY)
    return Plan((sample_task("medqa", tmp_path, limit),), (model,), (), BUSY)


def run_to_end(audit: Audit) -> RunEnded:
    ended = [event for event in audit.events() if isinstance(event, RunEnded)]
    return ended[0]


def outcomes(archive: Path, run: str) -> Counter[str]:
    with closing(open_readonly(archive)) as connection:
        return Counter(row[0] for row in connection.execute("SELECT outcome FROM scores WHERE run = ?", [run]))


def outputs(archive: Path) -> int:
    with closing(open_readonly(archive)) as connection:
        return int(connection.execute("SELECT count(*) FROM outputs").fetchone()[0])


def test_a_run_from_the_command_line_is_like_any_other(
    tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "sk-secret-123")
    archive = tmp_path / "a.db"
    with serving(Script(say=choosing)) as base:
        words = ("run", "medqa", "--endpoint", base, "--limit", "3", "--archive", archive)
        record = document(say(*words, "--json"))
        said = say("archive", "results", record["run"], "--archive", archive)
        report = say("report", record["run"], "--archive", archive, "--out", tmp_path / "report")
    assert [task["counts"]["scored"] for task in record["models"][0]["tasks"]] == [3]
    for line in (
        "prompts are put together by the server",
        "neither weighs labels nor can be held to them",
        base[7:-3],
        SHAPE,
    ):
        assert line in said[1]
    assert report[0] == 0, report[2]
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert archive in written and len(written) > 3
    assert not [path for path in written if b"sk-secret-123" in path.read_bytes()]
    assert verify(archive).holds


def test_what_cannot_be_named_so_is_refused_before_anything_is_stored(tmp_path: Path, say: Say) -> None:
    archive = tmp_path / "a.db"
    named = ("run", "medqa", "--limit", "1", "--archive", archive, "--endpoint")
    refused(say(*named, "http://127.0.0.1:1/v1"), "cannot be reached")
    refused(say(*named, "http://me:secret@host/v1"), "would be stored")
    with serving(Script()) as base:
        refused(say(*named, base, "--endpoint", base), "the same model of one server")
        refused(say(*named, f"{base}#other"), "has no model other")
        refused(say(*named, base, "--chat-template", "none"), "a server puts its prompts together")
    assert not archive.exists()


def test_a_public_address_needs_the_switch_and_is_warned_of(
    tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medic_console.engine.endpoint.access._NETWORKS", ())
    with serving(Script(say=choosing)) as base:
        named = ("run", "medqa", "--endpoint", base, "--limit", "1", "--archive", tmp_path / "a.db")
        code, _, error = say(*named)
        assert code != 0 and "--allow-public-endpoint" in error
        code, _, error = say(*named, "--allow-public-endpoint")
        assert code == 0 and "every prompt goes there" in error


def test_a_server_that_dies_in_the_middle_and_comes_again_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    archive, port, script = tmp_path / "a.db", free_port(), Script(say=choosing)
    servers = contextlib.ExitStack()
    base = servers.enter_context(serving(script, port))
    died = threading.Event()

    def die(handler: Handler) -> None:
        handler.begin("text/event-stream")
        handler.piece({"delta": {"content": "A"}})
        died.set()
        handler.rfile.read(1)  # until the connection is gone

    script.faults = [None, None, die]
    audit = Audit(archive, plan_at(base, tmp_path), start=started)

    def again() -> None:
        died.wait(10)
        servers.close()
        servers.enter_context(serving(script, port))

    helper = threading.Thread(target=again)
    helper.start()
    try:
        ended = run_to_end(audit)
    finally:
        died.set()
        helper.join()
        servers.close()
    assert ended.status == "done", ended.message
    assert outcomes(archive, audit.run) == {"scored": 6} and outputs(archive) == 6
    assert sum(script.prompts.values()) <= 8  # those that were under way as it died, once more


def test_a_run_whose_server_stays_away_is_resumed_where_it_stopped(tmp_path: Path) -> None:
    archive, script = tmp_path / "a.db", Script(say=choosing)
    with serving(script) as base:
        script.faults = [None, None, *[gone_for_good] * 50]
        first = Audit(archive, plan_at(base, tmp_path), start=brief)
        assert run_to_end(first).status == "stopped"
        kept = outputs(archive)
        script.faults = []
        plan = restore_plan(archive, first.run)
        assert run_to_end(Audit(archive, plan, start=started)).status == "done"
    assert 0 < kept < 6 == outputs(archive)
    assert outcomes(archive, first.run) == {"scored": 6}


def brief(model: ModelFile, cache: str) -> Engine:
    assert model.served is not None
    return EndpointEngine(model.served, Access(), parallel=1, patience=replace(QUICK, outage=0.1))


def gone_for_good(handler: Handler) -> None:
    handler.give({"error": "no"}, 503)


def test_a_change_during_a_run_marks_its_figures_and_the_run_is_not_resumed_with_the_other(tmp_path: Path) -> None:
    archive, script = tmp_path / "a.db", Script(say=choosing)
    with serving(script) as base:
        script.faults = [None, None, change_and_hang_up(script, say=lambda text: "B")]
        audit = Audit(archive, plan_at(base, tmp_path), start=started)
        events = list(audit.events())
        assert [type(event) for event in events[-2:]] == [ModelChanged, RunEnded]
        with pytest.raises(ModelFileError, match="another model answers than the one that the run began with"):
            restore_plan(archive, audit.run)
    with closing(Reader(archive)) as reader:
        view = reader.results(audit.run)[0].tasks[0]
    assert "its answers to fixed questions are others" in view.primary.provisional
    assert verify(archive).holds
    with closing(open_readonly(archive)) as connection:
        (status,) = connection.execute("SELECT status FROM sittings").fetchone()
    assert status.startswith("changed sha256:")


def test_a_change_that_shows_at_the_end_alone_marks_the_figures_of_all_items(tmp_path: Path) -> None:
    archive, script = tmp_path / "a.db", Script(say=choosing)
    with serving(script) as base:
        plan = plan_at(base, tmp_path, 2)
        events = []
        for event in Audit(archive, plan, start=started).events():
            events.append(event)
            if "ItemScored" in type(event).__name__:
                script.say = lambda text: "A" if "\nA" in text else "Other."
    assert events[-1].status == "stopped" if isinstance(events[-1], RunEnded) else False
    assert outcomes(archive, events[0].run) == {"scored": 2}  # type: ignore[union-attr]
    with closing(Reader(archive)) as reader:
        assert reader.results(reader.runs()[0].id)[0].tasks[0].primary.provisional


def test_the_same_model_in_two_runs_is_one_and_another_is_another(tmp_path: Path) -> None:
    script = Script(say=choosing)
    with serving(script) as base:
        (first,), (same,) = (usable_models([address_of(base)], BUSY) for _ in range(2))
        script.say = lambda text: "Other."
        (other,) = usable_models([address_of(base)], BUSY)
    assert first.sha256 == same.sha256 != other.sha256
    assert first.file == f"{base}#{MODEL}" and first.metadata["fingerprint"] != other.metadata["fingerprint"]


def test_results_and_comparisons_say_that_an_address_stood_for_another_model_before(tmp_path: Path, say: Say) -> None:
    archive, script = tmp_path / "a.db", Script(say=choosing)
    with serving(script) as base:
        words = ("run", "medqa", "--endpoint", base, "--limit", "2", "--archive", archive, "--json")
        runs = [document(say(*words))]
        script.say = lambda text: "A" if "\nA" in text else "Other."
        runs += [document(say(*words)) for _ in range(2)]
        script.gets["/version"] = {"version": "9"}
        runs.append(document(say(*words)))
    said = [say("archive", "results", run["run"], "--archive", archive)[1] for run in runs]
    told = [" ".join(text.split()) for text in said]
    stood, others = (
        f"{base}#{MODEL} stood for another model before, in run ",
        "its answers to fixed questions are others",
    )
    assert stood not in told[0]
    assert f"{stood}{runs[0]['run']}: {others}" in told[1] and f"{stood}{runs[0]['run']}: {others}" in told[2]
    assert f"{stood}{runs[2]['run']}: the server was unknown 1.2.3 and is unknown 9" in told[3]
    assert others not in told[3]
    last = last_run(archive)
    assert last is not None and last.models == (address_of(f"{base}#{MODEL}"),) and last.notes == ()
    (entry,) = [entry for entry in offered(archive, ()) if MODEL in entry.source.name]
    assert entry.source == last.models[0] and entry.model is None and not entry.gone
    first, second = (run["models"][0]["sha256"][7:19] for run in runs[:2])
    compared = " ".join(say("compare", first, second, "--archive", archive)[1].split())
    assert compared.count(f"{stood}{runs[0]['run']}: {others}.") == 1


def test_a_report_repeats_a_run_with_the_address_of_its_server(tmp_path: Path, say: Say) -> None:
    archive, out = tmp_path / "a.db", tmp_path / "out"
    with serving(Script(say=choosing)) as base:
        words = ("run", "medqa", "--endpoint", base, "--limit", "2", "--seed", "5", "--archive", archive, "--json")
        run = document(say(*words))["run"]
    say("report", run, "--archive", archive, "--out", out, "--no-verify")
    (line,) = [line for line in (out / "report.md").read_text("utf-8").splitlines() if "Repeat it" in line]
    assert f"medic-console run medqa --endpoint '{base}#{MODEL}' --limit 2 --seed 5" in line.replace("\\", "")
    assert "--model" not in line


def test_prompts_that_do_not_fit_are_unscored_with_the_reason_as_for_files(tmp_path: Path) -> None:
    said = "This model's maximum context length is 512 tokens. However, you requested 700 tokens (690 in the messages, "
    over: Fault = lambda handler: handler.give({"error": {"message": f"{said}10 in the completion)."}}, 400)  # noqa: E731
    script = Script(say=choosing, faults=[over, over])
    archive = tmp_path / "a.db"
    with serving(script) as base:
        audit = Audit(archive, plan_at(base, tmp_path, 3), start=started)
        assert run_to_end(audit).status == "done"
    assert outcomes(archive, audit.run) == {"unscored": 2, "scored": 1}
    with closing(Reader(archive)) as reader:
        assert reader.results(audit.run)[0].tasks[0].reasons == {"context overflow": 2}


def test_a_stop_at_once_ends_a_run_that_waits_for_its_server(tmp_path: Path) -> None:
    script = Script(say=choosing, faults=[None, silent, silent])
    archive = tmp_path / "a.db"
    with serving(script) as base:
        audit = Audit(archive, plan_at(base, tmp_path), start=patient)
        ended = None
        for event in audit.events():
            if "ItemScored" in type(event).__name__:
                audit.control.stop_at_once()
            ended = event
    assert isinstance(ended, RunEnded) and ended.status == "interrupted"
    assert outcomes(archive, audit.run)[Outcome.FAILED] == 0


def patient(model: ModelFile, cache: str) -> Engine:
    assert model.served is not None
    return EndpointEngine(model.served, Access(), parallel=2, patience=replace(QUICK, silent=60.0))


def judging(text: str) -> str:
    return "YES" if "YES" in text else f"I heard: {text[:20]}"


def test_a_served_judge_is_qualified_like_any_other_and_its_card_holds(tmp_path: Path, say: Say) -> None:
    archive = tmp_path / "a.db"
    with serving(Script(say=judging, form="grammar")) as base:
        named = ("judge", "qualify", "--endpoint", base, "--task", "healthbench", "--archive", archive)
        made = say(*named, "--json")
        listed = say("judge", "list", "--archive", archive)
    assert made[0] in (0, 1), made[2]
    assert "expired" not in listed[1] and MODEL in listed[1]
    (judge,) = json.loads(made[1])["judges"]
    assert judge["methods"]


def test_a_served_judge_judges_a_run_and_is_provisional_until_it_is_qualified(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(Script(say=judging, form="grammar")) as base:
        (model,) = usable_models([address_of(base)], BUSY)
        candidate, judge = (replace(model, sha256=f"sha256:{name}") for name in ("candidate", "judge"))
        plan = Plan((sample_task("healthbench", tmp_path, 2),), (candidate,), (judge,), BUSY)
        audit = Audit(archive, plan, start=started)
        assert run_to_end(audit).status == "done"
    assert outcomes(archive, audit.run)["scored"] == 2
    with closing(Reader(archive)) as reader:
        view = reader.results(audit.run)[0].tasks[0]
    assert "has not been qualified" in view.provisional


@pytest.mark.skipif(bool(seccomp.obstacle()), reason=seccomp.obstacle())
def test_where_the_kernel_refuses_sockets_the_command_that_resumes_a_run_with_servers_is_told(tmp_path: Path) -> None:
    archive, script = tmp_path / "a.db", Script(say=choosing, faults=[None, *[gone_for_good] * 50])
    with serving(script) as base:
        stopped = Audit(archive, plan_at(base, tmp_path), start=brief)
        assert run_to_end(stopped).status == "stopped"
        asked = len(script.asked)
        lines = f"""
from pathlib import Path
from medic_console.core import offline, seccomp
from medic_console.core.errors import UsageError
from medic_console.session.audit import restore_plan
seccomp._LISTENER_AND_ALL = 1 << 20  # as where another listener is there already
offline.refuse()
try:
    restore_plan(Path({str(archive)!r}), {stopped.run!r})
except UsageError as error:
    print(error.message, error.hint, offline.seen().attempts)
"""
        done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
        assert len(script.asked) == asked
        words = [sys.executable, "-c", f"{lines.replace('seccomp._', '_')}else:\n    print(offline.seen().attempts)"]
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout == "0\n"
        assert len(script.asked) > asked  # where the kernel can be asked, the server is
    assert f"Run {stopped.run} has models behind servers" in done.stdout
    assert f"medic-console resume {stopped.run} --archive {archive} 0\n" in done.stdout


def test_the_proof_lets_the_named_server_through_and_says_so(tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    with serving(Script(say=choosing)) as base:
        words = ("run", "medqa", "--endpoint", base, "--limit", "1", "--archive", archive)
        done = run_command(*words, "--offline-proof")
    assert done.returncode == 0, done.stderr
    assert "0 outbound attempts" in done.stdout and f"Allowed: {base[7:-3]}" in done.stdout
