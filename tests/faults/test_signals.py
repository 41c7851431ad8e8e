"""SIGTERM, SIGHUP and a stop at once: the run ends in order, as interrupted, and can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from medic_console.audit.events import PromptText, RunEnded
from medic_console.audit.plan import Plan
from medic_console.core.errors import ArchiveError
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.engine.parent.supervisor import SupervisedEngine
from medic_console.engine.protocol.port import Engine
from medic_console.results.reader import Reader
from medic_console.session.audit import Audit
from medic_console.session.ending import asked_by, orderly_end
from medic_console.session.models import start_model
from tests.conftest import (
    CHOOSE,
    QUICK,
    Scripts,
    command,
    command_environment,
    fake_model,
    is_gone,
    make_plan,
    real_plan,
    sample_task,
    wait_until,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals")
ASKED = [signal.SIGTERM, signal.SIGHUP]


def stored(archive: Path, run: str) -> tuple[str, int, int]:
    """Return a run's status, its outputs and its scores."""
    with closing(Reader(archive)) as reader:
        rows = reader.stats()
        return reader.run(run).status, rows["outputs"], rows["scores"]


def endless_plan(model: Path, cache: Path) -> Plan:
    """Return a plan of an item whose answer takes tens of thousands of tokens."""
    loaded = sample_task("medcalc", cache, limit=1)
    prompt = replace(loaded.task.prompt, max_tokens=60_000)
    return real_plan([replace(loaded, task=replace(loaded.task, prompt=prompt))], [model], context=65_536)


@pytest.mark.parametrize("number", ASKED)
def test_items_that_end_within_the_grace_are_stored_and_no_other_begins(number: signal.Signals, tmp_path: Path) -> None:
    def reply(prompt: Prompt) -> str:
        os.kill(os.getpid(), number)
        return "A"

    plan = make_plan([sample_task("medcalc", tmp_path / "cache")], [fake_model("alpha")])
    audit, said = Audit(tmp_path / "a.db", plan, Scripts(alpha=reply).start), list[str]()
    with orderly_end(audit.control, said.append, grace=60):
        ended = [event for event in audit.events() if isinstance(event, RunEnded)]
    assert [event.status for event in ended] == ["interrupted"]
    assert said == [f"{number.name}: stopping after the items in flight, at once in 60 s."]
    assert stored(tmp_path / "a.db", audit.run) == ("interrupted", 1, 1)


@pytest.mark.parametrize("held", [False, True])
def test_past_the_grace_it_ends_at_once_and_its_engine_too(held: bool, endless_model: Path, tmp_path: Path) -> None:
    endless = endless_plan(endless_model, tmp_path / "cache")
    engines: list[SupervisedEngine] = []

    def start(model: ModelFile, cache: str) -> Engine:
        engine = start_model(model, endless.settings, cache, tmp_path / "engine.log")
        assert isinstance(engine, SupervisedEngine)
        engines.append(engine)
        children.append(engine.pid)
        return engine

    children: list[int] = []
    audit, ended, asked = Audit(tmp_path / "a.db", endless, start), list[str](), False
    with orderly_end(audit.control, lambda text: None, grace=0.1):
        for event in audit.events():
            if isinstance(event, PromptText) and not asked:
                asked = True
                if held:  # an engine that says nothing
                    os.kill(children[0], signal.SIGSTOP)
                os.kill(os.getpid(), signal.SIGTERM)
            if isinstance(event, RunEnded):
                ended.append(event.status)
    assert ended == ["interrupted"]
    assert stored(tmp_path / "a.db", audit.run) == ("interrupted", 0, 0)
    assert len(children) == 1 and engines[0].pid == children[0]
    wait_until(lambda: is_gone(children[0]), "the engine's end, which another thread brought about")


def test_under_nohup_a_terminal_that_goes_ends_nothing() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert asked_by() == (signal.SIGTERM,)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert asked_by() == (signal.SIGTERM, signal.SIGHUP)


def test_a_command_says_how_to_resume_and_ends_as_interrupted(endless_model: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a.db"
    words = command("run", "medqa", "--model", endless_model, "--archive", archive, *QUICK, *CHOOSE)
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=command_environment()) as process:
        wait_until(lambda: begun(archive), "the run")
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "SIGTERM: stopping after the items in flight, at once in 10 s." in err
    assert "Resume it: medic-console resume" in err and "Traceback" not in err


def begun(archive: Path) -> bool:
    """Tell whether a run goes on; its model is still to be loaded then."""
    try:
        with closing(Reader(archive)) as reader:
            return any(view.status == "running" for view in reader.runs())
    except ArchiveError:
        return False
