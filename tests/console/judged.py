"""Archives of judges: one with judges in every state, and one whose run three judges judged."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from medic_console.archive.store import Store
from medic_console.core.records import Prompt
from medic_console.engine.files.model import ModelFile
from medic_console.results.judging.card import card_row
from medic_console.testing.scripted import Reply, ScriptedEngine
from tests.conftest import fake_model, make_plan, sample_task
from tests.console.audited import pin_times
from tests.console.inspected import CLINIC, JUDGE, WARD, judge_reply, run_plan, start
from tests.results.judging.replies import perfect, yes_sayer
from tests.results.judging.scripts import CEF, HARMFUL, judge_of, qualified

QUALIFIED_IN, REFUSED_IN = "2026-03-01-001", "2026-03-01-002"
POOR = "yes-3b"
SECOND, THIRD = fake_model("strict-9b"), fake_model("mild-9b")
OWN_QUESTION = "Is a cough told of?"


def write_judged(path: Path, inspected: Path) -> Path:
    """Write an archive with a judge that is qualified, one that is not, one whose card has expired, and one without.

    Args:
        path: Where it goes.
        inspected: The archive of the inspectors, whose run judge-14b judged by every method.
    """
    shutil.copy(inspected, path)
    good, _ = qualified(path, (CEF, HARMFUL), first=None, **{JUDGE.name: judge_of(perfect)})
    poor, _ = qualified(path, (CEF, HARMFUL), first=12, **{POOR: judge_of(yes_sayer)})
    old = next(card for card in poor if card.method == "harm")
    store = Store(path)
    engine = {**old.conditions.engine, "build": "llama.cpp of last year"}
    store.add_cards([card_row(replace(old, conditions=replace(old.conditions, engine=engine)))])
    store.close()
    _pin(path, good[0].run, QUALIFIED_IN)
    _pin(path, old.run, REFUSED_IN)
    return path


def write_panel(path: Path, cache: Path) -> Path:
    """Write an archive with one run of two candidates that three judges judged by every method."""
    limits = {"med_safety": 2, "medication_qa": 1, "healthbench": 1, "aci_bench": 2, "medqa": 1}
    tasks = [sample_task(name, cache, limit) for name, limit in limits.items()]
    run_plan(path, make_plan(tasks, (CLINIC, WARD), (JUDGE, SECOND, THIRD)), panel_start)
    pin_times(path)
    return path


def panel_start(model: ModelFile, cache: str) -> ScriptedEngine:
    """Load a model; the second judge is stricter than the first, the third milder, with a question of its own."""
    scripts = {SECOND.name: _strict, THIRD.name: _mild}
    return ScriptedEngine(scripts[model.name]) if model.name in scripts else start(model, cache)


def _strict(prompt: Prompt) -> Reply:
    if "Question: Is the cough dry?" in prompt.messages[-1].content:
        return {"YES": 0.2, "NO": 0.75, "IDK": 0.05}
    if set(prompt.labels) == {"YES", "NO"}:
        return {"YES": 0.1, "NO": 0.9}
    return {"1": 0.3, "3": 0.7} if "5" in prompt.labels else judge_reply(prompt)


def _mild(prompt: Prompt) -> Reply:
    if OWN_QUESTION in prompt.messages[-1].content:
        return {"YES": 0.97, "NO": 0.02, "IDK": 0.01}
    if "5" in prompt.labels:
        return {"1": 0.8, "2": 0.2}
    reply = judge_reply(prompt)
    return reply.replace("Is the cough dry?", OWN_QUESTION) if isinstance(reply, str) else reply


def _pin(path: Path, run: str, name: str) -> None:
    """Give the qualification the same name and time in every run of the tests."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            if "run" in columns:
                connection.execute(f"UPDATE {table} SET run = ? WHERE run = ?", (name, run))
        connection.execute("UPDATE runs SET id = ? WHERE id = ?", (name, run))
        connection.execute(
            "UPDATE qualifications SET card = json_set(card, '$.run', ?, '$.created', ?) WHERE run = ?",
            (name, "2026-03-01T17:05:00+00:00", name),
        )
