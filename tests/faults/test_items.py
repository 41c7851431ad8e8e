"""What ends an item, never a run: scores that are no numbers, prompts heard twice, children that die in the middle."""

from __future__ import annotations

import datetime
import math
import os
import signal
import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from medic_console.archive.rows import run_order
from medic_console.archive.store import Store
from medic_console.audit.driver import Control, Driver
from medic_console.audit.events import ItemRef, ItemScored, OutputReady, RunEnded
from medic_console.core.errors import EngineError
from medic_console.core.records import Answer, Item, Outcome, Output, Prompt, Score
from medic_console.engine.parent.encoder import Encoder
from medic_console.engine.protocol.port import Granted
from medic_console.results.reader import Reader
from medic_console.scoring.scorers.registry import SCORERS
from medic_console.scoring.sql.sandbox import Sandbox
from medic_console.scoring.steps import Flow
from medic_console.session.audit import Audit
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import Scripts, fake_model, make_plan, sample_task, user_prompt, wait_until

MODEL = fake_model("alpha")


def outcomes(script: Callable[[Prompt], Reply], flows: list[Callable[[], Flow]]) -> dict[str, Outcome]:
    """Return how judged items end, in the order of the flows."""

    def ready(of: ItemRef, prompt: Prompt, output: Output, recalled: bool) -> OutputReady:
        return OutputReady(of, prompt.id, MODEL, Granted(), prompt, output, recalled)

    driver = Driver(ScriptedEngine(script), 2, lambda of, prompt: None, ready, Control(), judging=True)
    work = [(ItemRef(MODEL.sha256, "task", str(number)), flow) for number, flow in enumerate(flows)]
    return {event.ref.item: event.score.outcome for event in driver.run(work) if isinstance(event, ItemScored)}


def asks(*prompts: Prompt) -> Flow:
    yield list(prompts)
    return Score(Outcome.SCORED)


@pytest.mark.parametrize("reply", [EngineError("it broke"), "said"])
def test_a_flow_that_listens_twice_to_one_request_ends_once(reply: Reply) -> None:
    def answer(prompt: Prompt) -> Reply:
        return reply if prompt.messages[-1].content == "same" else "said"

    found = outcomes(
        answer,
        [
            lambda: asks(user_prompt("one", "same"), user_prompt("two", "same")),
            lambda: asks(user_prompt("one", "other")),
        ],
    )
    assert found == {"0": Outcome.FAILED if isinstance(reply, EngineError) else Outcome.SCORED, "1": Outcome.SCORED}


def test_a_flow_that_asks_twice_under_one_name_fails_alone() -> None:
    found = outcomes(
        lambda prompt: "said",
        [
            lambda: asks(user_prompt("one", "a"), user_prompt("one", "b")),
            lambda: asks(user_prompt("one", "c")),
        ],
    )
    assert found == {"0": Outcome.FAILED, "1": Outcome.SCORED}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match=f"accuracy is {value}"):
        Score(Outcome.SCORED, {"accuracy": value})


@pytest.mark.parametrize("fields", [{"values": {"accuracy": math.nan}}, {"answer": ["no text"]}])
def test_an_item_whose_score_cannot_be_stored_fails_and_the_run_goes_on(
    fields: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = sample_task("medqa", tmp_path / "cache")
    name, first = task.task.scorer, task.items[0].id
    sound = SCORERS[name]

    def score(item: Item, answer: Answer, resources: Mapping[str, Path]) -> Score:
        return Score(Outcome.SCORED, **fields) if item.id == first else sound(item, answer, resources)

    monkeypatch.setattr("medic_console.scoring.flow.SCORERS", {**SCORERS, name: score})
    audit = Audit(tmp_path / "a.db", make_plan([task], [MODEL]), Scripts(alpha=lambda prompt: {"A": 1.0}).start)
    ended = [event for event in audit.events() if isinstance(event, RunEnded)]
    assert [event.status for event in ended] == ["done"]
    with closing(Reader(tmp_path / "a.db")) as reader:
        rows = reader.items(audit.run, "medqa", MODEL.sha256, "")
    assert [row.outcome for row in rows] == [Outcome.FAILED, Outcome.SCORED, Outcome.SCORED]


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sql") / "hospital.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE patients (id INTEGER)")
    return path


def killed_while_asked(pid: int | None, ask: Callable[[], Any]) -> Any:
    """Ask a process that is held still and killed before it can answer."""
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(0.2, os.kill, (pid, signal.SIGKILL))
    timer.start()
    try:
        return ask()
    finally:
        timer.join()


def test_a_statement_whose_process_was_killed_is_executed_by_another(hospital: Path) -> None:
    sandbox = Sandbox(hospital)
    assert sandbox.execute("SELECT 1").result.error == ""
    found = killed_while_asked(sandbox.pid, lambda: sandbox.execute("SELECT 2")).result
    sandbox.close()
    assert (found.error, found.rows) == ("", ((2,),))


def at_work(pid: int, ticks: int = 20) -> bool:
    """Tell whether a process has opened its database and computed for a while since; its start takes no such while."""
    try:
        opened = {link.readlink().name for link in Path(f"/proc/{pid}/fd").iterdir()}
        spent = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])
    except OSError:
        return False
    if "hospital.sqlite" not in opened:
        return False
    return spent >= BEGUN.setdefault(pid, spent) + ticks


BEGUN: dict[int, int] = {}


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="/proc")
def test_a_statement_that_ends_two_processes_is_an_error_of_its_own(hospital: Path) -> None:
    sandbox = Sandbox(hospital, deadline=30)

    def kill_two() -> None:
        killed: set[int] = set()
        while len(killed) < 2:
            wait_until(lambda: sandbox.pid not in (None, *killed) and at_work(sandbox.pid or 0), "a process at work")
            killed.add(sandbox.pid or 0)
            os.kill(sandbox.pid or 0, signal.SIGKILL)

    killer = threading.Thread(target=kill_two)
    killer.start()
    found = sandbox.execute("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t")
    killer.join()
    assert "ended with code -9, twice" in found.result.error
    assert sandbox.execute("SELECT 3").result.rows == ((3,),)
    sandbox.close()


def test_texts_whose_encoder_was_killed_are_encoded_by_another(random_encoder: Path, tmp_path: Path) -> None:
    encoder = Encoder(random_encoder, tmp_path / "encoder.log")
    (before,) = encoder.embed(["a note"])
    (after,) = killed_while_asked(encoder.pid, lambda: encoder.embed(["a note"]))
    encoder.close()
    assert before is not None and after is not None and (before[0] == after[0]).all()


def test_more_than_a_thousand_runs_of_a_day_have_names_of_their_own(tmp_path: Path) -> None:
    day = datetime.date(2026, 3, 2)
    plan = make_plan([sample_task("medqa", tmp_path / "cache", limit=1)], [MODEL])
    store = Store(tmp_path / "a.db")
    first = store.create_run(plan, day)
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("UPDATE runs SET id = '2026-03-02-999' WHERE id = ?", [first])
        connection.execute("UPDATE run_models SET run = '2026-03-02-999'")
        for table in ("run_tasks", "run_items"):
            connection.execute(f"UPDATE {table} SET run = '2026-03-02-999'")
    made = [store.create_run(plan, day) for _ in range(3)]
    store.close()
    assert made == ["2026-03-02-1000", "2026-03-02-1001", "2026-03-02-1002"]
    ids = ["2026-03-01-1000", "2026-03-02-999", *made, "2026-03-03-001"]
    assert sorted(ids, key=run_order) == ids and sorted(ids) != ids
    with closing(Reader(tmp_path / "a.db")) as reader:
        assert [view.id for view in reader.runs()] == [*reversed(made), "2026-03-02-999"]
